/**
 * A local PayKKa over the SDK's own descriptors: checks every signature as the platform would and says in its log
 * what was wrong, keeps state, and posts signed notifications.
 *
 * It stands in for a platform of which much is not known. Whatever it does on inferred knowledge is marked in the
 * response header `x-sandbox-provenance`. Its state is in memory and gone with it.
 */
import * as Inbound from "@paykka/schemas/Inbound"
import * as Json from "@paykka/schemas/Json"
import * as Operation from "@paykka/schemas/Operation"
import type { KeyInput } from "@paykka/signing/KeyMaterial"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Verifier from "@paykka/signing/Verifier"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { deliver } from "./internal/deliver.ts"
import { explain } from "./internal/explain.ts"
import * as keys from "./internal/keys.ts"
import { Refusal, notACall, success, toResponse } from "./internal/refusal.ts"
import type { Platform, Route } from "./internal/route.ts"
import * as va from "./internal/va.ts"

/** A merchant that the sandbox knows. */
export interface Merchant {
  /** The merchant number, the value of `X-Merch-Id`. */
  readonly merchId: string
  /**
   * The id of the merchant's key. A merchant with two keys (rotation) is listed twice, and so is a key that serves
   * two merchants.
   */
  readonly keyId: string
  /** The merchant's public key. */
  readonly publicKey: KeyInput
}

/** What the sandbox is made of. */
export interface Options {
  readonly merchants: ReadonlyArray<Merchant>
  /** The platform's own key, which signs notifications; give its public half to the merchants. */
  readonly platformKey: { readonly keyId: string; readonly privateKey: KeyInput }
  /**
   * The merchants' callback URL; without one nothing is notified. A notification is posted until it is answered with
   * 200 within 10 seconds, at most seven times, with waits of 0.5 to 16 seconds in between (our own choice).
   */
  readonly callbackUrl?: string | undefined
  /** How notifications are sent. Default: the runtime's `fetch`. */
  readonly send?: ((request: Request) => Promise<Response>) | undefined
  /** How long the platform takes for a decision, such as opening an account. Default: 1 second. */
  readonly decidesAfter?: Duration.Input | undefined
  /** How far a request's timestamp may be from now. Default: 5 minutes either way (not stated by PayKKa). */
  readonly tolerance?: Verifier.Options["tolerance"]
}

/** One line of the sandbox's log. Never holds a body. */
export type LogEntry =
  | {
      readonly kind: "request"
      readonly at: number
      readonly path: string
      readonly operation: string | undefined
      readonly status: number
      readonly retCode: string | undefined
      readonly requestId: string | undefined
      /** Why it was refused, with the comparison of a signature line by line. */
      readonly explanation: string | undefined
    }
  | {
      readonly kind: "notification"
      readonly at: number
      readonly merchId: string
      readonly deliveries: number
      /** The last failure; undefined when it was acknowledged. */
      readonly failure: string | undefined
    }

/** The service. */
export interface Service {
  /** Answers one request, as the platform would. */
  readonly handle: (request: Request) => Effect.Effect<Response>
  /** What has happened so far, oldest first; the last 1,000 entries. */
  readonly log: Effect.Effect<ReadonlyArray<LogEntry>>
  /** Suspends or resumes a merchant: its calls are then refused with `010003`. */
  readonly suspend: (merchId: string, suspended: boolean) => Effect.Effect<void>
}

/** A local PayKKa. See {@link Service}. */
export class Sandbox extends /*#__PURE__*/ Context.Service<Sandbox, Service>()("@paykka/sandbox/Sandbox") {}

const maxLog = 1000
const maxNonces = 10_000
const maxBodyBytes = 16 * 1024 * 1024

/** What a request turned out to be, for the log. */
interface Outcome {
  readonly response: Response
  readonly operation?: string | undefined
  readonly requestId?: string | undefined
  readonly retCode?: string | undefined
  readonly explanation?: string | undefined
}

const readJson = (body: Uint8Array): Result.Result<unknown, string> => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body)
    return Result.mapError(Json.parse(text), ({ detail }) => detail)
  } catch {
    return Result.fail("is not UTF-8")
  }
}

