/** What happens before anything is sent: options, header rule, request id, encoding. */
import * as Json from "@paykka/schemas/Json"
import * as Operation from "@paykka/schemas/Operation"
import * as CanonicalString from "@paykka/signing/CanonicalString"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { InvalidConfiguration } from "../Environment.ts"
import type { CallOptions, Options, Override, Request, UndocumentedPaths } from "../PaykkaClient.ts"
import type { Call } from "../Plugin.ts"
import * as Query from "../Query.ts"
import * as Redaction from "../Redaction.ts"
import { hex } from "./hex.ts"
import { lasts } from "./lasts.ts"

/** A call that is checked and encoded: what all its attempts have in common. */
export interface Prepared extends Operation.Encoded {
  /** What plugins see: never the content. */
  readonly facts: Call
  readonly accept: string
  readonly onProgress: CallOptions["onProgress"]
  /** To be logged before the call, once. */
  readonly warning: string | undefined
}

const encoder = /*#__PURE__*/ new TextEncoder()
const merchIdForm = /^[\x21-\x7e]{1,20}$/
const merchIdRule = "must have 1 to 20 printable ASCII characters"

/** Checks a path: a transport writes it as a URL, and what it then sends must be what was signed. */
const checkPath = (path: string): Result.Result<string, { readonly rule: string }> =>
  Result.flatMap(CanonicalString.checkPath(path), (checked) =>
    URL.parse(`https://host${checked}`)?.pathname === checked
      ? Result.succeed(checked)
      : Result.fail({
          rule: "must be written as a URL has it, without blanks or dot segments"
        })
  )

const timeoutRule = "must be a duration longer than zero, such as 30 seconds"

const isTimeout = (timeout: Duration.Input = 1): boolean => lasts(timeout, (millis) => millis > 0)

const merchantHeaders: ReadonlyArray<unknown> = [
  "required",
  "optional",
  "forbidden"
] satisfies ReadonlyArray<Operation.MerchantHeader>

/** What is wrong with the name of a part of an upload. */
const partNameFault = (value: unknown): string | undefined =>
  typeof value === "string" && /^[\w.[\]-]{1,64}$/.test(value)
    ? undefined
    : "must have 1 to 64 letters, digits or any of .[]_-"

const overrideRules: { readonly [Name in keyof Required<Override>]: (value: unknown) => string | undefined } = {
  path: (value) => {
    const checked = checkPath(typeof value === "string" ? value : "")
    return Result.isFailure(checked) ? checked.failure.rule : undefined
  },
  merchantHeader: (value) =>
    merchantHeaders.includes(value) ? undefined : `must be one of ${merchantHeaders.join(", ")}`,
  metaPart: partNameFault,
  metaPartType: (value) =>
    typeof value === "string" && /^[\w.+-]+\/[\w.+-]+(; ?[\w-]+=[\w-]+)?$/.test(value)
      ? undefined
      : "must be a media type, such as application/json",
  filePart: partNameFault
}

const undocumentedPathsValues: ReadonlyArray<unknown> = [
  "warn",
  "allow",
  "refuse"
] satisfies ReadonlyArray<UndocumentedPaths>

/** What is wrong with a correction. Those of the environment are not checked by types. */
const overrideFault = (name: string, value: unknown): string | undefined => {
  if (value === undefined) return undefined
  return Object.hasOwn(overrideRules, name)
    ? overrideRules[name as keyof Override](value)
    : `is none of ${Object.keys(overrideRules).join(", ")}`
}

/** Checks what does not depend on a call. */
export const checkOptions = (options: Options): Result.Result<void, InvalidConfiguration> => {
  const { merchId, timeout, maxResponseBytes = 1, overrides = {}, undocumentedPaths = "warn" } = options
  const fail = (option: string, detail: string) => Result.fail(new InvalidConfiguration({ option, detail }))
  if (merchId !== undefined && !merchIdForm.test(merchId)) return fail("merchId", merchIdRule)
  if (!isTimeout(timeout)) return fail("timeout", timeoutRule)
  if (!(maxResponseBytes > 0)) return fail("maxResponseBytes", "must be more than zero")
  if (!undocumentedPathsValues.includes(undocumentedPaths)) {
    return fail("undocumentedPaths", `must be one of ${undocumentedPathsValues.join(", ")}`)
  }
  for (const [id, override] of Object.entries(overrides)) {
    for (const [name, value] of Object.entries(override)) {
      const rule = overrideFault(name, value)
      if (rule !== undefined) return fail(`overrides[${JSON.stringify(id)}].${name}`, rule)
    }
    const { metaPart = "meta", filePart = "file" } = override
    if (metaPart === filePart)
      return fail(`overrides[${JSON.stringify(id)}].filePart`, "must be another name than that of metaPart")
  }
  return Result.succeed(undefined)
}

