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
import type * as CanonicalString from "@paykka/signing/CanonicalString"
import * as Authorization from "@paykka/signing/Authorization"
import * as Explanation from "@paykka/signing/Explanation"
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
import * as Scope from "effect/Scope"
import { deliver } from "./internal/deliver.ts"
import { Refusal, success, toResponse } from "./internal/refusal.ts"
import type { Platform, Route } from "./internal/route.ts"
import * as va from "./internal/va.ts"

/** A merchant that the sandbox knows. */
export interface Merchant {
  /** The merchant number, the value of `X-Merch-Id`. */
  readonly merchId: string
  /** The id of the merchant's key. A merchant with two keys (rotation) is listed twice. */
  readonly keyId: string
  /** The merchant's public key. */
  readonly publicKey: KeyInput
}

/** What the sandbox is made of. */
export interface Options {
  readonly merchants: ReadonlyArray<Merchant>
  /** The platform's own key, which signs notifications; give its public half to the merchants. */
  readonly platformKey: { readonly keyId: string; readonly privateKey: KeyInput }
  /** The merchants' callback URL; without one nothing is notified. */
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
export class Sandbox extends Context.Service<Sandbox, Service>()("@paykka/sandbox/Sandbox") {}

const maxLog = 1000
const maxBodyBytes = 16 * 1024 * 1024

/** What a request turned out to be, for the log. */
interface Outcome {
  readonly response: Response
  readonly operation?: string | undefined
  readonly requestId?: string | undefined
  readonly refusal?: Refusal | undefined
}

/** Builds the sandbox. Fails with `InvalidKeyStore` when a key cannot be used. */
export const make = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Service, KeyStore.InvalidKeyStore, Scope.Scope> {
  const { merchants, callbackUrl, send = (request: Request) => fetch(request), decidesAfter = "1 second" } = options
  const scope = yield* Effect.scope
  const keyStore = yield* KeyStore.make({ signingKey: options.platformKey, platformKeys: merchants })
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
        if (callbackUrl === undefined) return
        const delivered = yield* Effect.provideService(
          deliver({ url: callbackUrl, send }, merchId, data),
          Signer.Signer,
          signer
        )
        yield* record({ kind: "notification", at: yield* Clock.currentTimeMillis, merchId, ...delivered })
      })
  }
  const routes: ReadonlyArray<Route> = yield* va.make(platform)

  /** Why a signature was refused, for the one who wrote the request. */
  const explain = Effect.fnUntraced(function* (
    error: Verifier.SignatureRejected,
    parts: Omit<CanonicalString.Parts, "timestamp" | "nonce">,
    url: URL,
    header: string | null
  ): Effect.fn.Return<string> {
    const decoded = Authorization.decode(header ?? "")
    if (error.reason._tag !== "Mismatch" || Result.isFailure(decoded)) return error.message
    const authorization = decoded.success
    const keys = yield* Effect.orElseSucceed(keyStore.platformKeys, () => [])
    const explanation = yield* Explanation.explain({
      parts: { ...parts, timestamp: authorization.timestamp, nonce: authorization.nonce },
      authorization,
      keys: keys.filter((key) => key.keyId === authorization.key_id),
      otherKeys: keys.filter((key) => key.keyId !== authorization.key_id),
      otherPaths: [url.href, url.origin + url.pathname, url.pathname + url.search],
      otherMerchIds: merchants.map(({ merchId }) => merchId)
    })
    return `${error.message}\n${Explanation.format(explanation)}`
  })

  /** Whether the signature is right, its key the merchant's, and its nonce new. */
  const authenticate = Effect.fnUntraced(function* (
    request: Request,
    url: URL,
    body: Uint8Array
  ): Effect.fn.Return<void, Refusal> {
    const header = request.headers.get("authorization")
    const merchId = request.headers.get("x-merch-id") ?? undefined
    const verified = yield* verifier
      .verify({ path: url.pathname, authorization: header ?? undefined, merchId, body })
      .pipe(
        Effect.catchTag("SignatureRejected", (error) =>
          Effect.flatMap(explain(error, { path: url.pathname, merchId, body }, url, header), (explanation) =>
            Effect.fail(new Refusal({ code: "010100", explanation }))
          )
        ),
        Effect.catchTag("KeyUnavailable", (error) =>
          Effect.fail(new Refusal({ code: "010100", explanation: error.message }))
        )
      )
    const owners = merchants.filter(({ keyId }) => keyId === verified.key.keyId)
    if (merchId !== undefined && !owners.some((merchant) => merchant.merchId === merchId)) {
      const explanation = `key ${verified.key.keyId} does not belong to merchant ${merchId}`
      return yield* new Refusal({ code: "010100", explanation })
    }
    // Which error a reused nonce gives is not known.
    const nonce = `${verified.key.keyId} ${verified.authorization.nonce}`
    if ((yield* Ref.get(nonces)).has(nonce)) {
      const explanation = "the nonce was used before; make a new one for every attempt"
      return yield* new Refusal({ code: "010100", explanation })
    }
    yield* Ref.update(nonces, (seen) => new Set([...seen].slice(-9_999)).add(nonce))
  })

  /** Checks the request against its operation and lets the domain answer. */
  const answer = Effect.fnUntraced(function* (
    route: Route,
    request: Request,
    json: Result.Result<unknown, Json.InvalidJson>
  ): Effect.fn.Return<Response, Refusal> {
    const { operation } = route
    const merchId = request.headers.get("x-merch-id")
    if (operation.merchantHeader === "required" && merchId === null) {
      return yield* new Refusal({ code: "010000", detail: "X-Merch-Id is missing" })
    }
    if (operation.merchantHeader === "forbidden" && merchId !== null) {
      return yield* new Refusal({ code: "010000", detail: "X-Merch-Id must not be sent" })
    }
    if (Result.isFailure(json)) return yield* new Refusal({ code: "010000", detail: `the body ${json.failure.detail}` })
    const input = Schema.decodeUnknownResult(operation.request, { errors: "all" })(Inbound.tidy(json.success, {}))
    if (Result.isFailure(input)) {
      const faults = Operation.faults(input.failure).map(({ path, rule }) => `${path} ${rule}`.trim())
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

  const process = Effect.fnUntraced(function* (request: Request): Effect.fn.Return<Outcome> {
    const url = new URL(request.url)
    const route = routes.find(({ operation }) => operation.path === url.pathname)
    // No page says what a wrong path or method is answered with.
    if (route === undefined) return { response: new Response("Not Found\n", { status: 404 }) }
    const operation = route.operation.id
    if (request.method !== "POST") {
      return { operation, response: new Response("Method Not Allowed\n", { status: 405, headers: { Allow: "POST" } }) }
    }
    const body = yield* Effect.promise(() => request.bytes().catch(() => undefined))
    if (body === undefined || body.length > maxBodyBytes) {
      return { operation, response: new Response("Bad Request\n", { status: 400 }) }
    }
    const json = Json.parse(new TextDecoder().decode(body))
    const requestId = Result.isSuccess(json) && Json.isObject(json.success) ? json.success["request_id"] : undefined
    const facts = { operation, requestId: typeof requestId === "string" ? requestId.slice(0, 40) : undefined }
    return yield* authenticate(request, url, body).pipe(
      Effect.andThen(answer(route, request, json)),
      Effect.match({
        onSuccess: (response): Outcome => ({ ...facts, response }),
        onFailure: (refusal): Outcome => ({ ...facts, response: toResponse(refusal), refusal })
      })
    )
  })

  const handle = Effect.fnUntraced(function* (request: Request): Effect.fn.Return<Response> {
    const { response, operation, requestId, refusal } = yield* process(request)
    const path = new URL(request.url).pathname
    const explanation = refusal === undefined ? undefined : (refusal.explanation ?? refusal.detail)
    yield* record({
      kind: "request",
      at: yield* Clock.currentTimeMillis,
      path,
      operation,
      status: response.status,
      retCode: refusal?.code,
      requestId,
      explanation
    })
    if (refusal !== undefined) yield* Effect.logWarning(`sandbox refused ${path} with ${refusal.code}: ${explanation}`)
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
