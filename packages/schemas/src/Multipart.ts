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
