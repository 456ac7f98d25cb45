/**
 * Says what is wrong with the signature of a whole message, and what to change: the text that should have been signed, line by
 * line, the Authorization header, field by field, the verdict, and what was signed instead where it was found.
 *
 * A diagnosis is plain data, as it may go into JSON, onto a terminal or a page. It holds no key, no signature but that of
 * a corrected header, and of a body only its length and some characters at its ends and around the first difference, with the digits
 * masked (`•`). A name may still show there.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Authorization from "./Authorization.ts"
import * as CanonicalString from "./CanonicalString.ts"
import * as Cause from "./Cause.ts"
import * as Explanation from "./Explanation.ts"
import * as base64 from "./internal/base64.ts"
import * as der from "./internal/der.ts"
import { concat, type Draft, draftOf, equal, render, textOf } from "./internal/draft.ts"
import { finding, findingsOf, signedText } from "./internal/findings.ts"
import { stringsOf } from "./internal/jsonForms.ts"
import { mayHoldObject, readHeader, readingsOf } from "./internal/looseHeader.ts"
import { type Hints, hostsOf } from "./internal/mistakes.ts"
import { digest, verifyAs } from "./internal/opened.ts"
import { type Effort, type Match, type Reading, search } from "./internal/search.ts"
import { compareLines, ends, quoted, visible } from "./internal/shown.ts"
import type { VerificationKey } from "./KeyStore.ts"

/** A message as it was sent or received; what `HttpMessage.parse` makes fits. */
export interface Message {
  /** `POST` by default; the only one of the API. */
  readonly method?: string | undefined
  /** Scheme and host, where they are known. */
  readonly origin?: string | undefined
  /** The path alone, as it stands in the request line. */
  readonly path: string
  /** Without its question mark. */
  readonly query?: string | undefined
  readonly headers: ReadonlyArray<{ readonly name: string; readonly value: string }>
  /** The raw body; undefined where there is none. */
  readonly body?: Uint8Array | undefined
  /** The parts of a multipart body. */
  readonly parts?: ReadonlyArray<{ readonly name: string; readonly bytes?: Uint8Array | undefined }> | undefined
  /** When it was sent, in milliseconds since the Unix epoch, where the source says so. */
  readonly sentAt?: number | undefined
  /** Why the body may be another one than was sent, where something is missing. */
  readonly incomplete?: string | undefined
  /** The Authorization headers of other messages of the same source. */
  readonly otherAuthorizations?: ReadonlyArray<string> | undefined
}

/** What {@link diagnose} needs to know. */
export interface Question {
  readonly message: Message
  /** The keys that should have signed: for a request the merchant's, for a notification PayKKa's. */
  readonly keys: ReadonlyArray<VerificationKey>
  /** Keys that should not have signed, but might have: the other side's, those of another environment. */
  readonly otherKeys?: ReadonlyArray<VerificationKey> | undefined
  /** The path as the receiver sees it, where it is another than the message's. */
  readonly path?: string | undefined
  /** The merchant number that line 4 should hold, where it is another than that of `X-Merch-Id`. */
  readonly merchId?: string | undefined
  /** Other paths that the signer may have meant. */
  readonly otherPaths?: ReadonlyArray<string> | undefined
  /** Other merchant numbers that the signer may have meant. */
  readonly otherMerchIds?: ReadonlyArray<string> | undefined
  /** Nonces that were used before. */
  readonly usedNonces?: ReadonlyArray<string> | undefined
  /**
   * When the message arrived, in milliseconds since the Unix epoch. Left out: when it was sent, where the source says so;
   * else it is now, and an old timestamp is only worth a hint.
   */
  readonly now?: number | undefined
  /** How far the timestamp may be from that, each way. Default: 5 minutes, our own choice. */
  readonly tolerance?: Duration.Input | undefined
  /** The name of the part whose text is signed. Default: `meta`. */
  readonly metaPart?: string | undefined
}

/** A line of the canonical string as the receiver expects it. */
export interface CanonicalLine {
  readonly number: number
  readonly part: CanonicalString.PartName
  /** The line with visible control characters; of a body both ends, its digits masked. */
  readonly text: string
  /** Its length in bytes, without the line feed. */
  readonly bytes: number
  /** Whether a line feed follows. */
  readonly lineFeed: boolean
}

