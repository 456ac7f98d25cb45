/**
 * The call engine. One pipeline, top to bottom in this file:
 *
 * check and encode the input -> mint the request id -> [attempt: stamp time and nonce -> sign -> send -> read]
 * under the retry policy -> decode, or map the error.
 *
 * The input is encoded once; each attempt signs and sends those very bytes, with a timestamp, nonce and
 * signature of its own and the same request id. One key signs all attempts of a call. A signature that is refused while the
 * platform's clock shows another time is made anew once (`PlatformClock`). A write whose outcome is not known is asked for where the
 * caller wishes it (`onUnknown`).
 */
import * as Operation from "@paykka/schemas/Operation"
import * as Authorization from "@paykka/signing/Authorization"
import * as Signer from "@paykka/signing/Signer"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type { HttpClient } from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Tracer from "effect/Tracer"
import { type AttemptFailed, isPastSignature } from "./AttemptFailed.ts"
import * as Environment from "./Environment.ts"
import * as answer from "./internal/answer.ts"
import * as prepare from "./internal/prepare.ts"
import * as transport from "./internal/transport.ts"
import { resolve } from "./internal/resolve.ts"
import { describe, invalidRequest, type OutcomeUnknown, PaykkaError, withReason } from "./PaykkaError.ts"
import * as PlatformClock from "./PlatformClock.ts"
import * as Plugin from "./Plugin.ts"
import * as Query from "./Query.ts"
import * as RequestId from "./RequestId.ts"
import * as ResolvePolicy from "./ResolvePolicy.ts"
import * as RetryPolicy from "./RetryPolicy.ts"

/** Settings of a client. */
export interface Options {
  /** Which PayKKa is called: `Environment.sandbox`, `production({ baseUrl })` or `local(url)`. */
  readonly environment: Environment.Environment
  /** The merchant number for `X-Merch-Id`, 1 to 20 characters, for example `M24061911365700670`. */
  readonly merchId?: string | undefined
  /** The longest wait for the complete answer to one request. Default: 30 seconds. */
  readonly timeout?: Duration.Input | undefined
  /** The largest answer that is read, in bytes. Default: 4 MiB. */
  readonly maxResponseBytes?: number | undefined
  /**
   * Corrections of operations, by id, where the platform turns out to differ from the contract:
   * `{ "va.apply": { path: "/api/v2/merch/va/open", merchantHeader: "optional" } }`.
   */
  readonly overrides?: Readonly<Record<string, Override>> | undefined
  /**
   * What is done when an operation is called whose path no official page shows, unless an override gives its path:
   * `warn` (the default) logs a warning, once for each operation; `allow` says nothing; `refuse` fails with
   * `InvalidRequest` before anything is sent.
   */
  readonly undocumentedPaths?: UndocumentedPaths | undefined
  /** What is done when it is not known whether a write was processed: see {@link CallOptions.onUnknown}. Default: `fail`. */
  readonly onUnknown?: OnUnknown | undefined
  /** Further checks of each request before it is sent, such as `CodeTable.checker(tables)`. Its faults refuse the call. */
  readonly check?: Check | undefined
}

/** See {@link Options.undocumentedPaths}. */
export type UndocumentedPaths = "warn" | "allow" | "refuse"

/** See {@link CallOptions.onUnknown}. */
export type OnUnknown = "fail" | "resolve"

/** Finds what is wrong with a request that fits its schema. */
export type Check = (operation: Operation.Operation, input: unknown) => ReadonlyArray<Operation.Fault>

/** What may be corrected of an operation. */
export interface Override {
  /** The request path, without query. */
  readonly path?: string | undefined
  /** Whether `X-Merch-Id` is sent. */
  readonly merchantHeader?: Operation.MerchantHeader | undefined
  /** Of an upload: the name of the part with the signed JSON text. Default: `meta` (documented). */
  readonly metaPart?: string | undefined
  /** Of an upload: the `Content-Type` of that part. Default: none. */
  readonly metaPartType?: string | undefined
  /** Of an upload: the name of the part with the file. Default: `file` (inferred). */
  readonly filePart?: string | undefined
}

