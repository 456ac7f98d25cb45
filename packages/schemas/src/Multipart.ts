/**
 * Requests of two parts: JSON text about a file, and the file. The text is what is signed (documented), the file is not.
 *
 * Neither the parts' names nor the keys of the text are public: a client is told by its settings what to call them.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Operation from "./Operation.ts"

const content = () =>
  Schema.Struct({
    /** The file itself. */
    bytes: Schema.Uint8Array,
    /** Its name, without folders. */
    name: Schema.NonEmptyString,
    /** Its media type, such as `application/pdf`. */
    type: Schema.String.check(
      Schema.isPattern(/^[\w.+-]+\/[\w.+-]+$/, { message: "must be a media type, such as application/pdf" })
    )
  })

/** A file, as it goes into a request. */
export const Content = /*#__PURE__*/ content()
export type Content = typeof Content.Type

const encoder = /*#__PURE__*/ new TextEncoder()

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

/**
 * Writes the body (RFC 7578). Not by the platform's `FormData`: it rewrites line ends of texts, and cannot give a text a content type.
 */
export const write = (
  meta: Uint8Array,
  file: Content,
  { metaPart = "meta", filePart = "file", metaPartType }: Operation.PartNames
): Pick<Operation.Encoded, "body" | "contentType"> => {
  const boundary = makeBoundary()
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

/** The parts of a request. */
export interface Parts {
  /** JSON text: what is signed. */
  readonly meta: string
  readonly file: Content
}

/** Checks a request and takes it apart. `extra` holds further members of the JSON text. */
export const encode = (
  operation: Pick<Operation.Operation, "request">,
  input: unknown,
  extra: Readonly<Record<string, unknown>> = {}
): Result.Result<Parts, Operation.InvalidValue> =>
  Result.flatMap(Operation.encodeValue(operation, input), (value) => {
    const { meta, file } = value as { readonly meta: Readonly<Record<string, unknown>>; readonly file: Content }
    const faults = Operation.givenTwice(meta, extra)
    return faults.length > 0
      ? Result.fail(new Operation.InvalidValue({ faults }))
      : Result.map(Operation.writeJson({ ...meta, ...extra }), (text) => ({ meta: text, file }))
  })

/** The form of such a request, for its descriptor. */
export const form: Operation.Form = {
  kind: "multipart",
  encode: (operation, input, extra, names = {}) =>
    Result.map(encode(operation, input, extra), ({ meta, file }) => {
      const signed = encoder.encode(meta)
      return { signed, ...write(signed, file, names), fileName: file.name }
    })
}
