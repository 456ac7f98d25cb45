/** What a receiver of OpenTelemetry's protocol gets, and how single calls are measured. */
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as Va from "@paykka/schemas/Va"
import * as Signer from "@paykka/signing/Signer"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Otlp from "effect/observability/Otlp"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import * as Tracer from "effect/Tracer"
import * as AttemptFailed from "../src/AttemptFailed.ts"
import * as Environment from "../src/Environment.ts"
import * as Logging from "../src/Logging.ts"
import * as PaykkaClient from "../src/PaykkaClient.ts"
import * as Plugin from "../src/Plugin.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Telemetry from "../src/Telemetry.ts"
import * as Client from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import { merchant, signer as signingLayer } from "./support/keys.ts"
import * as operations from "./support/operations.ts"
import { type Answer, type TestPlatform, make as makePlatform } from "./support/TestPlatform.ts"

const { create, merchId, read } = Client

// The engine's own word on its operations: PaykkaClient.paths.test.ts.
const start = (answers: ReadonlyArray<Answer>, options: Partial<PaykkaClient.Options> = {}) =>
  Client.start(answers, { undocumentedPaths: "allow", ...options })

const good: Answer = { body: { status: "ENABLED", account_no: "DE89370400440532013000", holder: "Li Na" } }
const refusal: Answer = {
  status: 400,
  body: { ret_code: "010003", ret_msg: "account 6222020200112233445 of Zhang Wei is closed" }
}

type Value = string | number | boolean | undefined
type Attributes = Readonly<Record<string, Value>>

interface Received {
  readonly path: string
  readonly userAgent: string
  readonly text: string
}

/** A receiver of traces, metrics and logs as JSON. */
const receiver = Effect.gen(function* () {
  const received: Array<Received> = []
  const server = Http.createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const { url = "", method, headers } = request
      received.push({ path: url, userAgent: headers["user-agent"] ?? "", text: Buffer.concat(chunks).toString() })
      const isKnown = method === "POST" && headers["content-type"] === "application/json"
      response.writeHead(isKnown ? 200 : 400, { "content-type": "application/json" }).end("{}")
    })
  })
  yield* Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<void>((resolve) => {
          server.listen(0, "127.0.0.1", resolve)
        })
    ),
    () =>
      Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            server.close(() => {
              resolve()
            })
            server.closeAllConnections()
          })
      )
  )
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
})

interface Otel {
  readonly attributes: ReadonlyArray<{
    readonly key: string
    readonly value: { readonly stringValue?: string; readonly intValue?: number; readonly boolValue?: boolean }
  }>
}

interface OtelSpan extends Otel {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly status: { readonly code: number; readonly message?: string }
}

interface OtelMetric {
  readonly name: string
  readonly unit: string
  readonly histogram?: {
    readonly aggregationTemporality: number
    readonly dataPoints: ReadonlyArray<
      Otel & {
        readonly count: number
        readonly sum: number
        readonly bucketCounts: ReadonlyArray<number>
        readonly explicitBounds: ReadonlyArray<number>
      }
    >
  }
}

interface OtelLog extends Otel {
  readonly severityText: string
  readonly body: { readonly stringValue: string }
  readonly traceId: string
  readonly spanId: string
}

const attributesOf = ({ attributes }: Otel): Attributes =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.boolValue] as const)
  )

interface Payload {
  readonly resourceSpans?: ReadonlyArray<{
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<OtelSpan> }>
  }>
  readonly resourceMetrics?: ReadonlyArray<{
    readonly scopeMetrics: ReadonlyArray<{ readonly metrics: ReadonlyArray<OtelMetric> }>
  }>
  readonly resourceLogs?: ReadonlyArray<{
    readonly scopeLogs: ReadonlyArray<{ readonly logRecords: ReadonlyArray<OtelLog> }>
  }>
}

const payloads = (received: ReadonlyArray<Received>, path: string): ReadonlyArray<Payload> =>
  received.filter((each) => each.path === path).map(({ text }) => JSON.parse(text) as Payload)

