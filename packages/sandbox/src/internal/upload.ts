/** Takes a multipart request apart: the part that is signed, and the file. */
import * as Effect from "effect/Effect"

/** Names of the parts. */
export interface PartNames {
  readonly meta: string
  readonly file: string
}

/** An upload. */
export interface Upload {
  /** The bytes of the JSON text: what is signed. */
  readonly meta: Uint8Array
  readonly file: { readonly bytes: Uint8Array; readonly name: string; readonly type: string }
  /** The digest of the file, lower-case hexadecimal. */
  readonly sha256: string
}

const hex = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("")

/** Reads the parts, or says what is wrong with the body. */
export const read = (
  contentType: string | null,
  body: Uint8Array<ArrayBuffer>,
  names: PartNames
): Effect.Effect<Upload, string> =>
  Effect.gen(function* () {
    const form = yield* Effect.tryPromise({
      try: () => new Response(body, { headers: { "Content-Type": contentType ?? "" } }).formData(),
      catch: () => "the body is not multipart/form-data"
    })
    const [meta, file] = [form.get(names.meta), form.get(names.file)]
    if (meta === null) return yield* Effect.fail(`the part ${names.meta} is missing`)
    if (file === null || typeof file === "string") return yield* Effect.fail(`the part ${names.file} is no file`)
    const bytes = yield* Effect.promise(() => file.bytes())
    return {
      meta: yield* Effect.promise(() => new Response(meta).bytes()),
      file: { bytes, name: file.name, type: file.type },
      sha256: hex(yield* Effect.promise(() => crypto.subtle.digest("SHA-256", bytes)))
    }
  })
