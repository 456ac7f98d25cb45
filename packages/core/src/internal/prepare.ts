/** What happens before anything is sent: options, header rule, request id, encoding. */
import * as Json from "@paykka/schemas/Json"
import * as Operation from "@paykka/schemas/Operation"
import * as CanonicalString from "@paykka/signing/CanonicalString"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { InvalidConfiguration } from "../Environment.ts"
import type { CallOptions, Options, Request } from "../PaykkaClient.ts"
import type { Call } from "../Plugin.ts"

/** A call that is checked and encoded: what all its attempts have in common. */
export interface Prepared extends Call {
  readonly body: Uint8Array<ArrayBuffer>
  /** The field and value that name the submission. */
  readonly key: { readonly field: string; readonly value: string } | null
}

const encoder = /*#__PURE__*/ new TextEncoder()
const merchIdForm = /^[\x21-\x7e]{1,20}$/
const merchIdRule = "must have 1 to 20 printable ASCII characters"

/** Checks what does not depend on a call. */
export const checkOptions = ({ merchId, overrides = {} }: Options): Result.Result<void, InvalidConfiguration> => {
  if (merchId !== undefined && !merchIdForm.test(merchId)) {
    return Result.fail(new InvalidConfiguration({ option: "merchId", detail: merchIdRule }))
  }
  for (const [id, { path }] of Object.entries(overrides)) {
    const checked = path === undefined ? Result.succeed("") : CanonicalString.checkPath(path)
    if (Result.isFailure(checked)) {
      const option = `overrides[${JSON.stringify(id)}].path`
      return Result.fail(new InvalidConfiguration({ option, detail: checked.failure.rule }))
    }
  }
  return Result.succeed(undefined)
}

type Checked<A> = Result.Result<A, Operation.InvalidValue>

const fault = (path: string, rule: string): Checked<never> =>
  Result.fail(new Operation.InvalidValue({ faults: [{ path, rule }] }))

/** The merchant number to send, by the operation's rule. */
const chooseMerchId = (
  id: string,
  rule: Operation.MerchantHeader,
  configured: string | undefined,
  ofCall: string | undefined
): Checked<string | undefined> => {
  if (rule === "forbidden") {
    return ofCall === undefined
      ? Result.succeed(undefined)
      : fault("options.merchId", `must not be given: ${id} forbids X-Merch-Id`)
  }
  const merchId = ofCall ?? configured
  if (merchId === undefined) {
    return rule === "optional"
      ? Result.succeed(undefined)
      : fault("merchId", `is missing: ${id} requires X-Merch-Id; set it for the client (PAYKKA_MERCH_ID) or the call`)
  }
  return merchIdForm.test(merchId) ? Result.succeed(merchId) : fault("merchId", merchIdRule)
}

/** The input with its idempotency key: the caller's where there is one, else the minted one. */
const withKey = ({ idempotencyKey }: Operation.Operation, input: unknown, minted: string): unknown => {
  if (idempotencyKey === null || !Json.isObject(input) || (input[idempotencyKey] ?? undefined) !== undefined) return input
  return { ...input, [idempotencyKey]: minted }
}

const textOf = (value: unknown, name: string): string | undefined => {
  const member = Json.isObject(value) ? value[name] : undefined
  return typeof member === "string" ? member : undefined
}

/** Checks and encodes one call; reports all faults at once. */
export const call = (
  { overrides = {}, merchId: configured }: Options,
  operation: Operation.Operation,
  input: unknown,
  minted: string,
  options: CallOptions
): Checked<Prepared> => {
  const { path = operation.path, merchantHeader = operation.merchantHeader } = overrides[operation.id] ?? {}
  const complete = withKey(operation, input, minted)
  const checks = [
    chooseMerchId(operation.id, merchantHeader, configured, options.merchId),
    Result.mapError(
      CanonicalString.checkPath(path),
      ({ rule }) => new Operation.InvalidValue({ faults: [{ path: "path", rule }] })
    ),
    Operation.encodeRequest(operation, complete, options.extra)
  ] as const
  const faults = checks.flatMap((result) => (Result.isFailure(result) ? result.failure.faults : []))
  const [merchId, checkedPath, text] = checks
  if (Result.isFailure(merchId) || Result.isFailure(checkedPath) || Result.isFailure(text)) {
    return Result.fail(new Operation.InvalidValue({ faults }))
  }
  const { idempotencyKey } = operation
  const keyValue = idempotencyKey === null ? undefined : textOf(complete, idempotencyKey)
  return Result.succeed({
    operation,
    path,
    merchId: merchId.success,
    requestId: textOf(complete, "request_id"),
    key: idempotencyKey === null || keyValue === undefined ? null : { field: idempotencyKey, value: keyValue },
    body: encoder.encode(text.success)
  })
}

/** The headers of a request; `Content-Type` comes with the body. */
export const headers = (authorization: string, merchId: string | undefined): Readonly<Record<string, string>> => ({
  Accept: "application/json",
  Authorization: authorization,
  ...(merchId === undefined ? {} : { "X-Merch-Id": merchId })
})

/** A descriptor for an endpoint that has none. */
export const adHoc = (request: Request<Operation.Codec>): Operation.Operation => ({
  id: `request ${request.path.slice(0, 100)}`,
  title: "An endpoint without a descriptor",
  path: request.path,
  merchantHeader: request.merchantHeader ?? "required",
  effect: request.effect,
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: Schema.Record(Schema.String, Schema.Unknown),
  response: request.schema,
  aliases: {},
  provenance: { path: "unknown", merchantHeader: "unknown", request: "unknown", response: "unknown" },
  sources: []
})