/** Runs calls in a program that exports, and gives what has arrived when it has ended. */
const exported = <A, E>(calls: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const { baseUrl, received } = yield* receiver
    const exporter = Otlp.layerJson({
      baseUrl,
      resource: { serviceName: "shop" },
      // Everything comes when the scope is closed.
      loggerExportInterval: "1 hour",
      metricsExportInterval: "1 hour",
      tracerExportInterval: "1 hour",
      shutdownTimeout: "1 minute",
      loggerMergeWithExisting: false
    }).pipe(Layer.provide(FetchHttpClient.layer))
    const result = yield* calls.pipe(
      Effect.provide([exporter, Plugin.layer(Telemetry.make(), Logging.make({ requests: true }))]),
      Effect.provideService(Metric.MetricRegistry, new Map()),
      Effect.provideService(References.MinimumLogLevel, "All")
    )
    const spans = payloads(received, "/v1/traces").flatMap(({ resourceSpans = [] }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
    )
    const metrics = payloads(received, "/v1/metrics").flatMap(({ resourceMetrics = [] }) =>
      resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    )
    const logs = payloads(received, "/v1/logs").flatMap(({ resourceLogs = [] }) =>
      resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap((scope) => scope.logRecords))
    )
    return { result, received, spans, metrics, logs }
  })

const portOf = ({ baseUrl }: TestPlatform): number => Number(new URL(baseUrl).port)

const requestTo = (platform: TestPlatform, { id, path }: { readonly id: string; readonly path: string }) => ({
  "http.request.method": "POST",
  "url.scheme": "http",
  "server.address": "127.0.0.1",
  "server.port": portOf(platform),
  "url.full": platform.baseUrl + path,
  "url.path": path,
  "paykka.operation": id
})

const secretsOf = ({ received }: TestPlatform): ReadonlyArray<string> => [
  "Atlantis",
  "Zhang",
  "Li Na",
  "GB33BUKB20201555555555",
  "DE8937",
  "6222020200112233445",
  merchant.private_pkcs8_pem.slice(100, 140),
  ...received.flatMap(({ headers, authorization: { signature, nonce } }) => [
    String(headers.authorization),
    signature,
    encodeURIComponent(signature),
    nonce
  ])
]

const ok = 1
const failed = 2
const internal = 1
const client = 3