/** The header, as far as it could be read. */
export interface Header {
  /** The name under which it came; undefined where there is none. */
  readonly name: string | undefined
  /** The length of its value, in characters. */
  readonly characters: number
  /** The fields; undefined where it holds no object. */
  readonly fields: Fields | undefined
}

export interface Fields {
  readonly sign_type: string
  readonly timestamp: Timestamp
  readonly nonce: string
  readonly key_id: string
  readonly signature: Signature
}

export interface Timestamp {
  readonly value: string
  /** ISO 8601 in UTC; undefined where the value is no time. */
  readonly date: string | undefined
  /** How far ahead of the receiver's clock it is, in milliseconds; negative: behind. */
  readonly offsetMillis: number | undefined
  /** What it was compared with: the given time, the time at which the message was sent, or this moment. */
  readonly reference: "given" | "sent" | "now"
}

export interface Signature {
  readonly characters: number
  /** Its length as it was read; undefined where it could not be read. */
  readonly bytes: number | undefined
  /** The size of a key that makes such signatures. */
  readonly bits: number | undefined
  /** The SHA-256 digest that it is over, where a key has opened it. */
  readonly sha256: string | undefined
}

export interface Key {
  readonly keyId: string | undefined
  readonly bits: number
  readonly fingerprint: string
  /** Whether it is one of those that should have signed. */
  readonly expected: boolean
  /** Whether it made the signature. */
  readonly signed: boolean
}

/** What would be accepted without signing anew: the same signature under these. */
export interface Corrected {
  /** The value of the Authorization header. */
  readonly authorization: string
  readonly path: string
  readonly merchId: string
}

/** Something that is wrong, and what to do about it: the finding in this message with the row of its cause. */
export interface Finding extends Cause.Cause, Explanation.Finding {}

export interface Diagnosis {
  /**
   * `Valid`: the signature is right and nothing else is wrong. `Invalid`: something is wrong, see `findings`. `Undecided`: a key
   * is missing.
   */
  readonly verdict: "Valid" | "Invalid" | "Undecided"
  /** The verdict in one sentence. */
  readonly summary: string
  /** What is wrong, in the order in which to mend it. */
  readonly findings: ReadonlyArray<Finding>
  /** What is not wrong by itself, but worth a look. */
  readonly hints: ReadonlyArray<Finding>
  /** The canonical string that should have been signed. */
  readonly canonical: {
    readonly lines: ReadonlyArray<CanonicalLine>
    readonly bytes: number
    /** Lower-case hexadecimal. */
    readonly sha256: string
  }
  /** The expected lines against those that were signed; empty where these were not found. */
  readonly lines: ReadonlyArray<Explanation.Line>
  readonly header: Header
  readonly keys: ReadonlyArray<Key>
  readonly corrected: Corrected | undefined
  /** What was spent: texts that were tried, RSA operations, and whether everything was tried that is known. */
  readonly effort: { readonly texts: number; readonly operations: number; readonly complete: boolean }
}

// ---------------------------------------------------------------------------------------------------------
// Headers
// ---------------------------------------------------------------------------------------------------------

const valuesOf = ({ headers }: Message, name: string): ReadonlyArray<string> =>
  headers.filter((header) => header.name.toLowerCase() === name).map(({ value }) => value.trim())

/** The header that holds the object; where Authorization is missing, one of another name. */
const findHeader = (message: Message) => {
  const values = valuesOf(message, "authorization").filter((value) => value !== "")
  const best = values.find(mayHoldObject) ?? values[0]
  if (best !== undefined) return { name: "Authorization", value: best, count: values.length }
  const other = message.headers.find(({ value }) => mayHoldObject(value))
  return other === undefined ? undefined : { ...other, count: 0 }
}

const longestShown = 120

/** A field's value, as it may be printed. */
const shown = (value: string): string => {
  const text = visible(value)
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text
}

