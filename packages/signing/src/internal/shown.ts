/** How lines of a canonical string are shown: control characters visible, bodies cut and their digits masked. */
import type { PartName } from "../CanonicalString.ts"
import { equal, partNames, textOf } from "./draft.ts"

const controlNames: Readonly<Record<string, string>> = { "\n": "␊", "\r": "␍", "\t": "␉", "\uFEFF": "⟨BOM⟩" }

/** A text with its control characters made visible, also those that would steer a terminal or turn the text of a line round. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => controlNames[char] ?? `⟨${char.codePointAt(0)!.toString(16)}⟩`)

/** Bodies hold account and document numbers. */
const masked = (text: string): string => text.replace(/\d/g, "•")

const longest = 200

/** A text in a sentence: visible, and cut. */
export const quoted = (text: string): string => {
  const shown = visible(text)
  return JSON.stringify(shown.length > longest ? `${shown.slice(0, longest)}…` : shown)
}

/** So many bytes of a body are shown before and after a place. */
const around = 24

const piece = (bytes: Uint8Array, start: number, end: number): string =>
  visible(masked(textOf(bytes.subarray(start, end))))

/** A body around a place, digits masked. */
const excerpt = (bytes: Uint8Array, from: number): string => {
  const start = Math.max(0, from - around)
  const end = Math.min(bytes.length, from + around)
  return `${start > 0 ? "…" : ""}${piece(bytes, start, end)}${end < bytes.length ? "…" : ""}`
}

/** Both ends of a body, digits masked. */
export const ends = (bytes: Uint8Array): string =>
  bytes.length <= around * 2
    ? piece(bytes, 0, bytes.length)
    : `${piece(bytes, 0, around)} … ${piece(bytes, bytes.length - around, bytes.length)}`

const firstDifference = (a: Uint8Array = new Uint8Array(), b: Uint8Array = new Uint8Array()): number => {
  let index = 0
  while (index < a.length && index < b.length && a[index] === b[index]) index++
  return index
}

const lineFeed = 10

/** The five lines of a text; undefined where it has fewer. */
export const split = (canonical: Uint8Array): ReadonlyArray<Uint8Array | undefined> => {
  const lines: Array<Uint8Array | undefined> = []
  let rest: Uint8Array | undefined = canonical
  while (lines.length < 4 && rest !== undefined) {
    const end: number = rest.indexOf(lineFeed)
    lines.push(end < 0 ? rest : rest.subarray(0, end))
    rest = end < 0 ? undefined : rest.subarray(end + 1)
  }
  lines.push(rest)
  return lines
}

/** One line of the canonical string, as expected and as signed. */
export interface Line {
  /** Which line. */
  readonly part: PartName
  /** Whether both are the same bytes. */
  readonly same: boolean
  /** The expected line with visible control characters; undefined when there is none. */
  readonly expected: string | undefined
  /** The signed line, likewise. */
  readonly signed: string | undefined
  /** Lengths in bytes. */
  readonly expectedBytes: number
  readonly signedBytes: number
}

// What paths, timestamps, nonces and merchant numbers are made of, and JSON is not. A line of anything else, or
// one that stands in the body too, may be a piece of the body in the place of a missing line: its digits are masked.
const plain = /^[\w.~:/?#&=%+@!$-]*\r?$/

const longestLine = 512

export const compareLines = (expected: Uint8Array, signed: Uint8Array): ReadonlyArray<Line> => {
  const left = split(expected)
  const right = split(signed)
  const heads = left.slice(0, 4).map((line) => textOf(line))
  const body = textOf(left[4])
  return partNames.map((part, index) => {
    const [a, b] = [left[index], right[index]]
    const show = (bytes: Uint8Array | undefined): string | undefined => {
      if (bytes === undefined) return undefined
      if (part === "body") return excerpt(bytes, firstDifference(a, b))
      const text = textOf(bytes.subarray(0, longestLine))
      return visible(plain.test(text) && (heads.includes(text) || !body.includes(text)) ? text : masked(text))
    }
    return {
      part,
      same: equal(a, b),
      expected: show(a),
      signed: show(b),
      expectedBytes: a?.length ?? 0,
      signedBytes: b?.length ?? 0
    }
  })
}