describe("a receiver", () => {
  const input = { request_id: "R-1", type: "Atlantis" }
  const options = { extra: { name: "Zhang Wei", iban: "GB33BUKB20201555555555" } }

  it.live("gets spans, metrics and logs of calls, and no secret", () =>
    Effect.gen(function* () {
      const { client: paykka, platform } = yield* start([
        { status: 503 },
        good,
        refusal,
        { status: 500, body: "Zhang Wei GB33BUKB20201555555555" }
      ])
      const calls = Effect.gen(function* () {
        yield* read(paykka)
        yield* Effect.flip(paykka.execute(Va.apply, input, options))
        return yield* Effect.flip(paykka.execute(Va.apply, input, options))
      }).pipe(
        Effect.withSpan("checkout"),
        Effect.provideService(RetryPolicy.Current, { ...RetryPolicy.standard, baseDelay: 1 }),
        // Even of a program that records all headers.
        Effect.provideService(HttpClient.TracerHeaderFilter, () => true)
      )
      const { result, received, spans, metrics, logs } = yield* exported(calls)
      assert.strictEqual(result.reason._tag, "OutcomeUnknown")

      // Spans.
      const nameOf = (id: string | undefined) => spans.find(({ spanId }) => spanId === id)?.name
      const ofInquiry = { "paykka.operation": "va.inquiry", "paykka.request_id": "R-1", "paykka.merch_id": merchId }
      const ofApply = { ...ofInquiry, "paykka.operation": "va.apply", "paykka.attempts": 1 }
      const toInquiry = requestTo(platform, Va.inquiry)
      const toApply = requestTo(platform, Va.apply)
      const answeredBy = (code: number) => ({ "http.response.status_code": code })
      const error = (type: string) => ({ "error.type": type })
      const refusedBy = { "paykka.ret_code": "010003" }
      // As they have ended.
      const expected = [
        ["POST", "va.inquiry", client, failed, { ...toInquiry, ...answeredBy(503), ...error("503") }],
        ["POST", "va.inquiry", client, ok, { ...toInquiry, ...answeredBy(200), "http.request.resend_count": 1 }],
        ["va.inquiry", "checkout", internal, ok, { ...ofInquiry, ...answeredBy(200), "paykka.attempts": 2 }],
        ["POST", "va.apply", client, failed, { ...toApply, ...answeredBy(400), ...error("400"), ...refusedBy }],
        [
          "va.apply",
          "checkout",
          internal,
          failed,
          { ...ofApply, ...answeredBy(400), ...error("InvalidState"), ...refusedBy }
        ],
        ["POST", "va.apply", client, failed, { ...toApply, ...answeredBy(500), ...error("500") }],
        [
          "va.apply",
          "checkout",
          internal,
          failed,
          { ...ofApply, ...answeredBy(500), ...error("OutcomeUnknown"), "paykka.because": "PlatformFailure" }
        ],
        ["checkout", undefined, internal, ok, {}]
      ] as unknown
      assert.deepStrictEqual(
        spans.map((span) => [span.name, nameOf(span.parentSpanId), span.kind, span.status.code, attributesOf(span)]),
        expected
      )
      assert.strictEqual(new Set(spans.map(({ traceId }) => traceId)).size, 1)
      assert.strictEqual(spans[3]?.status.message, "the object's state does not allow this call; query it first")

      // Metrics.
      assert.sameDeepMembers(
        metrics.map(({ name, unit, histogram }) => ({ name, unit, temporality: histogram?.aggregationTemporality })),
        [
          { name: "http.client.request.duration", unit: "s", temporality: 2 },
          { name: "paykka.call.duration", unit: "s", temporality: 2 }
        ]
      )
      const points = (name: string) =>
        metrics.filter((metric) => metric.name === name).flatMap(({ histogram }) => histogram?.dataPoints ?? [])
      const seriesOf = (name: string) => points(name).map((point) => [attributesOf(point), point.count])
      const metered = (id: string) => ({
        // Effect's way to tell the unit, and all its attributes are text.
        unit: "s",
        "http.request.method": "POST",
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "server.port": String(portOf(platform)),
        "paykka.operation": id
      })
      const answered = (code: number) => ({ "http.response.status_code": String(code) })
      const refused = (code: number) => ({ ...answered(code), "error.type": String(code) })
      assert.sameDeepMembers(seriesOf("http.client.request.duration"), [
        [{ ...metered("va.inquiry"), ...refused(503) }, 1],
        [{ ...metered("va.inquiry"), ...answered(200) }, 1],
        [{ ...metered("va.apply"), ...refused(400) }, 1],
        [{ ...metered("va.apply"), ...refused(500) }, 1]
      ])
      assert.sameDeepMembers(seriesOf("paykka.call.duration"), [
        [{ unit: "s", "paykka.operation": "va.inquiry" }, 1],
        [{ unit: "s", "paykka.operation": "va.apply", "error.type": "InvalidState" }, 1],
        [{ unit: "s", "paykka.operation": "va.apply", "error.type": "OutcomeUnknown" }, 1]
      ])
      for (const point of points("http.client.request.duration")) {
        // From the conventions.
        const bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
        assert.deepStrictEqual(point.explicitBounds, bounds)
        assert.strictEqual(point.bucketCounts.length, bounds.length + 1)
        assert.strictEqual(
          point.bucketCounts.reduce((sum, count) => sum + count),
          1
        )
        assert.isAbove(point.sum, 0)
      }

      // Logs, in the spans of their calls.
      assert.deepStrictEqual(
        logs.map(({ severityText, body, spanId }) => [severityText, body.stringValue, nameOf(spanId)]),
        [
          ["Debug", "va.inquiry, request 1, failed: the platform failed", "va.inquiry"],
          ["Debug", "va.inquiry, request 2, succeeded", "va.inquiry"],
          ["Debug", "va.inquiry succeeded", "va.inquiry"],
          ["Debug", `va.apply, request 1, failed: ${spans[3]?.status.message}`, "va.apply"],
          ["Warn", `va.apply failed: ${spans[3]?.status.message}`, "va.apply"],
          ["Debug", "va.apply, request 1, failed: the platform failed", "va.apply"],
          ["Error", result.message.replace(/^va.apply: (.*) \[.*$/, "va.apply failed: $1"), "va.apply"]
        ]
      )
      const refusalLine = logs[4]
      assert.include(refusalLine === undefined ? {} : attributesOf(refusalLine), {
        request_id: "R-1",
        merch_id: merchId,
        attempts: 1,
        http_status: 400,
        ret_code: "010003",
        ret_msg: "account *** of *** is closed",
        reason: "InvalidState"
      })

      // Nothing else: no span of the exporter's own requests, no header, no secret in any byte.
      assert.deepStrictEqual(received.map(({ path }) => path).toSorted(), ["/v1/logs", "/v1/metrics", "/v1/traces"])
      const everything = received.map(({ userAgent, text }) => userAgent + text).join("\n")
      assert.include(everything, "va.apply")
      for (const secret of secretsOf(platform)) assert.notInclude(everything, secret)
      for (const { headerNames } of platform.received) {
        for (const name of ["traceparent", "tracestate", "b3", "baggage"]) assert.notInclude(headerNames, name)
      }
    })
  )
})

interface Measured<A, E> {
  readonly exit: Exit.Exit<A, E>
  readonly spans: ReadonlyArray<Tracer.NativeSpan>
  /** Of the requests' spans. */
  readonly requests: ReadonlyArray<Tracer.NativeSpan>
  /** The metrics' points, by name: attributes, and count and sum or value. */
  readonly points: (name: string) => ReadonlyArray<readonly [attributes: Attributes, count: number, sum: number]>
}

/** Runs calls with the plugin, under a clock that only waits move. */
const measured = <A, E, R>(
  calls: Effect.Effect<A, E, R>,
  others: ReadonlyArray<Plugin.Plugin> = []
): Effect.Effect<Measured<A, E>, never, R> =>
  Effect.gen(function* () {
    const spans: Array<Tracer.NativeSpan> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    const registry = new Map() as Metric.MetricRegistry
    const { run } = JumpClock.make()
    const exit = yield* Effect.exit(run(calls)).pipe(
      Effect.provide(Plugin.layer(Telemetry.make(), ...others)),
      Effect.provideService(Tracer.Tracer, tracer),
      Effect.provideService(Metric.MetricRegistry, registry),
      Effect.provideService(RetryPolicy.Current, { ...RetryPolicy.standard, jitter: 0 })
    )
    const snapshot = yield* Effect.provideService(Metric.snapshot, Metric.MetricRegistry, registry)
    return {
      exit,
      spans,
      requests: spans.filter(({ kind }) => kind === "client"),
      points: (name) =>
        snapshot
          .filter(({ id }) => id === name)
          .map(({ attributes = {}, ...metric }) => {
            if (metric.type === "Histogram") return [attributes, metric.state.count, metric.state.sum] as const
            if (metric.type === "Counter") return [attributes, Number(metric.state.count), 0] as const
            return [attributes, metric.type === "Gauge" ? Number(metric.state.value) : Number.NaN, 0] as const
          })
    }
  })

const requestDuration = "http.client.request.duration"
const callDuration = "paykka.call.duration"

const statusOf = (span: Tracer.NativeSpan | undefined) =>
  span?.status._tag === "Ended" ? span.status : assert.fail("the span has not ended")

const secondsOf = (span: Tracer.NativeSpan | undefined): number => {
  const { startTime, endTime } = statusOf(span)
  return Number(endTime - startTime) / 1e9
}

const pick = (attributes: Attributes | ReadonlyMap<string, unknown> | undefined, ...names: ReadonlyArray<string>) => {
  const record = attributes instanceof Map ? Object.fromEntries(attributes) : attributes
  return names.map((name) => (record as Attributes | undefined)?.[name])
}

/** A client whose signer does something first. */
const signingAfter = (baseUrl: string, before: Effect.Effect<unknown, Signer.SigningFailed>) =>
  Effect.gen(function* () {
    const signer = yield* Signer.Signer
    const slow = Layer.succeed(Signer.Signer, {
      sign: (bytes: Uint8Array<ArrayBuffer>) => Effect.andThen(before, signer.sign(bytes))
    })
    const context = yield* Layer.build(
      PaykkaClient.layer({
        environment: Environment.local(baseUrl),
        merchId,
        timeout: JumpClock.timeout,
        undocumentedPaths: "allow"
      }).pipe(Layer.provide([slow, FetchHttpClient.layer]))
    )
    return Context.get(context, PaykkaClient.PaykkaClient)
  }).pipe(Effect.provide(signingLayer))

describe("a request", () => {
  it.effect("is measured from when it is handed over: without signing, and the waits of plugins and retries", () =>
    Effect.gen(function* () {
      const platform = yield* makePlatform
      platform.answer({ status: 503 }, good)
      const paykka = yield* signingAfter(platform.baseUrl, Effect.sleep("3 seconds"))
      const waiting: Plugin.Plugin = { name: "waiting", attempt: (_, next) => Effect.delay(next, "5 seconds") }
      const { requests, points, spans } = yield* measured(read(paykka), [waiting])
      assert.deepStrictEqual(
        points(requestDuration).map(([, count, sum]) => [count, sum]),
        [
          [1, 0],
          [1, 0]
        ]
      )
      assert.deepStrictEqual(requests.map(secondsOf), [0, 0])
      assert.deepStrictEqual(
        points(callDuration).map(([, count, sum]) => [count, sum]),
        [[1, 16.25]]
      )
      assert.strictEqual(secondsOf(spans[0]), 16.25)
    })
  )

  it.effect("ends with its answer's body", () =>
    Effect.gen(function* () {
      const { client: paykka } = yield* start([{ ...(good as object), end: "cut" }, refusal])
      const { requests } = yield* measured(Effect.exit(read(paykka)))
      assert.deepStrictEqual(
        requests.map(({ attributes }) => pick(attributes, "http.response.status_code", "error.type")),
        [
          [200, "UnexpectedResponse"],
          [400, "400"]
        ]
      )
      assert.isTrue(Exit.isFailure(statusOf(requests[0]).exit))
    })
  )

  it.effect("that is answered 200 and refused is of the reason", () =>
    Effect.gen(function* () {
      const { client: paykka } = yield* start([{ body: { ret_code: "010002", ret_msg: "not found" } }])
      const { requests, points } = yield* measured(Effect.exit(read(paykka)))
      assert.deepStrictEqual(
        requests.map(({ attributes }) =>
          pick(attributes, "http.response.status_code", "error.type", "paykka.ret_code")
        ),
        [[200, "NotFound", "010002"]]
      )
      assert.deepStrictEqual(
        points(requestDuration).map(([attributes]) => pick(attributes, "error.type", "paykka.ret_code")),
        [["NotFound", undefined]]
      )
    })
  )

  it.effect("without an answer has failed", () =>
    Effect.gen(function* () {
      const platform = yield* makePlatform
      const paykka = yield* Client.make(platform.baseUrl, { undocumentedPaths: "allow" }, Client.refusing(1))
      platform.answer("reset")
      const { requests, points, spans } = yield* measured(Effect.exit(create(paykka)))
      assert.deepStrictEqual(
        requests.map(({ attributes }) =>
          pick(attributes, "http.response.status_code", "error.type", "http.request.resend_count")
        ),
        [
          [undefined, "Unreachable", undefined],
          [undefined, "Unreachable", 1]
        ]
      )
      for (const request of requests) assert.isTrue(Exit.isFailure(statusOf(request).exit))
      assert.deepStrictEqual(
        points(requestDuration).map(([attributes, count]) => [...pick(attributes, "error.type"), count]),
        [["Unreachable", 2]]
      )
      assert.deepStrictEqual(pick(spans[0]?.attributes, "error.type", "paykka.because", "paykka.attempts"), [
        "OutcomeUnknown",
        "Unreachable",
        2
      ])
    })
  )

  it.live("that takes too long has failed, and is not interrupted", () =>
    Effect.gen(function* () {
      const { client: paykka } = yield* start(["stall"], { timeout: "20 millis" })
      const clock = yield* Clock.Clock
      const call = read(paykka, { retry: RetryPolicy.none }).pipe(Effect.provideService(Clock.Clock, clock))
      const { requests } = yield* measured(Effect.exit(call))
      assert.deepStrictEqual(
        requests.map(({ attributes }) => pick(attributes, "error.type")),
        [["Unreachable"]]
      )
      assert.isTrue(Exit.hasFails(statusOf(requests[0]).exit))
    })
  )

  it.effect("may be interrupted", () =>
    Effect.gen(function* () {
      const { client: paykka, platform } = yield* start(["stall"])
      const interrupted = Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(create(paykka))
        yield* platform.arrival(1)
        yield* Fiber.interrupt(fiber)
      })
      const { requests, spans, points } = yield* measured(interrupted)
      assert.isTrue(Exit.hasInterrupts(statusOf(requests[0]).exit))
      assert.deepStrictEqual(pick(spans[0]?.attributes, "error.type", "paykka.attempts"), ["Interrupted", 1])
      assert.deepStrictEqual(
        points(requestDuration).map(([attributes, count]) => [...pick(attributes, "error.type"), count]),
        [["Interrupted", 1]]
      )
      assert.deepStrictEqual(
        points(callDuration).map(([attributes, count]) => [...pick(attributes, "error.type"), count]),
        [["Interrupted", 1]]
      )
    })
  )
})

