/** The text that is signed, as people and programs can read it. */
import { createHash } from "node:crypto"
import * as Explanation from "@paykka/signing/Explanation"

const names = ["path", "timestamp", "nonce", "merchId", "body"] as const

const lineFeed = 10

/** Cuts the text at its first four line feeds: those of the body belong to it. */
const split = (bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
  const lines: Array<Uint8Array> = []
  let rest = bytes
  while (lines.length < names.length - 1) {
    const end = rest.indexOf(lineFeed)
    if (end === -1) break
    lines.push(rest.subarray(0, end))
    rest = rest.subarray(end + 1)
  }
  return [...lines, rest]
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Bytes as JSON has them: a text, or Base64 where they are none. */
export const textOrBase64 = (name: string, bytes: Uint8Array): Readonly<Record<string, string>> => {
  try {
    return { [name]: strict.decode(bytes) }
  } catch {
    return { [`${name}_base64`]: Buffer.from(bytes).toString("base64") }
  }
}

const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** As data. */
export const toJson = (canonical: Uint8Array) => ({
  ...textOrBase64("canonical_string", canonical),
  canonical_bytes: canonical.length,
  canonical_sha256: digestOf(canonical)
})

/** As lines for a terminal, each with its length, with visible line ends. */
export const toLines = (canonical: Uint8Array): ReadonlyArray<string> => {
  const lines = split(canonical)
  const width = Math.max(...lines.map(({ length }) => String(length).length))
  return [
    `The text that is signed: ${canonical.length} bytes, SHA-256 ${digestOf(canonical)}`,
    ...lines.map((line, index) => {
      const text = Explanation.visible(new TextDecoder("utf-8", { ignoreBOM: true }).decode(line))
      const end = index === lines.length - 1 ? "" : "␊"
      return `  ${index + 1} ${names[index]!.padEnd(9)} ${String(line.length).padStart(width)} bytes  ${text}${end}`
    })
  ]
}
