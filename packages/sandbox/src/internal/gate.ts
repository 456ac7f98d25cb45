/**
 * The platform's door: whether a request is a call of the API, whether its signature, its nonce and its key are right,
 * and whether it fits its operation. Only then does a domain see it.
 */
import * as Inbound from "@paykka/schemas/Inbound"
import * as Json from "@paykka/schemas/Json"
import * as Operation from "@paykka/schemas/Operation"
import type * as KeyStore from "@paykka/signing/KeyStore"
import type * as Verifier from "@paykka/signing/Verifier"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { explain } from "./explain.ts"
import type { Merchants } from "./merchants.ts"
import { Refusal, notACall, success, toResponse } from "./refusal.ts"
import { type PartNames, type Upload, read as readUpload } from "./upload.ts"
import type { Call, Route } from "./world.ts"

/** What the door is made of. */
export interface Options {
  readonly merchants: Merchants
  /** The merchant numbers that were given, for explanations. */
  readonly merchIds: ReadonlyArray<string>
  readonly uploadParts: PartNames
  readonly maxBodyBytes: number
  /** In milliseconds. */
  readonly rateLimit: { readonly requests: number; readonly within: number } | undefined
  readonly keyStore: KeyStore.Service
  readonly verifier: Verifier.Service
  readonly now: () => number
  readonly routes: ReadonlyArray<Route>
}

/** What a request turned out to be. */
export interface Answered {
  readonly response: Response
  readonly operation: string | undefined
  readonly requestId: string | undefined
  readonly retCode: string | undefined
  readonly explanation: string | undefined
}

/** The door. */
export interface Gate {
  /**
   * Checks a request that was read, and gives the step that answers it: what it changes it changes then, and at once.
   * Without a `body` the request did not come to its end.
   */
  readonly admit: (request: Request, body: Uint8Array<ArrayBuffer> | undefined) => Effect.Effect<() => Answered>
  readonly suspend: (merchId: string, suspended: boolean) => void
}

const maxNonces = 10_000

const order = ["documented", "third-party", "inferred", "unknown"] as const

/** How sure an answer is: as sure as the least sure of what it rests on. */
const provenanceOf = ({ provenance: { path, request, response } }: Operation.Operation): string =>
  order[Math.max(...[path, request, response].map((each) => order.indexOf(each)))]!

const readJson = (text: Uint8Array, name: string): Result.Result<unknown, string> => {
  try {
    return Result.mapError(
      Json.parse(new TextDecoder("utf-8", { fatal: true }).decode(text)),
      ({ detail }) => `${name} ${detail}`
    )
  } catch {
    return Result.fail(`${name} is not UTF-8`)
  }
}

/** Reads a message of an operation; fails with what is wrong with it. */
const readMessage = (
  { request }: Operation.Operation,
  json: Result.Result<unknown, string>,
  file: Upload["file"] | undefined
): Result.Result<Pick<Call, "input" | "json">, string> => {
  if (Result.isFailure(json)) return Result.fail(json.failure)
  // A raw number is an object to JavaScript; to a schema it must not be an empty one.
  const tidied = Json.isRawNumber(json.success) ? json.success.rawJSON : Inbound.tidy(json.success, {})
  return Schema.decodeUnknownResult(request, { errors: "all" })(
    file === undefined ? tidied : { meta: tidied, file }
  ).pipe(
    Result.map((input) => ({ input, json: Json.isObject(tidied) ? tidied : {} })),
    Result.mapError(({ issue }) =>
      Operation.faults(issue)
        .map(({ path, rule }) => `${path} ${rule}`.trim())
        .join("; ")
    )
  )
}

/** The same of a message that was admitted once. */
export const readAgain = (operation: Operation.Operation, text: Uint8Array, file: Upload["file"] | undefined) =>
  readMessage(operation, readJson(text, "the body"), file)

const invalid = (detail: string): Refusal => new Refusal({ code: "010000", detail })

/** The signature is not right. */
const unauthorized = (explanation: string): Refusal => new Refusal({ code: "010100", explanation })

/** The signature is right, and must not be. That the platform tells the two codes apart so is the sandbox's own choice. */
const forbidden = (explanation: string): Refusal => new Refusal({ code: "010200", explanation })

/** A body: what is signed, its JSON, and the file of an upload. */
interface Body {
  readonly signed: Uint8Array
  readonly json: Result.Result<unknown, string>
  readonly upload: Upload | undefined
}

