/**
 * Writes a multipart request (RFC 7578): the JSON text that was signed, byte for byte, and the file.
 *
 * Not by the platform's `FormData`: it rewrites line ends of texts, and cannot give a text a content type.
 */
import type { Content } from "@paykka/schemas/Multipart"
import type { Override } from "../PaykkaClient.ts"

const encoder = /*#__PURE__*/ new TextEncoder()

/** What is wrong with the name of a part. */
export const partNameFault = (value: unknown): string | undefined =>
  typeof value === "string" && /^[\w.[\]-]{1,64}$/.test(value)
    ? undefined
    : "must have 1 to 64 letters, digits, dots, brackets, hyphens or underscores"

/** What is wrong with the media type of a part. */
export const partTypeFault = (value: unknown): string | undefined =>
  typeof value === "string" && /^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w-]+)?$/.test(value)
    ? undefined
    : "must be a media type, such as application/json"

/** What the two parts are called: of the text, of the file. */
export const partNames = ({
  metaPart = "meta",
  filePart = "file"
}: Override): readonly [meta: string, file: string] => [metaPart, filePart]

/** As browsers write it. */
const quoted = (name: string): string =>
  name.replace(/["\r\n]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`)

/** A boundary of 128 random bits stands in no file. */
const makeBoundary = (): string => {
  let text = "paykka-"
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) text += byte.toString(16).padStart(2, "0")
  return text
}

const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** The body and its media type. */
export const write = (
  meta: Uint8Array,
  file: Content,
  override: Override
): { readonly body: Uint8Array<ArrayBuffer>; readonly contentType: string } => {
  const boundary = makeBoundary()
  const { metaPartType } = override
  const [metaPart, filePart] = partNames(override)
  const typeLine = metaPartType === undefined ? "" : `Content-Type: ${metaPartType}\r\n`
  const body = concat([
    encoder.encode(`--${boundary}\r\nContent-Disposition: form-data; name="${metaPart}"\r\n${typeLine}\r\n`),
    meta,
    encoder.encode(
      `\r\n--${boundary}\r\nContent-Disposition: form-data; name="${filePart}"; filename="${quoted(file.name)}"\r\nContent-Type: ${file.type}\r\n\r\n`
    ),
    file.bytes,
    encoder.encode(`\r\n--${boundary}--\r\n`)
  ])
  return { body, contentType: `multipart/form-data; boundary=${boundary}` }
}