describe("what does not go out", () => {
  it.effect("is no request, and does not count as one", () =>
    Effect.gen(function* () {
      const { client: paykka } = yield* start([{ status: 503 }, good])
      const stops = ["first", undefined, "third", undefined]
      const stopping: Plugin.Plugin = {
        name: "stopping",
        attempt: ({ attempt }, next) => {
          const detail = stops[attempt - 1]
          return detail === undefined ? next : Effect.fail(AttemptFailed.stopped({ detail }))
        }
      }
      const retry = { ...RetryPolicy.standard, maxAttempts: 4 }
      const { requests, points, spans } = yield* measured(read(paykka, { retry }), [stopping])
      assert.deepStrictEqual(
        requests.map(({ attributes }) => pick(attributes, "http.response.status_code", "http.request.resend_count")),
        [
          [503, undefined],
          [200, 1]
        ]
      )
      assert.strictEqual(points(requestDuration).length, 2)
      assert.deepStrictEqual(pick(spans[0]?.attributes, "paykka.attempts"), [2])
    })
  )

  it.effect("is a call all the same", () =>
    Effect.gen(function* () {
      const platform = yield* makePlatform
      const paykka = yield* signingAfter(platform.baseUrl, new Signer.SigningFailed({ detail: "no key" }))
      const { spans, points } = yield* measured(Effect.exit(read(paykka)))
      assert.deepStrictEqual(
        spans.map(({ name, attributes }) => [name, ...pick(attributes, "error.type", "paykka.attempts")]),
        [["va.inquiry", "SigningFailed", 0]]
      )
      assert.deepStrictEqual(points(requestDuration), [])
      assert.deepStrictEqual(
        points(callDuration).map(([attributes]) => pick(attributes, "error.type")),
        [["SigningFailed"]]
      )
    })
  )

  it.effect("may be a defect", () =>
    Effect.gen(function* () {
      const { client: paykka } = yield* start([good])
      const broken: Plugin.Plugin = { name: "broken", attempt: () => Effect.die(new Error("broken")) }
      const { exit, points } = yield* measured(read(paykka), [broken])
      assert.isTrue(Exit.hasDies(exit))
      assert.deepStrictEqual(points(requestDuration), [])
      assert.deepStrictEqual(
        points(callDuration).map(([attributes]) => pick(attributes, "error.type")),
        [["Defect"]]
      )
    })
  )
})