/**
 * Builds the sandbox. Fails with `InvalidKeyStore`, which names the option, when a key cannot be used. A
 * `callbackUrl` that is not a URL is a defect.
 */
export const make = /*#__PURE__*/ Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Service, KeyStore.InvalidKeyStore, Scope.Scope> {
  const { merchants, callbackUrl, send = (request: Request) => fetch(request), decidesAfter = "1 second" } = options
  if (callbackUrl !== undefined && !URL.canParse(callbackUrl)) {
    return yield* Effect.die(new Error("callbackUrl: must be a URL such as http://127.0.0.1:8080/hooks/paykka"))
  }
  const target = callbackUrl === undefined ? undefined : { url: new URL(callbackUrl), send }
  const scope = yield* Effect.scope
  const keyStore = yield* keys.make(options)
  const merchantKeys = yield* Effect.orDie(keyStore.platformKeys)
  const signer = yield* Effect.provideService(Signer.make, KeyStore.KeyStore, keyStore)
  const verifier = yield* Effect.provideService(
    Verifier.make({ tolerance: options.tolerance, unknownKeyId: "refuse" }),
    KeyStore.KeyStore,
    keyStore
  )
  const log = yield* Ref.make<ReadonlyArray<LogEntry>>([])
  const suspended = yield* Ref.make<ReadonlySet<string>>(new Set())
  const nonces = yield* Ref.make<ReadonlySet<string>>(new Set())
  const record = (entry: LogEntry) => Ref.update(log, (entries) => [...entries, entry].slice(-maxLog))

  const platform: Platform = {
    later: (effect) => Effect.asVoid(Effect.forkIn(Effect.delay(effect, decidesAfter), scope)),
    notify: (merchId, data) =>
      Effect.gen(function* () {
        if (target === undefined) return
        const delivered = yield* Effect.provideService(deliver(target, merchId, data), Signer.Signer, signer)
        yield* record({ kind: "notification", at: yield* Clock.currentTimeMillis, merchId, ...delivered })
      })
  }
  const routes: ReadonlyArray<Route> = yield* va.make(platform)

  const unauthorized = (explanation: string): Refusal => new Refusal({ code: "010100", explanation })

  /** Whether the signature is right, its key the merchant's, and its nonce new. */
  const authenticate = Effect.fnUntraced(function* (
    request: Request,
    url: URL,
    body: Uint8Array
  ): Effect.fn.Return<void, Refusal> {
    const header = request.headers.get("authorization") ?? undefined
    const merchId = request.headers.get("x-merch-id") ?? undefined
    const { key, authorization } = yield* verifier
      .verify({ path: url.pathname, authorization: header, merchId, body })
      .pipe(
        Effect.catchTags({
          SignatureRejected: (error) => {
            const merchIds = merchants.map((merchant) => merchant.merchId)
            const question = { error, url, header, merchId, body, keys: merchantKeys, merchIds }
            return Effect.flatMap(explain(question), (explanation) => Effect.fail(unauthorized(explanation)))
          },
          // The keys are at hand since the sandbox was built.
          KeyUnavailable: Effect.die
        })
      )
    const isOwner = merchants.some((merchant) => merchant.keyId === key.keyId && merchant.merchId === merchId)
    if (merchId !== undefined && !isOwner) {
      return yield* unauthorized(`key ${key.keyId} does not belong to merchant ${merchId}`)
    }
    // Which error a reused nonce gives is not known.
    const nonce = `${key.keyId} ${authorization.nonce}`
    const isNew = yield* Ref.modify(nonces, (seen) =>
      seen.has(nonce) ? [false, seen] : [true, new Set([...seen].slice(1 - maxNonces)).add(nonce)]
    )
    if (!isNew) return yield* unauthorized("the nonce was used before; make a new one for every attempt")
  })

  /** Checks the request against its operation and lets the domain answer. */
  const answer = Effect.fnUntraced(function* (
    route: Route,
    request: Request,
    json: Result.Result<unknown, string>
  ): Effect.fn.Return<Response, Refusal> {
    const { operation } = route
    const merchId = request.headers.get("x-merch-id")
    if (operation.merchantHeader === "required" && merchId === null) {
      return yield* new Refusal({ code: "010000", detail: "X-Merch-Id is missing" })
    }
    if (operation.merchantHeader === "forbidden" && merchId !== null) {
      return yield* new Refusal({ code: "010000", detail: "X-Merch-Id must not be sent" })
    }
    if (Result.isFailure(json)) return yield* new Refusal({ code: "010000", detail: `the body ${json.failure}` })
    const input = Schema.decodeUnknownResult(operation.request, { errors: "all" })(Inbound.tidy(json.success, {}))
    if (Result.isFailure(input)) {
      const faults = Operation.faults(input.failure.issue).map(({ path, rule }) => `${path} ${rule}`.trim())
      return yield* new Refusal({ code: "010000", detail: faults.join("; ") })
    }
    if (merchId !== null && (yield* Ref.get(suspended)).has(merchId)) {
      return yield* new Refusal({ code: "010003", detail: "the merchant is suspended" })
    }
    const body = yield* route.handle({ merchId: merchId ?? "", input: input.success })
    const { path, request: requestBody, response } = operation.provenance
    const known = path === "documented" && requestBody === "documented" && response === "documented"
    return success(body, known ? "documented" : "inferred")
  })

  const process = Effect.fnUntraced(function* (request: Request, url: URL): Effect.fn.Return<Outcome> {
    const route = routes.find(({ operation }) => operation.path === url.pathname)
    if (route === undefined) {
      const known = routes.map(({ operation }) => operation.path).join(", ")
      return { response: notACall(404, "Not Found"), explanation: `no operation has this path; known: ${known}` }
    }
    const operation = route.operation.id
    if (request.method !== "POST") {
      const response = notACall(405, "Method Not Allowed", { Allow: "POST" })
      return { operation, response, explanation: `the method is ${request.method}; every operation is a POST` }
    }
    const body = yield* Effect.promise(() => request.bytes().catch(() => undefined))
    if (body === undefined) {
      return { operation, response: notACall(400, "Bad Request"), explanation: "the body did not come to its end" }
    }
    if (body.length > maxBodyBytes) {
      const explanation = `the body has ${body.length} bytes; ${maxBodyBytes} are allowed (our own limit)`
      return { operation, response: notACall(413, "Content Too Large"), explanation }
    }
    const json = readJson(body)
    const requestId = Result.isSuccess(json) && Json.isObject(json.success) ? json.success["request_id"] : undefined
    const facts = { operation, requestId: typeof requestId === "string" ? requestId.slice(0, 40) : undefined }
    return yield* authenticate(request, url, body).pipe(
      Effect.andThen(answer(route, request, json)),
      Effect.match({
        onSuccess: (response): Outcome => ({ ...facts, response }),
        onFailure: (refusal): Outcome => {
          const { code, explanation = refusal.detail } = refusal
          return { ...facts, response: toResponse(refusal), retCode: code, explanation }
        }
      })
    )
  })

  const handle = Effect.fnUntraced(function* (request: Request): Effect.fn.Return<Response> {
    const url = new URL(request.url)
    const { response, operation, requestId, retCode, explanation } = yield* process(request, url)
    const { status } = response
    const path = url.pathname
    yield* record({
      kind: "request",
      at: yield* Clock.currentTimeMillis,
      path,
      operation,
      status,
      retCode,
      requestId,
      explanation
    })
    if (status !== 200) {
      const why = explanation === undefined ? "" : `: ${explanation}`
      yield* Effect.logWarning(`sandbox refused ${path} with ${retCode ?? `HTTP ${status}`}${why}`)
    }
    return response
  })

  return Sandbox.of({
    handle,
    log: Ref.get(log),
    suspend: (merchId, suspend) =>
      Ref.update(suspended, (ids) => {
        const next = new Set(ids)
        if (suspend) next.add(merchId)
        else next.delete(merchId)
        return next
      })
  })
})

/** The sandbox in memory. To reach it use `SandboxTransport` (no network) or `@paykka/sandbox/node` (a port). */
export const layer = (options: Options): Layer.Layer<Sandbox, KeyStore.InvalidKeyStore> =>
  Layer.effect(Sandbox, make(options))
