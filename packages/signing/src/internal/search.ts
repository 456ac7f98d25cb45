/** Finds the text under a signature, by trying the known mistakes alone and two at a time. */
import type { Code } from "../Cause.ts"
import type { VerificationKey } from "../KeyStore.ts"
import * as base64 from "./base64.ts"
import * as der from "./der.ts"
import { type Draft, equal, render, utf8 } from "./draft.ts"
import { type Hints, mistakes, type Variant } from "./mistakes.ts"
import { digest, fits, isHash, type Opened, open, verifyAs } from "./opened.ts"

/** One mistake: what it is, and the text before and after it. */
export interface Step {
  readonly code: Code
  readonly detail: string
  readonly from: Draft
  readonly to: Draft
}

/** How many texts are tried at most, and of how many bytes in all. */
const maxTexts = 10_000
const maxBytes = 64 * 1024 * 1024

/** Texts whose digests are under way at the same time. */
const batch = 64

/** In the order in which they stand there. */
const textual = /*#__PURE__*/ (Object.keys(mistakes) as ReadonlyArray<keyof typeof mistakes>).map((code) => ({
  code,
  ...mistakes[code]!
}))

const changes = (draft: Draft, change: Partial<Draft>): boolean =>
  (Object.keys(change) as ReadonlyArray<keyof Draft>).some((name) => {
    const [a, b] = [draft[name], change[name]]
    if (name === "body") return !equal(draft.body, change.body)
    return Array.isArray(a) && Array.isArray(b) ? a.join() !== b.join() : a !== b
  })

function* stepsOf(draft: Draft, code: Code, variants: Iterable<Variant>): Generator<Step> {
  for (const [detail, change] of variants) {
    if (changes(draft, change)) yield { code, detail, from: draft, to: { ...draft, ...change } }
  }
}

/** All single mistakes, the likely ones first; `far` are the many that are unlikely each. */
export function* singles(draft: Draft, hints: Hints, which: "near" | "far"): Generator<ReadonlyArray<Step>> {
  for (const mistake of textual) {
    for (const step of stepsOf(draft, mistake.code, mistake[which]?.(draft, hints) ?? [])) yield [step]
  }
}

/** Of these one at a time: nobody rewrites what was rewritten. */
const rewrites: ReadonlySet<Code> = /*#__PURE__*/ new Set([
  "BodyMissing",
  "BodyEmptyLine",
  "BodyPlaceholder",
  "MultipartWhole",
  "BodyEscapes",
  "BodyReserialised",
  "BodyTransformed",
  "BodyLineEnds"
] as const)

function* pairs(draft: Draft, hints: Hints): Generator<ReadonlyArray<Step>> {
  for (const [index, first] of textual.entries()) {
    for (const one of stepsOf(draft, first.code, first.near(draft, hints))) {
      for (const second of textual.slice(index + 1)) {
        if (rewrites.has(first.code) && rewrites.has(second.code)) continue
        for (const two of stepsOf(one.to, second.code, second.near(one.to, hints))) yield [one, two]
      }
    }
  }
}

function* attempts(draft: Draft, hints: Hints): Generator<ReadonlyArray<Step>> {
  yield []
  yield* singles(draft, hints, "near")
  yield* singles(draft, hints, "far")
  yield* pairs(draft, hints)
}

const signedBytes = async (draft: Draft): Promise<Uint8Array<ArrayBuffer>> => {
  const text = render(draft)
  if (draft.digest === undefined) return text
  const hashed = await digest("SHA-256", text)
  switch (draft.digest) {
    case "bytes":
      return hashed
    case "base64":
      return utf8(base64.encode(hashed))
    case "hex":
      return utf8(der.hex(hashed))
    case "HEX":
      return utf8(der.hex(hashed).toUpperCase())
  }
}

/** One way of reading the signature's bytes out of the header. */
export interface Reading {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** What is wrong with the way in which it was written; undefined for plain Base64. */
  readonly detail?: string | undefined
}

export interface Question {
  readonly draft: Draft
  readonly hints: Hints
  readonly readings: ReadonlyArray<Reading>
  readonly keys: ReadonlyArray<VerificationKey>
  readonly otherKeys: ReadonlyArray<VerificationKey>
}

/** What was spent. */
export interface Effort {
  /** Texts that were tried. */
  texts: number
  /** RSA operations with a public key. */
  operations: number
  /** Whether all known mistakes were tried, or enough of them to find one. */
  complete: boolean
}

/** A key that made the signature, and what it signed. */
export interface Match {
  readonly key: VerificationKey
  /** Whether it is one of those that should have signed. */
  readonly expected: boolean
  readonly reading: Reading
  readonly opened: Opened
  /** The mistakes, none for the right text; undefined where no text was found. */
  readonly steps: ReadonlyArray<Step> | undefined
}

const findText = async (
  { draft, hints }: Question,
  opened: Opened,
  key: VerificationKey,
  { bytes: signature }: Reading,
  effort: Effort,
  abort: AbortSignal
): Promise<ReadonlyArray<Step> | undefined> => {
  if (opened._tag === "Digest" && !isHash(opened.hash)) return undefined
  // Each text costs an RSA operation where the key cannot open the signature.
  const all = opened._tag === "Closed" ? [[], ...singles(draft, hints, "near")].values() : attempts(draft, hints)
  let texts = 0
  let bytes = 0
  for (;;) {
    abort.throwIfAborted()
    const tried: Array<readonly [steps: ReadonlyArray<Step>, signed: Uint8Array<ArrayBuffer>]> = []
    while (tried.length < batch && texts < maxTexts && bytes < maxBytes) {
      const { value: steps, done } = all.next()
      if (done === true) break
      const signed = await signedBytes(steps.at(-1)?.to ?? draft)
      tried.push([steps, signed])
      texts += 1
      bytes += signed.length
    }
    if (tried.length === 0) break
    const found = await Promise.all(
      tried.map(([, signed]) =>
        fits(opened, signed, async () => {
          effort.operations += 1
          return (await verifyAs(opened, key.cryptoKey, signature, signed)) === true
        })
      )
    )
    effort.texts += tried.length
    for (const [index, [steps, signed]] of tried.entries()) {
      if (found[index] !== true) continue
      effort.operations += 1
      // The digest has chosen; WebCrypto decides.
      if ((await verifyAs(opened, key.cryptoKey, signature, signed)) !== false) return steps
    }
  }
  if (texts >= maxTexts || bytes >= maxBytes) effort.complete = false
  return undefined
}

/** Finds the key that made the signature, and what it signed; undefined where no given key made it. */
export const search = async (question: Question, effort: Effort, abort: AbortSignal): Promise<Match | undefined> => {
  let other: Match | undefined
  const keys = [
    ...question.keys.map((key) => [key, true] as const),
    ...question.otherKeys.map((key) => [key, false] as const)
  ]
  for (const [key, expected] of keys) {
    for (const reading of question.readings) {
      effort.operations += 1
      const opened = await open(key.cryptoKey, reading.bytes)
      if (opened._tag === "Foreign") continue
      const steps = await findText(question, opened, key, reading, effort, abort)
      if (steps !== undefined) return { key, expected, reading, opened, steps }
      // Chance looks like a padding now and then, and what is closed shows nothing.
      if (opened._tag === "Closed" || (opened._tag === "Pss" && !opened.certain)) continue
      other ??= { key, expected, reading, opened, steps }
    }
  }
  return other
}