describe("attributes", () => {
  // The JumpClock's first moment and two minutes.
  const date = new Date(1_700_000_000_000 + 120_000).toUTCString()
  const wrongTime: Answer = { status: 401, headers: { date }, body: { ret_code: "010100", ret_msg: "" } }

  it.effect("of a metric have few values, though paths and numbers have many", () =>
    Effect.gen(function* () {
      const { client: paykka } = yield* start([{}])
      const request = (nth: number) =>
        paykka.request(
          {
            path: `/api/v2/merch/va/${nth}`,
            body: { request_id: `R-${nth}` },
            schema: Schema.Struct({}),
            effect: "read"
          },
          { merchId: `M${nth}` }
        )
      const { points, spans } = yield* measured(Effect.all([request(1), request(2)]))
      assert.deepStrictEqual(
        points(callDuration).map(([attributes, count]) => [attributes, count]),
        [[{ unit: "s", "paykka.operation": "request" }, 2]]
      )
      assert.deepStrictEqual(
        points(requestDuration).map(([attributes, count]) => [...pick(attributes, "paykka.operation"), count]),
        [["request", 2]]
      )
      // Those of a span need not.
      assert.deepStrictEqual(
        spans.map(({ attributes }) => pick(attributes, "paykka.merch_id", "url.path")),
        [
          ["M1", undefined],
          [undefined, "/api/v2/merch/va/1"],
          ["M2", undefined],
          [undefined, "/api/v2/merch/va/2"]
        ]
      )
    })
  )

  it.effect("leave out what there is none of", () =>
    Effect.gen(function* () {
      const { client: paykka } = yield* start([{}])
      const { spans } = yield* measured(paykka.execute(operations.forbidden, { note: "n" }))
      assert.isFalse(spans[0]?.attributes.has("paykka.merch_id"))
      assert.isFalse(spans[0]?.attributes.has("paykka.resolved_by"))
      assert.isFalse(spans[1]?.attributes.has("error.type"))
    })
  )

  it.effect.each([
    ["https://pay.example", "https", "pay.example", 443],
    ["https://pay.example:8443", "https", "pay.example", 8443],
    ["http://localhost", "http", "localhost", 80],
    ["http://[::1]:8080", "http", "::1", 8080]
  ] as const)("tell the server of %s", ([baseUrl, scheme, host, port]) =>
    Effect.gen(function* () {
      const transport = HttpClient.make((request) =>
        Effect.succeed(HttpClientResponse.fromWeb(request, Response.json({})))
      )
      const environment = Environment.production({ baseUrl })
      const paykka = yield* Client.make(baseUrl, { environment }, Layer.succeed(HttpClient.HttpClient, transport))
      const { requests, points } = yield* measured(read(paykka))
      const names = ["url.scheme", "server.address", "server.port"]
      assert.deepStrictEqual(pick(requests[0]?.attributes, ...names, "url.full"), [
        scheme,
        host,
        port,
        baseUrl + Va.inquiry.path
      ])
      assert.deepStrictEqual(pick(points(requestDuration)[0]?.[0], ...names), [scheme, host, String(port)])
    })
  )

  it.effect("tell which read has told the outcome of a write", () =>
    Effect.gen(function* () {
      const { client: paykka } = yield* start(["reset", good])
      const { spans, points } = yield* measured(create(paykka, { onUnknown: "resolve" }))
      const nameOf = (span: Tracer.AnySpan | undefined) => (span?._tag === "Span" ? span.name : undefined)
      assert.deepStrictEqual(
        spans.map(({ name, parent, attributes }) => [
          name,
          nameOf(Option.getOrUndefined(parent)),
          ...pick(attributes, "paykka.resolved_by", "error.type")
        ]),
        [
          ["va.apply", undefined, "va.inquiry", undefined],
          ["POST", "va.apply", undefined, "Unreachable"],
          ["va.inquiry", "va.apply", undefined, undefined],
          ["POST", "va.inquiry", undefined, undefined]
        ]
      )
      assert.deepStrictEqual(
        points(callDuration).map(([attributes]) => pick(attributes, "paykka.operation", "paykka.resolved_by")),
        [
          ["va.inquiry", undefined],
          ["va.apply", "va.inquiry"]
        ]
      )
    })
  )

  it.effect("tell of a clock that was corrected", () =>
    Effect.gen(function* () {
      const { client: paykka } = yield* start([wrongTime, good, good])
      const { points, requests } = yield* measured(Effect.all([create(paykka), create(paykka)]))
      assert.deepStrictEqual(points("paykka.clock.corrections"), [[{ unit: "{request}" }, 1, 0]])
      assert.deepStrictEqual(points("paykka.clock.offset"), [[{ unit: "s" }, 120.5, 0]])
      assert.deepStrictEqual(
        requests.map(({ attributes }) => pick(attributes, "http.request.resend_count")),
        [[undefined], [1], [undefined]]
      )
    })
  )

  it.effect.each([[{ status: 503 }], ["reset"]] as ReadonlyArray<readonly [Answer]>)(
    "tell of a correction once, whatever comes next: %j",
    ([next]) =>
      Effect.gen(function* () {
        const { client: paykka, platform } = yield* start([wrongTime, next, good])
        const { points } = yield* measured(read(paykka))
        assert.strictEqual(platform.received.length, 3)
        assert.deepStrictEqual(points("paykka.clock.corrections"), [[{ unit: "{request}" }, 1, 0]])
      })
  )

  it.effect("tell of no correction where the platform did not accept it", () =>
    Effect.gen(function* () {
      const { client: paykka, platform } = yield* start([wrongTime])
      const { points } = yield* measured(Effect.exit(create(paykka)))
      assert.strictEqual(platform.received.length, 2)
      assert.deepStrictEqual(points("paykka.clock.corrections"), [])
    })
  )
})