const pathOf = (target: string): string => target.replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/[?#].*$/, "")

const hintsOf = (question: Question, path: string, merchIds: ReadonlyArray<string>, metaPart: string): Hints => {
  const { message, otherPaths = [], otherMerchIds = [] } = question
  const all = (...names: ReadonlyArray<string>) => names.flatMap((name) => valuesOf(message, name))
  const origins = [message.origin, ...all("host", "x-forwarded-host").map((host) => `https://${host}`)]
  const rewritten = all("x-original-uri", "x-original-url", "x-rewrite-url", "x-forwarded-uri", "x-envoy-original-path")
  const parts = (message.parts ?? []).flatMap(({ name, bytes }) => (bytes === undefined ? [] : [{ name, bytes }]))
  const others = parts.filter(({ name }) => name !== metaPart)
  return {
    hosts: [...new Set(origins.flatMap(hostsOf))],
    query: message.query,
    prefixes: all("x-forwarded-prefix"),
    otherPaths: [message.path, ...rewritten.map(pathOf), ...otherPaths].filter((other) => other !== path),
    otherMerchIds: [...merchIds, ...otherMerchIds],
    bodyMerchIds: stringsOf(textOf(message.body), "merch_id"),
    repeatedMerchIds: merchIds.length > 1 ? [...merchIds, merchIds.join(", "), merchIds.join(",")] : [],
    otherNonces: message.headers.filter(({ name }) => /nonce/i.test(name)).map(({ value }) => value.trim()),
    multipart: [
      ...(message.parts !== undefined && message.body !== undefined
        ? ([["the whole multipart body", message.body]] as const)
        : []),
      ...others.map(({ name, bytes }) => [`the part ${quoted(name)}`, bytes] as const),
      ...(parts.length > 1
        ? ([["all parts, one after the other,", concat(parts.map(({ bytes }) => bytes))]] as const)
        : [])
    ]
  }
}

// ---------------------------------------------------------------------------------------------------------
// Time
// ---------------------------------------------------------------------------------------------------------

/** A length of time in the two largest units, as `3 min 20 s`. */
const duration = (millis: number): string => {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1000],
    ["ms", 1]
  ] as const
  const total = Math.abs(Math.round(millis))
  const first = units.findIndex(([, size]) => total >= size)
  if (first < 0) return "0 ms"
  let rest = total
  return units
    .slice(first, first + 2)
    .flatMap(([name, size]) => {
      const count = Math.floor(rest / size)
      rest -= count * size
      return count === 0 ? [] : [`${count} ${name}`]
    })
    .join(" ")
}

const referenceNames = {
  given: "the time at which it arrived",
  sent: "the time at which it was sent",
  now: "this moment"
} as const

/** A timestamp's distance in words: `3 min 20 s before this moment`. */
export const distance = ({ offsetMillis, reference }: Timestamp): string =>
  offsetMillis === undefined
    ? "no time"
    : `${duration(offsetMillis)} ${offsetMillis < 0 ? "before" : "after"} ${referenceNames[reference]}`

// Milliseconds have had more digits since 1973.
const fewestMillis = 100_000_000_000

const hour = 3_600_000

const judgeTime = (time: Timestamp, toleranceMillis: number): Explanation.Finding | undefined => {
  const { offsetMillis, value } = time
  if (offsetMillis === undefined || Math.abs(offsetMillis) <= toleranceMillis) return undefined
  if (Number(value) < fewestMillis) {
    return finding(
      "TimestampSeconds",
      `the header's timestamp reads as ${time.date ?? "no time"}: it is in seconds`,
      true
    )
  }
  const hours = Math.round(offsetMillis / hour)
  const zone =
    hours !== 0 && Math.abs(hours) <= 14 && Math.abs(offsetMillis - hours * hour) <= toleranceMillis
      ? `, close to whole hours: local time may have been taken for UTC`
      : ""
  return finding("Clock", `the timestamp is ${distance(time)}${zone}`, true)
}

// ---------------------------------------------------------------------------------------------------------
// The diagnosis
// ---------------------------------------------------------------------------------------------------------

const canonicalOf = async (draft: Draft): Promise<Diagnosis["canonical"]> => {
  const bytes = render(draft)
  const last = draft.body === undefined ? 4 : 5
  const lines = (["path", "timestamp", "nonce", "merchId", "body"] as const)
    .slice(0, last)
    .map((part, index): CanonicalLine => {
      const line = part === "body" ? (draft.body ?? new Uint8Array()) : new TextEncoder().encode(draft[part])
      const text = part === "body" ? ends(line) : visible(draft[part])
      return { number: index + 1, part, text, bytes: line.length, lineFeed: index + 1 < last }
    })
  return { lines, bytes: bytes.length, sha256: der.hex(await digest("SHA-256", bytes)) }
}

