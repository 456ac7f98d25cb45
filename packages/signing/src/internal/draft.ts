/** The text that a signer may have made: the five lines, and how they were put together. */
import type { PartName, Parts } from "../CanonicalString.ts"

export type LineName = "method" | PartName

export interface Draft {
  readonly method: string
  readonly path: string
  readonly timestamp: string
  readonly nonce: string
  readonly merchId: string
  /** Undefined: there is no line 5. */
  readonly body: Uint8Array | undefined
  /** The lines, in their order. */
  readonly order: ReadonlyArray<LineName>
  readonly separator: string
  /** What follows the last line. */
  readonly end: string
  /** What is signed instead of the text: its SHA-256, in one of these forms. */
  readonly digest?: "bytes" | "hex" | "HEX" | "base64"
}

const encoder = /*#__PURE__*/ new TextEncoder()
const decoder = /*#__PURE__*/ new TextDecoder("utf-8", { ignoreBOM: true })

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text)

/** The text of bytes; what is no UTF-8 becomes U+FFFD. A byte order mark stays. */
export const textOf = (bytes: Uint8Array | undefined): string => decoder.decode(bytes)

export const concat = (pieces: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let offset = 0
  for (const piece of pieces) {
    bytes.set(piece, offset)
    offset += piece.length
  }
  return bytes
}

export const equal = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.length === b.length && a.every((byte, index) => byte === b[index])

export const partNames = ["path", "timestamp", "nonce", "merchId", "body"] as const

/** What the contract says. */
export const draftOf = ({ path, timestamp, nonce, merchId = "", body }: Parts, method = "POST"): Draft => ({
  method,
  path,
  timestamp,
  nonce,
  merchId,
  body,
  order: partNames,
  separator: "\n",
  end: ""
})

/** The text's bytes, before any digest. */
export const render = (draft: Draft): Uint8Array<ArrayBuffer> => {
  const { order, separator, end, body } = draft
  const lines = order.filter((line) => line !== "body" || body !== undefined)
  const text = (line: LineName): string => (line === "body" ? "" : draft[line])
  // The body stands last nearly always: then one text and the body are all there is to join.
  const at = lines.indexOf("body")
  if (at < 0) return utf8(lines.map(text).join(separator) + end)
  const before = lines.slice(0, at).map((line) => text(line) + separator)
  const after = lines.slice(at + 1).map((line) => separator + text(line))
  return concat([utf8(before.join("")), body!, utf8(after.join("") + end)])
}