type Checked<A> = Result.Result<A, Operation.InvalidValue>

const fault = (path: string, rule: string): Checked<never> =>
  Result.fail(new Operation.InvalidValue({ faults: [{ path, rule }] }))

/** The merchant number to send, by the operation's rule: the call's own, that which its message names, the client's. */
const chooseMerchId = (
  { id, merchantField }: Operation.Operation,
  rule: Operation.MerchantHeader,
  ofCall: string | undefined,
  message: unknown,
  configured: string | undefined
): Checked<string | undefined> => {
  if (rule === "forbidden") {
    return ofCall === undefined
      ? Result.succeed(undefined)
      : fault("options.merchId", `must not be given: ${id} forbids X-Merch-Id`)
  }
  const named = merchantField === undefined ? undefined : textOf(message, merchantField)
  const merchId = ofCall ?? named ?? configured
  if (merchId === undefined) {
    return rule === "optional"
      ? Result.succeed(undefined)
      : fault("merchId", `is missing: ${id} requires X-Merch-Id; set it for the client (PAYKKA_MERCH_ID) or the call`)
  }
  return merchIdForm.test(merchId) ? Result.succeed(merchId) : fault("merchId", merchIdRule)
}

/** The input with its idempotency key: the caller's where there is one, else the minted one, where one may be minted. */
const withKey = (operation: Operation.Operation, input: unknown, minted: string | undefined): unknown => {
  const { idempotencyKey } = operation
  if (idempotencyKey === null || minted === undefined) return input
  if (!Json.isObject(input) || (input[idempotencyKey] ?? undefined) !== undefined) return input
  return { ...input, [idempotencyKey]: minted }
}

/** What is to be said of a path that no official page shows; nothing where it was given by an override. */
const undocumented = (
  { id, path, pathAlternatives = [], provenance }: Operation.Operation,
  { path: corrected }: Override,
  policy: UndocumentedPaths
): { readonly warning?: string; readonly fault?: Operation.Fault } => {
  // Unknown is the path of a call without descriptor: the caller has given it.
  const isGuess = provenance.path === "third-party" || provenance.path === "inferred"
  if (!isGuess || corrected !== undefined || policy === "allow") return {}
  const option = `overrides["${id}"].path`
  const others = pathAlternatives.length === 0 ? "" : `, perhaps ${pathAlternatives.join(" or ")}`
  if (policy === "refuse") {
    return {
      fault: { path: option, rule: `must be set: the path ${path} is ${provenance.path} (undocumentedPaths)` }
    }
  }
  return {
    warning: `PayKKa ${id}: no official page shows its path; ${path} is ${provenance.path}. If it is another one${others}, set ${option} (PAYKKA_OVERRIDES). undocumentedPaths (PAYKKA_UNDOCUMENTED_PATHS) silences this.`
  }
}

/** What is signed and what is sent, before either happens. */
type Payload = Operation.Encoded & Pick<Prepared, "accept">

const json = "application/json"

const encode = (
  operation: Operation.Operation,
  input: unknown,
  extra: CallOptions["extra"],
  override: Override
): Checked<Payload> => {
  const { body: form } = operation
  if (form === "json") {
    return Result.map(Operation.encodeRequest(operation, input, extra), (text) => {
      const body = encoder.encode(text)
      return { signed: body, body, contentType: json, accept: json, fileName: undefined }
    })
  }
  // The JSON rule for Accept does not hold for uploads (contract/file.yaml), and what does is not shown. JSON is what can
  // be read; a server that would label its answer otherwise must not refuse to give one after the file is stored.
  return Result.map(form.encode(operation, input, extra, override), (encoded) => ({
    ...encoded,
    accept: `${json}, */*`
  }))
}

const textOf = (value: unknown, name: string): string | undefined => {
  const member = Json.isObject(value) ? value[name] : undefined
  return typeof member === "string" ? member : undefined
}

// Fields that name a submission, or the object that a call is about.
const keys = ["request_id", "merch_id", "recv_order_no", "contract_order_no", "order_no", "beneficiary_id"]

/**
 * An empty key names nothing: it is a number that an answer did not have, and what the platform would do with it is not
 * known. Our own rule. A call without descriptor is not held to it: what its fields mean is for the caller to know.
 */