/** What the same signature is right for, where that is a message that the contract allows. */
const correct = async (
  match: Match,
  fields: Authorization.Authorization,
  draft: Draft
): Promise<Corrected | undefined> => {
  const { key, opened, reading } = match
  const signed = match.steps?.at(-1)?.to ?? draft
  if (match.steps === undefined || !match.expected || !equal(signed.body, draft.body)) return undefined
  const { path, timestamp, nonce, merchId, body } = signed
  const bytes = CanonicalString.encode({ path, timestamp, nonce, merchId, body })
  // Of another algorithm it is no signature of the contract's, whatever it is over.
  if (Result.isFailure(bytes) || (opened._tag !== "Closed" && (opened._tag !== "Digest" || opened.hash !== "SHA-256")))
    return undefined
  if ((await verifyAs(opened, key.cryptoKey, reading.bytes, bytes.success)) !== true) return undefined
  const authorization = Authorization.encode({
    sign_type: Authorization.signType,
    timestamp,
    nonce,
    key_id: key.keyId ?? fields.key_id,
    signature: base64.encode(reading.bytes)
  })
  return Result.isSuccess(Authorization.decode(authorization)) ? { authorization, path, merchId } : undefined
}

/** The header, and what is wrong with how it was sent and written. */
const readAuthorization = (message: Message) => {
  const found = findHeader(message)
  const findings: Array<Explanation.Finding> = []
  if (found === undefined) {
    findings.push(finding("HeaderMissing", "the message has no Authorization header", true))
    return { found, findings, fields: undefined }
  }
  if (found.count === 0) {
    findings.push(
      finding("HeaderMissing", `the header ${quoted(found.name)} holds what belongs into Authorization`, true)
    )
  }
  if (found.count > 1) findings.push(finding("HeaderField", `Authorization is sent ${found.count} times`, true))
  const { faults, fields } = readHeader(found.value)
  for (const { code, detail } of faults) findings.push(finding(code, detail, true))
  return { found, findings, fields }
}

/** Where a nonce was used before, as far as that is known. */
const judgeNonce = (nonce: string, { usedNonces = [], message }: Question): Explanation.Finding | undefined => {
  if (usedNonces.includes(nonce)) return finding("NonceReused", "the nonce is one of those that were used before", true)
  const repeated = (message.otherAuthorizations ?? []).some((header) => readHeader(header).fields?.nonce === nonce)
  return repeated ? finding("NonceReused", "another message of the same source has the same nonce", true) : undefined
}

const timestampOf = (value: string, question: Question, clockNow: number): Timestamp => {
  const { now, message } = question
  const [at, reference] =
    now !== undefined
      ? ([now, "given"] as const)
      : message.sentAt !== undefined
        ? ([message.sentAt, "sent"] as const)
        : ([clockNow, "now"] as const)
  const millis = /^[0-9]{1,16}$/.test(value) ? Number(value) : undefined
  const date = millis === undefined ? undefined : new Date(millis)
  return {
    value: shown(value),
    date: date === undefined || Number.isNaN(date.getTime()) ? undefined : date.toISOString(),
    offsetMillis: millis === undefined ? undefined : millis - at,
    reference
  }
}

const nameOf = ({ keyId, fingerprint }: VerificationKey): string =>
  keyId === undefined ? `the key of fingerprint ${fingerprint.slice(0, 16)}…` : `the key ${quoted(keyId)}`

const withCause = (one: Explanation.Finding): Finding => ({ ...Cause.of(one.code), ...one })

