/**
 * An operation of the API as a value. Client methods and the sandbox's routes are derived from these values; nothing
 * about an endpoint is written twice.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import * as Inbound from "./Inbound.ts"
import * as Json from "./Json.ts"
import type { Provenance } from "./Provenance.ts"

/** Whether `X-Merch-Id` is sent. */
export type MerchantHeader = "required" | "optional" | "forbidden"

/** What a call does to the platform's state. Only reads are harmless to repeat. */
export type OperationEffect = "read" | "create" | "update"

/** A schema that needs no services. */
export type Codec = Schema.ConstraintCodec<unknown, unknown>

/** How sure the parts of a descriptor are. */
export interface OperationProvenance {
  readonly path: Provenance
  readonly merchantHeader: Provenance
  readonly request: Provenance
  readonly response: Provenance
}

/** A request as it is sent. */
export interface Encoded {
  /** What is signed: the body, or the JSON text about a file. */
  readonly signed: Uint8Array<ArrayBuffer>
  readonly body: Uint8Array<ArrayBuffer>
  readonly contentType: string
  /** The name of the file, where one is sent. */
  readonly fileName: string | undefined
}

/** What the parts of a multipart body are called, where it is otherwise than `meta` and `file`. */
export interface PartNames {
  readonly metaPart?: string | undefined
  /** The `Content-Type` of the text. Default: none. */
  readonly metaPartType?: string | undefined
  readonly filePart?: string | undefined
}

/** A form of a request body other than plain JSON. */
export interface Form {
  readonly kind: "multipart"
  /** Checks a request and writes it. `extra` holds further members of the JSON text that is signed. */
  readonly encode: (
    operation: Pick<Operation, "request">,
    input: unknown,
    extra?: Readonly<Record<string, unknown>>,
    names?: PartNames
  ) => Result.Result<Encoded, InvalidValue>
}

/** An operation: a signed POST of JSON (or of multipart data) to a fixed path. */
export interface Operation<
  Id extends string = string,
  Request extends Codec = Codec,
  Response extends Codec = Codec,
  Key extends string | null = string | null,
  Effect extends OperationEffect = OperationEffect
> {
  /** Domain and name, for example `va.apply`. */
  readonly id: Id
  /** One line for people. */
  readonly title: string
  /** The request path; what line 1 of the signed string is. */
  readonly path: string
  /** Other paths that are thought possible, where the path is not documented. */
  readonly pathAlternatives?: ReadonlyArray<string>
  /** Whether `X-Merch-Id` is sent. */
  readonly merchantHeader: MerchantHeader
  /** The request field that names the merchant of `X-Merch-Id`, where it is another one than the caller. */
  readonly merchantField?: string
  /** What a call does. */
  readonly effect: Effect
  /** The request field that names a submission; null where there is none. */
  readonly idempotencyKey: Key
  /** The read operation that reveals the outcome of a write whose answer was lost; null for reads. */
  readonly resolvedBy: Operation | null
  /** The form of the request body: JSON, or one that writes itself (`Multipart.form`), so that only its users bundle it. */
  readonly body: "json" | Form
  /** The request: checked and encoded before anything is signed. */
  readonly request: Request
  /** The business object of the response: read tolerantly. */
  readonly response: Response
  /** Other spellings of top-level response fields. */
  readonly aliases: Inbound.Aliases
  /** How sure all this is. */
  readonly provenance: OperationProvenance
  /** The pages that the facts come from. */
  readonly sources: ReadonlyArray<string>
}

/** Makes a descriptor. */
export const make = <
  const Id extends string,
  Request extends Codec,
  Response extends Codec,
  const Key extends string | null,
  const Effect extends OperationEffect
>(
  operation: Operation<Id, Request, Response, Key, Effect>
): Operation<Id, Request, Response, Key, Effect> => operation

type Simplify<A> = { readonly [K in keyof A]: A[K] } & {}
// Each maps over the fields themselves: an editor then has their documentation.
type MakeOptional<A, K extends keyof A> = Simplify<Omit<A, K> & { readonly [P in keyof Pick<A, K>]?: A[P] | undefined }>
type WithKey<A, Request, K extends keyof Request> = Simplify<
  Omit<A, K> & { readonly [P in keyof Pick<Request, K>]: string }
>

/**
 * Whether the key of a submission may be made by the client: a new `request_id` for a new submission. The key of an
 * update names what exists already, and other keys are the platform's numbers: nobody can make those up.
 */
export const isMinted = (operation: Pick<Operation, "idempotencyKey" | "effect">): boolean =>
  operation.idempotencyKey === "request_id" && operation.effect === "create"

/** What a caller gives. The `request_id` of a new submission may be left out: the client then makes one. */
export type Input<O extends Operation> = O extends { readonly idempotencyKey: "request_id"; readonly effect: "create" }
  ? MakeOptional<O["request"]["Type"], "request_id" & keyof O["request"]["Type"]>
  : O["request"]["Type"]