const emptyKeys = (
  { idempotencyKey, provenance }: Operation.Operation,
  message: unknown
): ReadonlyArray<Operation.Fault> =>
  provenance.path === "unknown"
    ? []
    : (idempotencyKey === null || keys.includes(idempotencyKey) ? keys : [...keys, idempotencyKey])
        .filter((name) => textOf(message, name) === "")
        .map((path) => ({ path, rule: "must not be empty" }))

/** What names the submission: its key, or where that is left out another number of the object. */
const keyOf = ({ idempotencyKey }: Operation.Operation, message: unknown): Query.Key | null => {
  if (idempotencyKey === null) return null
  for (const field of [idempotencyKey, ...keys]) {
    const value = textOf(message, field)
    if (value !== undefined) return { field, value }
  }
  return null
}

/** What calls of one client have in common. */
export interface Client {
  /** Scheme, host and port. */
  readonly origin: string
  /** Random bytes of the client's own. */
  readonly salt: () => Uint8Array
}

/** Bytes that are made when they are first needed: a worker has no randomness before its first request. */
export const makeSalt = (): Client["salt"] => {
  let salt: Uint8Array | undefined
  return () => (salt ??= crypto.getRandomValues(new Uint8Array(16)))
}

const fingerprint = async (
  salt: Uint8Array,
  path: string,
  merchId: string | undefined,
  body: Uint8Array
): Promise<string> => {
  const parts = [salt, encoder.encode(`${path}\n${merchId ?? ""}\n`), body]
  const whole = new Uint8Array(await new Blob(parts as Array<Uint8Array<ArrayBuffer>>).arrayBuffer())
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", whole)))
}

// The path of a descriptor never changes; those of overrides are checked when the client is made.
const checkedPaths = /*#__PURE__*/ new WeakSet<Operation.Operation>()

const pathOf = (operation: Operation.Operation, path: string): Checked<string> => {
  if (path !== operation.path || checkedPaths.has(operation)) return Result.succeed(path)
  const checked = checkPath(path)
  if (Result.isFailure(checked)) return fault("path", checked.failure.rule)
  checkedPaths.add(operation)
  return Result.succeed(path)
}

/** Checks and encodes one call; reports all faults at once. */
export const call = (
  { overrides = {}, merchId: configured, undocumentedPaths = "warn", check = () => [] }: Options,
  { origin, salt }: Client,
  operation: Operation.Operation,
  input: unknown,
  minted: string | undefined,
  options: CallOptions
): Checked<Prepared> => {
  const override = overrides[operation.id] ?? {}
  const { path = operation.path, merchantHeader = operation.merchantHeader } = override
  const complete = withKey(operation, input, minted)
  const checks = [
    chooseMerchId(operation, merchantHeader, options.merchId, complete, configured),
    pathOf(operation, path),
    encode(operation, complete, options.extra, override),
    isTimeout(options.timeout) ? Result.succeed(undefined) : fault("options.timeout", timeoutRule)
  ] as const
  const [merchId, , payload] = checks
  const { warning, fault: pathFault } = undocumented(operation, override, undocumentedPaths)
  const faults = [
    ...checks.flatMap((result: Checked<unknown>) => (Result.isFailure(result) ? result.failure.faults : [])),
    // What does not fit its schema cannot be looked at any further.
    ...(Result.isSuccess(payload) ? [...emptyKeys(operation, complete), ...check(operation, complete)] : []),
    ...(pathFault === undefined ? [] : [pathFault])
  ]
  if (faults.length > 0 || Result.isFailure(merchId) || Result.isFailure(payload)) {
    return Result.fail(new Operation.InvalidValue({ faults }))
  }
  return Result.succeed({
    facts: {
      operation,
      origin,
      path,
      merchId: merchId.success,
      requestId: textOf(complete, "request_id"),
      key: keyOf(operation, complete),
      fingerprint: Effect.promise(() => fingerprint(salt(), path, merchId.success, payload.success.signed))
    },
    ...payload.success,
    onProgress: options.onProgress,
    warning
  })
}

/** The headers of a request; `Content-Type` comes with the body. */
export const headers = (
  { accept, facts: { merchId } }: Prepared,
  authorization: string
): Readonly<Record<string, string>> => ({
  Accept: accept,
  Authorization: authorization,
  ...(merchId === undefined ? {} : { "X-Merch-Id": merchId })
})

/** A descriptor for an endpoint that has none. */
export const adHoc = (request: Request<Operation.Codec>): Operation.Operation => ({
  // Shown in errors, logs and spans; a path may hold a number.
  id: `request ${Redaction.text(request.path.slice(0, 100))}`,
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