const diagnoseNow = async (question: Question, clockNow: number, abort: AbortSignal): Promise<Diagnosis> => {
  const { message, keys, otherKeys = [], metaPart = "meta", tolerance = "5 minutes" } = question
  const { found, fields, findings: headerFindings } = readAuthorization(message)

  const merchIds = valuesOf(message, "x-merch-id")
  const body = message.parts === undefined ? message.body : message.parts.find(({ name }) => name === metaPart)?.bytes
  const draft = draftOf(
    {
      path: question.path ?? message.path,
      timestamp: fields?.timestamp ?? "",
      nonce: fields?.nonce ?? "",
      merchId: question.merchId ?? merchIds.find((value) => value !== "") ?? "",
      body: body?.length === 0 ? undefined : body
    },
    message.method
  )

  const effort: Effort = { texts: 0, operations: 0, complete: true }
  const readings: ReadonlyArray<Reading> = fields === undefined ? [] : readingsOf(fields.signature)
  const allKeys = [...keys, ...otherKeys]
  let match: Match | undefined
  let about: ReadonlyArray<Explanation.Finding> = []
  if (fields !== undefined && readings.length > 0 && allKeys.length > 0) {
    const bodyDigest = draft.body && (await digest("SHA-256", new Uint8Array(draft.body)))
    const hints = { ...hintsOf(question, draft.path, merchIds, metaPart), bodyDigest }
    match = await search({ draft, hints, readings, keys, otherKeys }, effort, abort)
    const signatureBytes = (match?.reading ?? readings[0]!).bytes.length
    about = findingsOf(match, { keyId: fields.key_id, keys: allKeys, signatureBytes, effort })
  }

  const findings: Array<Explanation.Finding> = []
  const hints: Array<Explanation.Finding> = []
  // What the search has found of the same cause says more.
  const add = (one: Explanation.Finding | undefined, to = findings) => {
    if (one !== undefined && !about.some(({ code }) => code === one.code)) to.push(one)
  }
  for (const one of headerFindings) add(one)
  if (merchIds.length > 1) {
    add(finding("MerchantHeaderTwice", `X-Merch-Id is sent ${merchIds.length} times`, true))
  }
  if (message.parts !== undefined && body === undefined) {
    const detail = `the multipart body has no text of a part ${quoted(metaPart)}, which is what is signed`
    add(finding("MultipartWhole", detail, false))
  }
  if (fields !== undefined && fields.signature !== "" && readings.length === 0) {
    add(finding("SignatureEncoding", "the signature can be read neither as Base64 nor as hexadecimal", true))
  }
  // Without a body both forms of the text occur: four lines, and five with an empty last one.
  const emptyLine = draft.body === undefined && match?.steps?.length === 1 && match.steps[0]!.code === "BodyEmptyLine"
  for (const one of about) {
    const unsure = message.incomplete !== undefined && (one.code === "OtherText" || one.code === "ForeignKey")
    const said = unsure ? { ...one, detail: `${one.detail}; but ${message.incomplete}` } : one
    ;(emptyLine && one.code === "BodyEmptyLine" ? hints : findings).push(said)
  }
  const time = fields === undefined ? undefined : timestampOf(fields.timestamp, question, clockNow)
  if (time !== undefined) {
    const toleranceMillis = Duration.toMillis(Duration.fromInputUnsafe(tolerance))
    const late = judgeTime(time, toleranceMillis)
    // When a pasted message was sent is not known: an old one may have been right then.
    const old = late?.code === "Clock" && time.reference === "now" && (time.offsetMillis ?? 0) < 0
    add(late, old ? hints : findings)
  }
  if (fields !== undefined) add(judgeNonce(fields.nonce, question))

  if (message.query !== undefined) {
    const detail = "a query is sent, which the API has not; whether it would belong to the path is not known"
    add(finding("PathQuery", detail, false), hints)
  }
  const right = match !== undefined && findings.length === 0
  if (right) {
    hints.push(
      finding(
        "NonceReused",
        "a right signature that is refused all the same may have a nonce that was used before",
        false
      )
    )
  }
  const canonical = await canonicalOf(draft)
  const signed = signedText(match)
  const signatureBytes = (match?.reading ?? readings[0])?.bytes.length
  const { opened } = match ?? {}
  return {
    verdict: findings.length > 0 ? "Invalid" : right ? "Valid" : "Undecided",
    summary:
      findings.length > 0
        ? `${findings.map(({ code }) => Cause.of(code).title).join(". ")}.`
        : match !== undefined
          ? `The signature is right: ${nameOf(match.key)} signed these ${canonical.bytes} bytes.`
          : "Nothing is wrong with the header; without a key the signature cannot be verified.",
    findings: findings.map(withCause),
    hints: hints.map(withCause),
    canonical,
    lines: signed === undefined ? [] : compareLines(render(draft), signed),
    header: {
      name: found === undefined ? undefined : shown(found.name),
      characters: found?.value.length ?? 0,
      fields:
        fields === undefined || time === undefined
          ? undefined
          : {
              sign_type: shown(fields.sign_type),
              timestamp: time,
              nonce: shown(fields.nonce),
              key_id: shown(fields.key_id),
              signature: {
                characters: fields.signature.length,
                bytes: signatureBytes,
                bits: signatureBytes === undefined ? undefined : signatureBytes * 8,
                sha256: opened?._tag === "Digest" && opened.hash === "SHA-256" ? opened.digest : undefined
              }
            }
    },
    keys: allKeys.map((key, index) => ({
      keyId: key.keyId,
      bits: key.bits,
      fingerprint: key.fingerprint,
      expected: index < keys.length,
      signed: key === match?.key
    })),
    corrected: match === undefined || fields === undefined || right ? undefined : await correct(match, fields, draft),
    effort: { ...effort }
  }
}