/** Builds the door. */
export const make = (options: Options): Gate => {
  const { merchants, keyStore, verifier, now, routes, uploadParts, maxBodyBytes, rateLimit } = options
  const suspended = new Set<string>()
  const nonces = new Set<string>()
  const arrivals = new Map<string, Array<number>>()

  /** Whether the signature is right, its key the merchant's, and its nonce new. Gives the key's id. */
  const authenticate = Effect.fnUntraced(function* (
    request: Request,
    url: URL,
    body: Uint8Array
  ): Effect.fn.Return<string, Refusal> {
    const header = request.headers.get("authorization") ?? undefined
    const merchId = request.headers.get("x-merch-id") ?? undefined
    const { key, authorization } = yield* verifier
      .verify({ path: url.pathname, authorization: header, merchId, body })
      .pipe(
        Effect.catchTags({
          SignatureRejected: (error) =>
            Effect.flatMap(Effect.orDie(keyStore.platformKeys), (all) => {
              const question = { error, url, header, merchId, body, keys: all, merchIds: options.merchIds }
              return Effect.flatMap(explain(question), (explanation) => Effect.fail(unauthorized(explanation)))
            }),
          // The keys are at hand since the sandbox was built.
          KeyUnavailable: Effect.die
        })
      )
    const keyId = key.keyId ?? ""
    if (merchId !== undefined && !merchants.isSignedBy(merchId, keyId)) {
      return yield* forbidden(`key ${keyId} does not belong to merchant ${merchId}`)
    }
    // Which error a reused nonce gives is not known.
    const nonce = `${keyId} ${authorization.nonce}`
    if (nonces.has(nonce)) return yield* forbidden("the nonce was used before; make a new one for every attempt")
    nonces.add(nonce)
    if (nonces.size > maxNonces)
      for (const oldest of [...nonces].slice(0, nonces.size - maxNonces)) nonces.delete(oldest)
    return keyId
  })

  const limitRate = (keyId: string): Refusal | undefined => {
    if (rateLimit === undefined) return undefined
    const recent = (arrivals.get(keyId) ?? []).filter((at) => at > now() - rateLimit.within)
    arrivals.set(keyId, recent)
    if (recent.length >= rateLimit.requests) {
      return new Refusal({
        code: "010001",
        detail: `${rateLimit.requests} in ${rateLimit.within / 1000} s are allowed`
      })
    }
    recent.push(now())
    return undefined
  }

  const readBody = (
    { operation }: Route,
    request: Request,
    bytes: Uint8Array<ArrayBuffer>
  ): Effect.Effect<Body, Refusal> =>
    operation.body === "json"
      ? Effect.succeed({ signed: bytes, json: readJson(bytes, "the body"), upload: undefined })
      : readUpload(request.headers.get("content-type"), bytes, uploadParts).pipe(
          Effect.map((upload) => ({ signed: upload.meta, json: readJson(upload.meta, "meta"), upload })),
          Effect.mapError(invalid)
        )

  /** Checks the request against its operation and lets the domain answer. */
  const take = (
    { operation, handle }: Route,
    given: string | null,
    keyId: string,
    { signed, json, upload }: Body
  ): Result.Result<unknown, Refusal> => {
    const { merchantHeader } = operation
    if (merchantHeader === "required" && given === null) return Result.fail(invalid("X-Merch-Id is missing"))
    if (merchantHeader === "forbidden" && given !== null) return Result.fail(invalid("X-Merch-Id must not be sent"))
    const merchId = given ?? (merchantHeader === "optional" ? merchants.firstOf(keyId) : "")
    const message = readMessage(operation, json, upload?.file)
    if (Result.isFailure(message)) return Result.fail(invalid(message.failure))
    if (suspended.has(merchId)) {
      return Result.fail(new Refusal({ code: "010003", detail: "the merchant is suspended" }))
    }
    if (!merchants.isActive(merchId) && !operation.id.startsWith("assessment.")) {
      return Result.fail(new Refusal({ code: "010003", detail: "the merchant is not onboarded yet" }))
    }
    const call = {
      merchId,
      owner: merchants.ownerOf(keyId),
      text: signed,
      ...message.success,
      sha256: upload?.sha256
    }
    return Result.try({
      try: () => handle(call),
      catch: (error) =>
        error instanceof Refusal
          ? error
          : new Refusal({ code: "999999", explanation: `the sandbox itself failed: ${String(error)}` })
    })
  }

  const admit = Effect.fnUntraced(function* (
    request: Request,
    bytes: Uint8Array<ArrayBuffer> | undefined
  ): Effect.fn.Return<() => Answered> {
    const url = new URL(request.url)
    const nothing = { operation: undefined, requestId: undefined, retCode: undefined }
    const route = routes.find(({ operation }) => operation.path === url.pathname)
    if (route === undefined) {
      const known = routes.map(({ operation }) => operation.path).join(", ")
      const explanation = `no operation has this path; known: ${known}`
      return () => ({ ...nothing, response: notACall(404, "Not Found"), explanation })
    }
    const facts = { ...nothing, operation: route.operation.id }
    if (request.method !== "POST") {
      const response = notACall(405, "Method Not Allowed", { Allow: "POST" })
      const explanation = `the method is ${request.method}; every operation is a POST`
      return () => ({ ...facts, response, explanation })
    }
    if (bytes === undefined) {
      const explanation = "the body did not come to its end"
      return () => ({ ...facts, response: notACall(400, "Bad Request"), explanation })
    }
    if (bytes.length > maxBodyBytes) {
      const explanation = `the body has ${bytes.length} bytes; ${maxBodyBytes} are allowed (our own limit)`
      return () => ({ ...facts, response: notACall(413, "Content Too Large"), explanation })
    }

    let requestId: string | undefined
    const admitted = yield* Effect.gen(function* () {
      const body = yield* readBody(route, request, bytes)
      const json = Result.getOrUndefined(body.json)
      const given = Json.isObject(json) ? json["request_id"] : undefined
      if (typeof given === "string") requestId = given.slice(0, 40)
      const keyId = yield* authenticate(request, url, body.signed)
      const limited = limitRate(keyId)
      if (limited !== undefined) return yield* limited
      return () => take(route, request.headers.get("x-merch-id"), keyId, body)
    }).pipe(Effect.result)
    return () => {
      const answered = Result.flatMap(admitted, (step) => step())
      if (Result.isSuccess(answered)) {
        const response = success(answered.success, provenanceOf(route.operation))
        return { ...facts, response, requestId, explanation: undefined }
      }
      const { code, detail, explanation = detail } = answered.failure
      return { ...facts, response: toResponse(answered.failure), requestId, retCode: code, explanation }
    }
  })

  return {
    admit,
    suspend: (merchId, isSuspended) => {
      if (isSuspended) suspended.add(merchId)
      else suspended.delete(merchId)
    }
  }
}
