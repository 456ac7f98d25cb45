/** Calls of operations by their descriptors, signed by `merchant.ts`; and uploads. */
import { assert } from "@effect/vitest"
import * as FileDomain from "@paykka/schemas/File"
import * as Operation from "@paykka/schemas/Operation"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { assertError, assertSuccess } from "./answers.ts"
import { second, secondMerchId } from "./keys.ts"
import { type Options, type Wire, call } from "./merchant.ts"
import type { Answer, Running } from "./ways.ts"

/** The options of a call by the other merchant. */
export const theirs = { merchId: secondMerchId, key: second } as const

/** Sends JSON text to an operation, with `X-Merch-Id` unless the operation forbids it. */
export const sendText = (
  running: Running,
  operation: Operation.Operation,
  text: string,
  options: Options = {}
): Effect.Effect<Answer> => {
  const merchant = operation.merchantHeader === "forbidden" ? { merchId: null } : {}
  return Effect.flatMap(call(operation.path, text, { ...options, ...merchant }), running.send)
}

/** Calls an operation. */
export const send = <O extends Operation.Operation>(
  running: Running,
  operation: O,
  input: O["request"]["Type"],
  options?: Options
): Effect.Effect<Answer> =>
  sendText(running, operation, Result.getOrThrow(Operation.encodeRequest(operation, input)), options)

/** Calls an operation that succeeds. */
export const succeed = <O extends Operation.Operation>(
  running: Running,
  operation: O,
  input: O["request"]["Type"],
  options?: Options
): Effect.Effect<O["response"]["Type"]> =>
  Effect.map(send(running, operation, input, options), (answer) => assertSuccess(operation, answer))

/** Calls an operation that is refused with this code and, behind the code's own text, these words. */
export const refused = <O extends Operation.Operation>(
  running: Running,
  operation: O,
  input: O["request"]["Type"],
  code: string,
  says: RegExp,
  options?: Options
): Effect.Effect<void> =>
  Effect.map(send(running, operation, input, options), (answer) => {
    assert.match(assertError(answer, code), says)
  })

/** An upload. */
export interface Upload {
  readonly bytes?: Uint8Array<ArrayBuffer>
  readonly name?: string
  readonly type?: string
  /** The text of the part `meta`; undefined leaves the part out. */
  readonly meta?: string | undefined
  readonly parts?: { readonly meta: string; readonly file: string }
}

const someBytes = new TextEncoder().encode("a contract")

/** An upload as it goes on the wire: written by the platform's own `FormData`, the text of `meta` signed. */
export const uploadCall = (upload: Upload, options: Options = {}): Effect.Effect<Wire> =>
  Effect.gen(function* () {
    const { bytes = someBytes, name = "contract.pdf", type = "application/pdf" } = upload
    const { meta, file } = upload.parts ?? { meta: "meta", file: "file" }
    const text = "meta" in upload ? upload.meta : "{}"
    const form = new FormData()
    if (text !== undefined) form.set(meta, text)
    form.set(file, new File([bytes], name, { type }))
    const written = new Response(form)
    const contentType = written.headers.get("content-type")!
    const body = yield* Effect.promise(() => written.bytes())
    const headers = { "content-type": contentType, ...options.headers }
    return yield* call(FileDomain.upload.path, body, { signedBody: text ?? "", ...options, headers })
  })

/** Uploads a file. */
export const sendFile = (running: Running, upload: Upload = {}, options?: Options): Effect.Effect<Answer> =>
  Effect.flatMap(uploadCall(upload, options), running.send)

/** Uploads a file, and gives its id. */
export const uploadFile = (running: Running, upload?: Upload, options?: Options): Effect.Effect<string> =>
  Effect.map(sendFile(running, upload, options), (answer) => assertSuccess(FileDomain.upload, answer).file_id)