/**
 * Diagnoses a message. It never fails: what cannot be read is a finding.
 *
 * Costs what `Explanation.explain` does, and can be interrupted.
 */
export const diagnose = (question: Question): Effect.Effect<Diagnosis> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.promise((abort) => diagnoseNow(question, now, abort)))

const formatFinding = (one: Finding, label: string): ReadonlyArray<string> => [
  `${label} ${one.code}${one.proven ? "" : " (not proven)"}: ${one.detail}`,
  `    who signs:    ${one.change === undefined ? "" : `${one.change} `}${one.signer}`,
  `    who verifies: ${one.receiver}`
]

const formatHeader = ({ name, characters, fields }: Header): ReadonlyArray<string> => {
  if (name === undefined) return ["Authorization: there is none"]
  if (fields === undefined) return [`${name}: ${characters} characters, which hold no object`]
  const { sign_type, timestamp, nonce, key_id, signature } = fields
  const size = signature.bytes === undefined ? "" : `, ${signature.bytes} bytes, as of a key of ${signature.bits} bits`
  return [
    `${name}: ${characters} characters`,
    `  sign_type  ${sign_type}`,
    `  timestamp  ${timestamp.value}${timestamp.date === undefined ? "" : ` = ${timestamp.date}`}, ${distance(timestamp)}`,
    `  nonce      ${nonce}`,
    `  key_id     ${key_id}`,
    `  signature  ${signature.characters} characters${size}`,
    ...(signature.sha256 === undefined ? [] : [`             over a text of SHA-256 ${signature.sha256}`])
  ]
}

/** Writes a diagnosis as lines of text for a terminal. */
export const format = (diagnosis: Diagnosis): string => {
  const { verdict, summary, findings, hints, canonical, lines, header, keys, corrected, effort } = diagnosis
  const width = Math.max(...canonical.lines.map(({ bytes }) => String(bytes).length))
  return [
    `${verdict}: ${summary}`,
    ...findings.flatMap((one, index) => formatFinding(one, `${index + 1}.`)),
    ...hints.flatMap((one) => formatFinding(one, "hint:")),
    "",
    `The text to sign: ${canonical.bytes} bytes, SHA-256 ${canonical.sha256}`,
    ...canonical.lines.map(
      ({ number, part, bytes, text, lineFeed }) =>
        `  ${number} ${part.padEnd(9)} ${String(bytes).padStart(width)} bytes  ${text}${lineFeed ? "␊" : ""}`
    ),
    ...(lines.some(({ same }) => !same) ? ["", "What was signed instead:", ...Explanation.formatLines(lines)] : []),
    "",
    ...formatHeader(header),
    ...(keys.length === 0 ? [] : ["", "Keys:"]),
    ...keys.map(
      ({ keyId, bits, fingerprint, expected, signed }) =>
        `  ${signed ? "signed" : "      "} ${keyId ?? "(no id)"}, ${bits} bits, fingerprint ${fingerprint}${expected ? "" : ", not one that should sign"}`
    ),
    ...(corrected === undefined
      ? []
      : [
          "",
          "The same signature is right for:",
          `  path          ${corrected.path}`,
          `  X-Merch-Id    ${corrected.merchId === "" ? "(not sent)" : corrected.merchId}`,
          `  Authorization ${corrected.authorization}`
        ]),
    "",
    `${effort.texts} texts and ${effort.operations} RSA operations were tried${effort.complete ? "" : "; there are more"}.`
  ].join("\n")
}