/** Settings of one call. */
export interface CallOptions {
  /** Another merchant number than the client's. */
  readonly merchId?: string | undefined
  /**
   * Another timeout than the client's, for each request. Use it rather than `Effect.timeout` around a write, which
   * interrupts it without a word about its outcome.
   */
  readonly timeout?: Duration.Input | undefined
  /** Another retry policy than the one in force. */
  readonly retry?: RetryPolicy.RetryPolicy | undefined
  /**
   * No request is sent later than this, in milliseconds since the epoch by the program's clock: for what lapses, such as
   * a quote. The waits of retries and plugins and the time of signing count; the way of a request that was sent does not.
   * A call that has no time left ends with its last failure, or as `Unreachable` when the request in hand was not sent,
   * and is then not `retryable`. Default: none.
   */
  readonly notAfter?: number | undefined
  /**
   * What is done when it is not known whether a write was processed. `fail` ends the call with `OutcomeUnknown`. `resolve` first asks the
   * operation's `resolvedBy` under `ResolvePolicy.Current`, which takes minutes where nothing is found: where the platform has the
   * object, the call succeeds with what the question tells of it; where it surely has not, the write is sent again with the same key; else
   * the call ends with `OutcomeUnknown` all the same. Only creates with a `request_id` can be decided so. Default: that of the client.
   */
  readonly onUnknown?: OnUnknown | undefined
  /** Further fields of the request body (of an upload: of its `meta`), sent as they are: for what the schema does not know yet. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /**
   * Told how many bytes of the request have been handed to the transport, for uploads that take long. The body then goes
   * out in pieces, over fetch without a `Content-Length`; a second attempt begins from zero. What it throws is ignored.
   */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** How far a request has got. */
export interface Progress {
  /** Bytes handed to the transport. */
  readonly sent: number
  /** Bytes of the whole body. */
  readonly total: number
}

/** A result with the facts of its answer. */
export interface Reply<A> {
  /** The business object. */
  readonly value: A
  /** The business object as it came, with all its fields: unknown ones, nulls, other spellings. */
  readonly raw: unknown
  /** The `request_id` of the call, given or made; undefined where the operation has none. */
  readonly requestId: string | undefined
  /** How many requests were sent. */
  readonly attempts: number
  /** The status of the answer. */
  readonly httpStatus: number
  /** Its headers, with their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * The id of the read that told the result, where the write's own answer was lost (`onUnknown: "resolve"`): value, raw, status and headers
   * are then those of its answer, as far as the write's own answer would have them. Undefined otherwise.
   */
  readonly resolvedBy: string | undefined
}

/** A call to an endpoint that no descriptor knows yet. */
export interface Request<S extends Operation.Codec> {
  /** The request path, without query. */
  readonly path: string
  /** The JSON object to send. A `request_id` in it is reported in results and errors. */
  readonly body: Readonly<Record<string, unknown>>
  /** How the answer is read. */
  readonly schema: S
  /** Whether the call changes anything. Only a `read` is repeated after a doubtful failure. */
  readonly effect: Operation.OperationEffect
  /** Whether `X-Merch-Id` is sent. Default: `required`. */
  readonly merchantHeader?: Operation.MerchantHeader | undefined
}

/** The service: calls of operations. All of them fail with {@link PaykkaError} only. */
export interface Service {
  /** Calls an operation. */
  readonly execute: <O extends Operation.Operation>(
    operation: O,
    input: Operation.Input<O>,
    options?: CallOptions
  ) => Effect.Effect<Operation.Output<O>, PaykkaError>
  /** Calls an operation; gives the facts of the answer as well. */
  readonly executeWithResponse: <O extends Operation.Operation>(
    operation: O,
    input: Operation.Input<O>,
    options?: CallOptions
  ) => Effect.Effect<Reply<Operation.Output<O>>, PaykkaError>
  /** Calls an endpoint that has no descriptor, signed and checked like all others. */
  readonly request: <S extends Operation.Codec>(
    request: Request<S>,
    options?: CallOptions
  ) => Effect.Effect<Reply<S["Type"]>, PaykkaError>
}

/** Calls PayKKa. See {@link Service}. */
export class PaykkaClient extends /*#__PURE__*/ Context.Service<PaykkaClient, Service>()("@paykka/core/PaykkaClient") {}

/** The operations whose paths were warned of: once in a process, however many clients it has. */
const warned = /*#__PURE__*/ new Set<string>()

const notOnUnknown: Operation.Fault = { path: "options.onUnknown", rule: "must be fail or resolve" }

const notATime: Operation.Fault = { path: "options.notAfter", rule: "must be a time in milliseconds since the epoch" }

/** A result on its way through the plugins, which do not see its content. */
interface Settled extends Omit<Reply<unknown>, "value" | "raw" | "requestId"> {
  readonly content: Redacted.Redacted<{ readonly value: unknown; readonly raw: unknown }>
}

/**
 * The span of a call. Without a tracer of the program's there is none, nor one of the transport: Effect's own keeps spans nowhere, and making
 * them costs a fifth of a call.
 */
const spanned =
  ({ id, provenance }: Operation.Operation) =>
  <A, E>(call: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.withFiber((fiber) =>
      fiber.getRef(Tracer.Tracer) === Tracer.nativeTracer
        ? Effect.provideService(call, Tracer.DisablePropagation, true)
        : call.pipe(
            Effect.withSpan(
              // A path may hold a number: the names of spans are to be few.
              provenance.path === "unknown" ? "request" : id,
              { attributes: { "paykka.operation": id } },
              // It would be a line of this file, and costs an Error for each call.
              { captureStackTrace: false }
            )
          )
    )

/** One signer for all requests of a call, chosen when the first is signed. */
const pin = (signer: Signer.Service): Effect.Effect<Effect.Effect<Signer.Service, Signer.SigningFailed>> => {
  const { pinned } = signer
  if (pinned === undefined) return Effect.succeed(Effect.succeed(signer))
  return Effect.sync(() => {
    let chosen: Signer.Service | undefined
    return Effect.suspend(() =>
      chosen === undefined ? Effect.map(pinned, (signs) => (chosen = signs)) : Effect.succeed(chosen)
    )
  })
}

const makeOver = /*#__PURE__*/ Effect.fnUntraced(function* (
  transmit: transport.Send,
  options: Options
): Effect.fn.Return<Service, Environment.InvalidConfiguration, Signer.Signer> {
  const signer = yield* Signer.Signer
  const clock = Option.getOrElse(yield* Effect.serviceOption(PlatformClock.PlatformClock), () => PlatformClock.make())
  const origin = yield* Effect.fromResult(Environment.origin(options.environment))
  yield* Effect.fromResult(prepare.checkOptions(options))
  const client: prepare.Client = { origin, salt: prepare.makeSalt() }
  const { maxResponseBytes = 4 * 1024 * 1024 } = options
  const usualTimeout = Duration.fromInputUnsafe(options.timeout ?? "30 seconds")

  /** One request: stamped, signed, sent, read and decoded. */
  const attemptOnce = Effect.fnUntraced(function* (
    call: prepare.Prepared,
    callSigner: Effect.Effect<Signer.Service, Signer.SigningFailed>,
    offsetMillis: number,
    timeout: Duration.Duration,
    notAfter: number,
    onSend: (at: number) => void
  ): Effect.fn.Return<answer.Decoded, AttemptFailed> {
    const { facts, signed, body, contentType, onProgress } = call
    const { operation, path, merchId } = facts
    const authorization = yield* callSigner.pipe(
      Effect.flatMap((signs) => Signer.authorizeWith(signs, { path, merchId, body: signed, offsetMillis })),
      Effect.mapError((error) => answer.notSigned(error.message)),
      // The key at hand signs at once. A signer that is somewhere else may never answer.
      signer.pinned === undefined
        ? Effect.timeoutOrElse({
            duration: timeout,
            orElse: () => Effect.fail(answer.notSigned(`no signature within ${Duration.toSeconds(timeout)} s`))
          })
        : identity
    )
    const sentAt = yield* Clock.currentTimeMillis
    if (sentAt > notAfter) return yield* answer.tooLate()
    onSend(sentAt)
    const exchange = yield* transmit({
      url: origin + path,
      headers: prepare.headers(call, Authorization.encode(authorization)),
      body,
      contentType,
      onProgress,
      timeout,
      maxResponseBytes
    }).pipe(Effect.mapError(answer.notAnswered))
    return yield* Effect.fromResult(
      answer.read(operation, call, exchange, yield* Clock.currentTimeMillis, offsetMillis)
    )
  })

  /**
   * Attempts under the retry policy.
   *
   * @param callSigner signs all requests of the call
   * @param sentBefore how many requests of the call were sent before
   */
  const send = Effect.fnUntraced(function* (
    call: prepare.Prepared,
    callSigner: Effect.Effect<Signer.Service, Signer.SigningFailed>,
    callOptions: CallOptions,
    policy: RetryPolicy.RetryPolicy,
    sentBefore: number
  ): Effect.fn.Return<Settled, PaykkaError> {
    const { facts } = call
    const { operation, requestId } = facts
    const notAfter = callOptions.notAfter ?? Infinity
    const plugins = yield* Plugin.Current
    const timeout = callOptions.timeout === undefined ? usualTimeout : Duration.fromInputUnsafe(callOptions.timeout)
    const startedAt = yield* Clock.currentTimeMillis
    // The platform's time, on trial until a request signed with it is accepted.
    let trial: number | undefined
    let wasTried = false
    let sent = sentBefore

    for (let attempt = 1; ; attempt++) {
      // When the request goes out: plugins and signers may take their time before.
      let sentAt = yield* Clock.currentTimeMillis
      const onSend = (at: number) => void (sentAt = at)
      const isClockCorrection: boolean = trial !== undefined && !wasTried
      wasTried ||= isClockCorrection
      const offsetMillis = trial ?? (yield* clock.offsetMillis)
      const result = yield* Effect.result(
        Plugin.aroundAttempt(
          plugins,
          { ...facts, attempt: sentBefore + attempt, offsetMillis, isClockCorrection },
          attemptOnce(call, callSigner, offsetMillis, timeout, notAfter, onSend)
        )
      )
      if (Result.isSuccess(result)) {
        if (trial !== undefined) yield* clock.learn(trial)
        return { ...result.success, attempts: sent + 1, resolvedBy: undefined }
      }
      const failed = result.failure
      const { reason, retryAfterMillis, skewMillis } = failed
      if (failed.unsent !== true) sent++
      const isRefused = reason._tag === "Unauthorized"
      if (trial !== undefined && isPastSignature(failed)) yield* clock.learn(trial)
      if (
        isRefused &&
        failed.processed === "no" &&
        !wasTried &&
        skewMillis !== undefined &&
        clock.isTelling(skewMillis)
      ) {
        trial = offsetMillis + skewMillis
        continue
      }
      const repeatable = failed.transient && (operation.effect === "read" || failed.processed === "no")
      const now = yield* Clock.currentTimeMillis
      const delay =
        repeatable && failed.isFinal !== true
          ? RetryPolicy.delayMillis(policy, {
              // What was signed anew for the time's sake is no repetition.
              attempts: wasTried ? attempt - 1 : attempt,
              elapsedMillis: now - startedAt,
              retryAfterMillis,
              random: yield* Random.next
            })
          : undefined
      const at = now + (delay ?? retryAfterMillis ?? 0)
      // A request that may no longer be sent is not waited for, and the caller is not advised to send it either.
      const tooLate = at > notAfter
      const isWanted = policy.permits ?? (() => true)
      if (delay === undefined || tooLate || !isWanted({ operation, requestId, attempts: sent, reason, at })) {
        return yield* new PaykkaError({
          operation: operation.id,
          requestId,
          attempts: sent,
          httpStatus: failed.httpStatus,
          retCode: failed.retCode,
          retMsg: failed.retMsg,
          retryable: repeatable && !tooLate,
          reason:
            operation.effect === "read" || failed.processed === "no"
              ? reason
              : Query.outcomeUnknown(facts, reason, sentAt, now)
        })
      }
      yield* Effect.sleep(delay)
    }
  })

  /** Sends a write, and where its outcome is not known, asks for it and sends it again when it surely was not processed. */
  const sendResolving = Effect.fnUntraced(function* (
    call: prepare.Prepared,
    callSigner: Effect.Effect<Signer.Service, Signer.SigningFailed>,
    callOptions: CallOptions,
    policy: RetryPolicy.RetryPolicy,
    resolving: ResolvePolicy.ResolvePolicy
  ): Effect.fn.Return<Settled, PaykkaError> {
    const { operation, requestId } = call.facts
    const { permits = () => true } = policy
    const { notAfter = Infinity } = callOptions
    let told: Reply<unknown> | undefined
    const ask = ({ read, input, merchId }: Query.Query) =>
      Effect.tap(execute(read, input, { merchId, timeout: callOptions.timeout, retry: policy }), (reply) =>
        Effect.sync(() => void (told = reply))
      )
    let doubt: OutcomeUnknown | undefined
    for (let resends = 0, sent = 0; ; resends++) {
      const result = yield* Effect.result(send(call, callSigner, callOptions, policy, sent))
      if (Result.isSuccess(result)) return result.success
      const error = result.failure
      const isDoubtful = error.reason._tag === "OutcomeUnknown"
      if (error.reason._tag === "OutcomeUnknown") doubt = error.reason
      sent = error.attempts
      // The refusal of a second sending may be due to the first, and then says nothing of what became of it: it is asked as well.
      if (doubt === undefined || doubt.query === null) return yield* error
      const { query, givenUpAt, because } = doubt
      const stillUnknown = isDoubtful ? error : withReason(error, doubt, false)
      const resolution = yield* resolve(ask, query, givenUpAt, resolving)
      switch (resolution._tag) {
        case "Processed": {
          const decoded = Operation.decodeResponse(operation, resolution.raw)
          if (Result.isFailure(decoded) || told === undefined) return yield* stillUnknown
          const { httpStatus, headers } = told
          const content = Redacted.make({ value: decoded.success, raw: resolution.raw }, { label: "answer" })
          return { httpStatus, headers, content, attempts: sent, resolvedBy: query.operation }
        }
        case "NotProcessed": {
          // A repeated identifier says that the first is there, whatever the question says.
          if (error.reason._tag === "IntegrityViolation") return yield* stillUnknown
          if (!isDoubtful) return yield* error
          const at = yield* Clock.currentTimeMillis
          const isPermitted = permits({ operation, requestId, attempts: sent, reason: because, at })
          if (resends < resolving.maxResends && isPermitted) continue
          const detail = `${query.operation} tells that it was not processed; ${describe(because)}`
          return yield* withReason(error, { _tag: "Unreachable", detail }, at <= notAfter)
        }
        case "Undecided":
          return yield* stillUnknown
      }
    }
  })

  const execute = (
    operation: Operation.Operation,
    input: unknown,
    callOptions: CallOptions = {}
  ): Effect.Effect<Reply<unknown>, PaykkaError> =>
    Effect.gen(function* () {
      const policy = callOptions.retry ?? (yield* RetryPolicy.Current)
      const onUnknown = callOptions.onUnknown ?? options.onUnknown ?? "fail"
      const resolving = yield* ResolvePolicy.Current
      const minted = Operation.isMinted(operation) ? yield* RequestId.make : undefined
      const prepared = prepare.call(options, client, operation, input, minted, callOptions)
      const faults = [
        ...(Result.isFailure(prepared) ? prepared.failure.faults : []),
        ...RetryPolicy.faults(policy),
        ...(onUnknown === "fail" || onUnknown === "resolve" ? [] : [notOnUnknown]),
        ...(onUnknown === "resolve" ? ResolvePolicy.faults(resolving) : []),
        ...(Number.isFinite(callOptions.notAfter ?? 0) ? [] : [notATime])
      ]
      if (Result.isFailure(prepared) || faults.length > 0) {
        return yield* invalidRequest(operation.id, faults)
      }
      const call = prepared.success
      const { facts } = call
      if (call.warning !== undefined && !warned.has(operation.id)) {
        warned.add(operation.id)
        yield* Effect.logWarning(call.warning)
      }
      if (facts.requestId !== undefined) yield* Effect.annotateCurrentSpan("paykka.request_id", facts.requestId)
      const callSigner = yield* pin(signer)
      const sending =
        onUnknown === "resolve" && operation.effect !== "read"
          ? sendResolving(call, callSigner, callOptions, policy, resolving)
          : send(call, callSigner, callOptions, policy, 0)
      return { settled: yield* Plugin.aroundCall(yield* Plugin.Current, facts, sending), facts }
    }).pipe(
      spanned(operation),
      // Only here, since a tracer gets what the span ends with.
      Effect.map(({ settled: { content, ...rest }, facts: { key, requestId } }) => {
        const { value, raw } = Redacted.value(content)
        return {
          ...rest,
          value: key === null ? value : { ...(value as object), [key.field]: key.value },
          raw,
          requestId
        }
      })
    )

  // Each answer was decoded by the schema of its operation, which is what the types say.
  return PaykkaClient.of({
    execute: (operation, input, callOptions) =>
      Effect.map(execute(operation, input, callOptions), ({ value }) => value),
    executeWithResponse: execute,
    request: (request, callOptions) => execute(prepare.adHoc(request), request.body, callOptions)
  } as Service)
})

/** Builds the engine. Fails with `InvalidConfiguration` when a setting cannot be used. */
export const make = (
  options: Options
): Effect.Effect<Service, Environment.InvalidConfiguration, Signer.Signer | HttpClient> =>
  Effect.flatMap(transport.overHttpClient, (transmit) => makeOver(transmit, options))

/**
 * The layer of {@link make}: needs a signer and a transport, such as `FetchHttpClient.layer`.
 *
 * The transport sends what it is given, once: one that retries, follows redirects or turns a status into a failure
 * (`HttpClient.retryTransient`, `followRedirects`, `filterStatusOk`) takes from the engine what it must know.
 */
export const layer = (
  options: Options
): Layer.Layer<PaykkaClient, Environment.InvalidConfiguration, Signer.Signer | HttpClient> =>
  Layer.effect(PaykkaClient, make(options))

/**
 * The layer of the same engine straight over the platform's fetch: a bundle is 10 kB smaller without Effect's `HttpClient`, which counts in a
 * worker. What stands on that client is missing: spans of single requests, also those of `Telemetry`, whose durations of requests then include the
 * signing; options in `FetchHttpClient.RequestInit`; transports such as `Recording`.
 *
 * @param fetch another fetch, such as that of a service binding. Default: the global one, as it is at each request.
 */
export const layerFetch = (
  options: Options,
  fetch: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init)
): Layer.Layer<PaykkaClient, Environment.InvalidConfiguration, Signer.Signer> =>
  Layer.effect(PaykkaClient, makeOver(transport.overFetch(fetch), options))

/** An operation as a method. */
export interface Method<O extends Operation.Operation> {
  /** Calls the operation. Fails with {@link PaykkaError}. */
  (input: Operation.Input<O>, options?: CallOptions): Effect.Effect<Operation.Output<O>, PaykkaError>
  /** Calls the operation; gives the facts of the answer as well. */
  readonly withResponse: (
    input: Operation.Input<O>,
    options?: CallOptions
  ) => Effect.Effect<Reply<Operation.Output<O>>, PaykkaError>
}

/** Operations as methods, under the names of the record. */
export type Methods<Operations extends Readonly<Record<string, Operation.Operation>>> = {
  readonly [Name in keyof Operations]: Method<Operations[Name]>
}

/** Turns a record of operations into a record of methods: what a domain service is made of. */
export const bind = <const Operations extends Readonly<Record<string, Operation.Operation>>>(
  operations: Operations
): Effect.Effect<Methods<Operations>, never, PaykkaClient> =>
  Effect.map(PaykkaClient, (client) => {
    const method = <O extends Operation.Operation>(operation: O): Method<O> =>
      Object.assign((input: Operation.Input<O>, options?: CallOptions) => client.execute(operation, input, options), {
        withResponse: (input: Operation.Input<O>, options?: CallOptions) =>
          client.executeWithResponse(operation, input, options)
      })
    const methods = Object.fromEntries(Object.entries(operations).map(([name, operation]) => [name, method(operation)]))
    return methods as Methods<Operations>
  })