describe("requests of others", () => {
  it.effect("keep Effect's spans: those of a remote signer", () =>
    Effect.gen(function* () {
      const platform = yield* makePlatform
      const http = yield* HttpClient.HttpClient
      const paykka = yield* signingAfter(platform.baseUrl, Effect.orDie(http.get(`${platform.baseUrl}/keys/sign`)))
      const { spans, points } = yield* measured(read(paykka))
      assert.deepStrictEqual(
        spans.map(({ name, attributes }) => [name, ...pick(attributes, "url.path", "paykka.operation")]),
        [
          ["va.inquiry", undefined, "va.inquiry"],
          ["GET", "/keys/sign", undefined],
          ["POST", Va.inquiry.path, "va.inquiry"]
        ]
      )
      assert.deepStrictEqual(
        points(requestDuration).map(([, count]) => count),
        [1]
      )
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )
})

describe("a program", () => {
  it.effect("that traces no requests has no spans of them, but metrics", () =>
    Effect.gen(function* () {
      const { client: paykka } = yield* start([good])
      const call = read(paykka).pipe(Effect.provideService(HttpClient.TracerDisabledWhen, () => true))
      const { spans, points } = yield* measured(call)
      assert.deepStrictEqual(
        spans.map(({ name }) => name),
        ["va.inquiry"]
      )
      assert.strictEqual(points(requestDuration).length, 1)
    })
  )

  it.effect("with a transport that Effect knows nothing of has no spans of requests, but metrics", () =>
    Effect.gen(function* () {
      const transport = HttpClient.makeWith<HttpClientError, never, HttpClientError, never>(
        (requests) =>
          Effect.map(Effect.delay(requests, "2 seconds"), (request) =>
            HttpClientResponse.fromWeb(request, Response.json({}))
          ),
        Effect.succeed
      )
      const baseUrl = "http://localhost"
      const paykka = yield* Client.make(baseUrl, {}, Layer.succeed(HttpClient.HttpClient, transport))
      const { spans, points } = yield* measured(read(paykka))
      assert.strictEqual(spans.length, 1)
      assert.deepStrictEqual(
        points(requestDuration).map(([, count, sum]) => [count, sum]),
        [[1, 2]]
      )
    })
  )

  it.effect("that traces nothing has metrics", () =>
    Effect.gen(function* () {
      const { client: paykka } = yield* start([good])
      const { spans, points } = yield* measured(Effect.withTracerEnabled(read(paykka), false))
      assert.deepStrictEqual(spans, [])
      assert.strictEqual(points(requestDuration).length, 1)
    })
  )

  it.effect("names the spans of requests", () =>
    Effect.gen(function* () {
      const { client: paykka } = yield* start([good])
      const named = HttpClient.SpanNameGenerator
      const call = read(paykka).pipe(Effect.provideService(named, ({ method }) => `http.client ${method}`))
      assert.deepStrictEqual(
        (yield* measured(call)).requests.map(({ name }) => name),
        ["http.client POST"]
      )
    })
  )

  it.effect("whose telemetry breaks gets the results of its calls", () =>
    Effect.gen(function* () {
      const { client: paykka } = yield* start([good, refusal])
      const breaking = () => {
        throw new Error("out of memory")
      }
      const tracer = Tracer.make({
        span: (options) => (options.kind === "client" ? breaking() : new Tracer.NativeSpan(options))
      })
      const registry = new Map() as Metric.MetricRegistry
      registry.set = breaking
      const [result, error] = yield* Effect.all([create(paykka), Effect.flip(create(paykka))]).pipe(
        Effect.provide(Plugin.layer(Telemetry.make())),
        Effect.provideService(Tracer.Tracer, tracer),
        Effect.provideService(Metric.MetricRegistry, registry)
      )
      assert.strictEqual(result.status, "ENABLED")
      assert.strictEqual(error.reason._tag, "InvalidState")
    })
  )

  it.effect("without a plugin is not measured, and its calls are the same", () =>
    Effect.gen(function* () {
      const { client: paykka, platform } = yield* start([{ status: 503 }, good])
      const registry = new Map() as Metric.MetricRegistry
      const { run } = JumpClock.make()
      const result = yield* run(read(paykka)).pipe(Effect.provideService(Metric.MetricRegistry, registry))
      assert.strictEqual(result.status, "ENABLED")
      assert.strictEqual(platform.received.length, 2)
      assert.strictEqual(registry.size, 0)
    })
  )
})
