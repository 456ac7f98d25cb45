/** An error answer, as the platform documents them. */
import * as ErrorCode from "@paykka/schemas/ErrorCode"
import * as Data from "effect/Data"

/** A call that is refused with a code of the common table. */
export class Refusal extends Data.TaggedError("Refusal")<{
  readonly code: string
  /** What `ret_msg` says beyond the code's own meaning. */
  readonly detail?: string | undefined
  /** For the sandbox's own log; never sent. */
  readonly explanation?: string | undefined
}> {}

const respond = (status: number, body: unknown, provenance: string): Response =>
  Response.json(body, { status, headers: { "x-sandbox-provenance": provenance } })

/** The answer to a refused call. Codes are documented; which HTTP status goes with which is inferred. */
export const toResponse = ({ code, detail }: Refusal): Response => {
  const row = ErrorCode.find(code)
  const meaning = row?.meaning ?? "unknown error"
  const ret_msg = detail === undefined ? meaning : `${meaning}: ${detail}`
  return respond(row?.likelyHttpStatus ?? 500, { ret_code: code, ret_msg }, "inferred")
}

/** The answer to a call that succeeded, as the bare object of the documented examples. */
export const success = (body: unknown, provenance: string): Response => respond(200, body, provenance)