/** What a caller gets: the business object, with the idempotency key that was sent. */
export type Output<O extends Operation> = O["idempotencyKey"] extends infer Key extends string
  ? O["request"]["Type"] extends { readonly [K in Key]: string }
    ? WithKey<O["response"]["Type"], O["request"]["Type"], Key>
    : O["response"]["Type"]
  : O["response"]["Type"]

/** A fault of a value: where, and the rule it breaks. Never the value. */
export interface Fault {
  /** For example `currencies[0]`; empty for the value as a whole. */
  readonly path: string
  /** For example `Expected a value with a length of at most 32`. */
  readonly rule: string
}

/** A value that does not fit its schema, with all its faults. */
export class InvalidValue
  extends /*#__PURE__*/ Data.TaggedError("InvalidValue")<{ readonly faults: ReadonlyArray<Fault> }>
{
  override get message(): string {
    return this.faults.map(({ path, rule }) => (path === "" ? rule : `${path}: ${rule}`)).join("; ")
  }
}

const toFaults = /*#__PURE__*/ SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) => {
    if (issue._tag === "MissingKey") return "is missing"
    if (issue._tag === "UnexpectedKey") return "is not a known field (a misspelling? if not, send it as an extra field)"
    return SchemaIssue.defaultLeafHook(issue)
  }
})

const pathText = (path: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined): string =>
  (path ?? []).reduce<string>((text, segment) => {
    const key = typeof segment === "object" ? segment.key : segment
    if (typeof key === "number") return `${text}[${key}]`
    return text === "" ? String(key) : `${text}.${String(key)}`
  }, "")

/** The faults of a schema failure. */
export const faults = (issue: SchemaIssue.Issue): ReadonlyArray<Fault> =>
  toFaults(issue).issues.map(({ path, message }) => ({ path: pathText(path), rule: message }))

const orInvalid = <A>(result: Result.Result<A, SchemaIssue.Issue>): Result.Result<A, InvalidValue> =>
  Result.mapError(result, (issue) => new InvalidValue({ faults: faults(issue) }))

/** Checks a request and turns it into the JSON value of the wire. A field that the schema does not know is a fault. */
export const encodeValue = (
  operation: Pick<Operation, "request">,
  input: unknown
): Result.Result<unknown, InvalidValue> =>
  orInvalid(SchemaParser.encodeUnknownResult(operation.request, { errors: "all", onExcessProperty: "error" })(input))

/** The fields of `extra` that an object has already. */
export const givenTwice = (given: unknown, extra: Readonly<Record<string, unknown>>): ReadonlyArray<Fault> =>
  Object.keys(extra)
    .filter((name) => Json.isObject(given) && Object.hasOwn(given, name) && given[name] !== undefined)
    .map((name) => ({ path: `extra.${name}`, rule: "is given in the input already" }))

/** Writes JSON text; fails where a value that no schema describes cannot be written. */
export const writeJson = (json: unknown): Result.Result<string, InvalidValue> =>
  Result.try({
    try: () => Json.stringify(json),
    // A bigint or a cycle. The engine's message quotes names.
    catch: () => new InvalidValue({ faults: [{ path: "", rule: "cannot be written as JSON" }] })
  })

/**
 * Checks a request and writes it as JSON text, the text that is signed and sent.
 *
 * All faults are reported at once. A field that the schema does not know is a fault too (a misspelt field must
 * not vanish); `extra` holds fields that are sent as they are, for what the schema does not know yet or has wrong.
 * It must not name a field of the input: what was checked is what is sent.
 */
export const encodeRequest = (
  operation: Pick<Operation, "request">,
  input: unknown,
  extra: Readonly<Record<string, unknown>> = {}
): Result.Result<string, InvalidValue> => {
  const encoded = encodeValue(operation, input)
  const twice = givenTwice(
    Result.getOrElse(encoded, () => input),
    extra
  )
  if (Result.isFailure(encoded)) return Result.fail(new InvalidValue({ faults: [...encoded.failure.faults, ...twice] }))
  if (twice.length > 0) return Result.fail(new InvalidValue({ faults: twice }))
  const json = encoded.success
  return writeJson(Json.isObject(json) ? { ...json, ...extra } : json)
}

/** Reads the business object of a response, or of anything that was received. */
export const decodeResponse = <O extends Pick<Operation, "response" | "aliases">>(
  operation: O,
  json: unknown
): Result.Result<O["response"]["Type"], InvalidValue> =>
  orInvalid(
    SchemaParser.decodeUnknownResult(operation.response, { errors: "all" })(
      // A raw number is an object to JavaScript; to a schema it must not be an empty one.
      Json.isRawNumber(json) ? json.rawJSON : Inbound.tidy(json, operation.aliases)
    )
  )
