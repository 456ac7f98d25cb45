/** The service over HTTP. */
import * as Api from "@paykka/payouts/Api"
import * as Notifications from "@paykka/payouts/Notifications"
import type { Payouts } from "@paykka/payouts/Payouts"
import type { PayoutStore } from "@paykka/payouts/PayoutStore"
import * as Inbox from "@paykka/webhook/Inbox"
import * as WebHandler from "@paykka/webhook/WebHandler"
import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import * as Redacted from "effect/Redacted"
import { Background } from "./Background.ts"
import { Environment } from "./Environment.ts"
import * as Gauges from "./Gauges.ts"

const responseOf = ({ status, body }: Api.Answer, headers: Readonly<Record<string, string>> = {}) =>
  HttpServerResponse.jsonUnsafe(body, { status, headers })

type Handler<R> = (
  request: HttpServerRequest.HttpServerRequest
) => Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | HttpServerRequest.HttpServerRequest>

const answering =
  <R>(answer: Effect.Effect<Api.Answer, never, R>): Handler<R> =>
  () =>
    Effect.map(answer, (it) => responseOf(it))

/** A path: what it does by method. HEAD is GET without the body. */
const at = <R>(path: HttpRouter.PathInput, methods: Readonly<Record<string, Handler<R>>>) =>
  HttpRouter.add("*", path, (request) => {
    const handler = new Map(Object.entries(methods)).get(request.method === "HEAD" ? "GET" : request.method)
    return handler === undefined
      ? Effect.succeed(responseOf(Api.wrongMethod, { allow: Object.keys(methods).join(", ") }))
      : handler(request)
  })

/** Asks for the bearer token before anything else is looked at. */
const behind =
  <R>(token: Redacted.Redacted, handler: Handler<R>): Handler<R> =>
  (request) =>
    Effect.flatMap(Api.isAuthorized(request.headers["authorization"], Redacted.value(token)), (isAuthorized) =>
      isAuthorized ? handler(request) : Effect.succeed(responseOf(Api.unauthorized, { "www-authenticate": "Bearer" }))
    )

const utf8 = new TextDecoder("utf-8", { fatal: true })

/** Reads JSON, up to the limit of an order. */
const jsonOf = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<unknown, Api.Answer> =>
  request.arrayBuffer.pipe(
    Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(Api.maxBodyBytes)),
    Effect.mapError(({ reason }) =>
      reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge" ? Api.tooLarge : Api.notJson
    ),
    Effect.flatMap((bytes) =>
      Effect.try({ try: () => JSON.parse(utf8.decode(bytes)) as unknown, catch: () => Api.notJson })
    )
  )

const payouts = Layer.unwrap(
  Effect.gen(function* () {
    const { token } = yield* Environment
    const background = yield* Background
    const post: Handler<Payouts> = (request) =>
      jsonOf(request).pipe(
        Effect.flatMap((body) => Api.post(body, background.run)),
        Effect.catch(Effect.succeed),
        Effect.map((answer) => responseOf(answer))
      )
    const get = Effect.flatMap(HttpRouter.params, ({ request_id = "" }) => Api.get(request_id))
    return Layer.merge(
      at("/payouts", { POST: behind(token, post) }),
      at("/payouts/:request_id", { GET: behind(token, answering(get)) })
    )
  })
)

/** The webhook, and the handling of what it has kept. */
const hooks = Layer.unwrap(
  Effect.gen(function* () {
    const { merchId } = yield* Environment
    const inbox = yield* Inbox.make({
      ...Notifications.options,
      concurrency: 4,
      merchants: Notifications.merchantsOf(merchId)
    })
    yield* Effect.forkScoped(inbox.run)
    return HttpRouter.add("*", Notifications.path, (request) =>
      HttpServerRequest.toWeb(request).pipe(
        Effect.flatMap(WebHandler.handle(inbox)),
        Effect.map(HttpServerResponse.fromWeb)
      )
    )
  })
)

/** What comes every few seconds from machines, and is not worth a line of the log. */
const quiet =
  <R>(handler: Handler<R>): Handler<R> =>
  (request) =>
    HttpMiddleware.withLoggerDisabled(handler(request))

const probes = Layer.merge(
  at("/health", { GET: quiet(answering(Effect.succeed(Api.health))) }),
  at<PayoutStore>("/ready", { GET: quiet(answering(Api.ready)) })
)

const metrics = Layer.unwrap(
  Effect.map(Environment, ({ metricsToken }) =>
    at("/metrics", {
      GET: quiet(
        behind(metricsToken, () =>
          Effect.map(Effect.andThen(Gauges.update, PrometheusMetrics.format()), (text) =>
            HttpServerResponse.text(text, { contentType: "text/plain; version=0.0.4; charset=utf-8" })
          )
        )
      )
    })
  )
)

const elsewhere = HttpRouter.add("*", "*", responseOf(Api.notFound))

/** All routes, and the inbox. */
export const layer = Layer.mergeAll(payouts, hooks, probes, metrics, elsewhere)

/** Paths of which no spans are made. */
export const untraced: ReadonlyArray<string> = ["/health", "/ready", "/metrics"]
