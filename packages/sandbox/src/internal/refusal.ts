/** An error answer, as the platform documents them. */
import * as ErrorCode from "@paykka/schemas/ErrorCode"
import * as Data from "effect/Data"

/** A call that is refused with a code of the common table. */
export class Refusal
  extends /*#__PURE__*/ Data.TaggedError("Refusal")<{
    readonly code: string
    /** What `ret_msg` says beyond the code's own meaning. */
    readonly detail?: string | undefined
    /** For the sandbox's own log; never sent. */
    readonly explanation?: string | undefined
  }> {}

/** Ends the step of a domain that refuses a call. */
export const refuse = (code: string, detail: string): never => {
  throw new Refusal({ code, detail })
}

const provenanceHeader = "x-sandbox-provenance"

const respond = (status: number, body: unknown, provenance: string): Response =>
  Response.json(body, { status, headers: { [provenanceHeader]: provenance } })

/** The answer to a refused call. Codes are documented; which HTTP status goes with which is inferred. */
export const toResponse = ({ code, detail }: Refusal): Response => {
  const row = ErrorCode.find(code)
  const meaning = row?.meaning ?? "unknown error"
  const ret_msg = detail === undefined ? meaning : `${meaning}: ${detail}`
  return respond(row?.likelyHttpStatus ?? 500, { ret_code: code, ret_msg }, "inferred")
}

/** The answer to a call that succeeded, as the bare object of the documented examples. */
export const success = (body: unknown, provenance: string): Response => respond(200, body, provenance)

/**
 * The answer to what is not a call of the API at all. No page says what the platform does then; text that is not
 * JSON cannot be taken for one of its codes.
 */
export const notACall = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(`${text}\n`, {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", [provenanceHeader]: "inferred", ...headers }
  })
