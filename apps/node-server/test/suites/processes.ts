/** The service as a process: how it starts, what it tells, how it stops. */
import { generateKeyPairSync } from "node:crypto"
import { readFileSync } from "node:fs"
import { type Server, createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { DatabaseSync } from "node:sqlite"
import { text } from "node:stream/consumers"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, describe, it } from "@effect/vitest"
import * as Paykka from "@paykka/payouts/local/Paykka"
import * as Payment from "@paykka/schemas/Payment"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as App from "../../src/App.ts"
import * as Environment from "../../src/Environment.ts"
import * as StartFailure from "../../src/StartFailure.ts"
import { admin, hasPostgres, postgresDatabase, sqlite } from "../databases.ts"
import * as Image from "../image.ts"
import { between } from "../proxy.ts"
import { type Service, type Variables, says, startNode, startService } from "../service.ts"

const token = "the-token-of-those-who-pay"
const metricsToken = "the-token-of-those-who-look"
const postscript = "for the payee's eyes only"

const order = (paykka: Paykka.Paykka, request_id: string) => ({
  request_id,
  amount: "17.17",
  currency: "EUR",
  beneficiary_id: paykka.payees.EUR,
  postscript
})

const post = (url: string, body: object, signal: AbortSignal | null = null) =>
  fetch(`${url}/payouts`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal
  })

/** A service whose payments are answered one by one, when the test says so, and are never decided. */
const holding = (variables: Variables) =>
  Effect.gen(function* () {
    const answers: Array<() => void> = []
    let seen = () => {}
    const paykka = yield* Paykka.make({ decidesAfterMillis: 3_600_000, send: async () => Response.json({}) })
    const proxy = yield* between(paykka.server.baseUrl, (path) => {
      if (path !== Payment.apply.path) return undefined
      seen()
      return new Promise<void>((resolve) => void answers.push(resolve))
    })
    const service = yield* startService({
      ...paykka.variables,
      PAYKKA_BASE_URL: proxy,
      PAYOUTS_TOKEN: token,
      PAYOUTS_METRICS_TOKEN: metricsToken,
      // A slow machine must not fail a test.
      PAYOUTS_SHUTDOWN_TIME: "2 minutes",
      ...sqlite(),
      ...variables
    })
    return {
      paykka,
      service,
      /** Begins something, and waits for the payment that comes of it. */
      untilPayment: <A>(begin: () => Promise<A>) =>
        Effect.promise(async () => {
          const payment = new Promise<void>((resolve) => (seen = resolve))
          const outcome = begin()
          await payment
          return { outcome }
        }),
      /** Answers the longest unanswered payment. */
      answer: () => answers.shift()?.()
    }
  }).pipe(Effect.provide(Logger.layer([])))

/** What a collector is sent. */
interface Export {
  readonly resourceSpans?: ReadonlyArray<{
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
}

/** A collector of OpenTelemetry. */
const collector = Effect.gen(function* () {
  const exports: Array<Export> = []
  const server = yield* Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<Server>((resolve) => {
          const each = createServer(async (request, response) => {
            exports.push(JSON.parse(await text(request)) as Export)
            response.writeHead(200, { "content-type": "application/json" }).end("{}")
          })
          each.listen(0, "127.0.0.1", () => resolve(each))
        })
    ),
    (each) =>
      Effect.sync(() => {
        each.closeAllConnections()
        each.close()
      })
  )
  return { exports, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
})

interface Span {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly attributes: ReadonlyArray<{ readonly key: string; readonly value: Readonly<Record<string, unknown>> }>
}

const spansOf = (exports: ReadonlyArray<Export>): ReadonlyArray<Span> =>
  exports
    .flatMap(({ resourceSpans = [] }) => resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)

const attribute = ({ attributes }: Span, name: string): unknown =>
  Object.values(attributes.find(({ key }) => key === name)?.value ?? {})[0]

/** A span, that in which it is, and so on. */
const lineage = (spans: ReadonlyArray<Span>, span: Span | undefined): ReadonlyArray<Span> =>
  span === undefined
    ? []
    : [
        span,
        ...lineage(
          spans,
          spans.find(({ spanId }) => spanId === span.parentSpanId)
        )
      ]

const healthCheck: ReadonlyArray<string> = JSON.parse(
  /HEALTHCHECK[^]*?CMD (\[.*\])/.exec(readFileSync(new URL("../../Dockerfile", import.meta.url), "utf8"))?.[1] ?? ""
)

/** Runs the health check of the image where the service is; gives its exit code. */
const check = ({ url }: Service) =>
  Effect.gen(function* () {
    const [, ...args] = healthCheck
    const { ended } = yield* startNode(args, { PORT: new URL(url).port })
    return yield* Effect.promise(() => ended)
  })

const pem = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" }
  })

const inPostgres = postgresDatabase()

/** Declares them. */
export const processes = () => {
  describe("the service", () => {
    it.live("finishes what it has begun, tells a collector of it, and ends with 0", () =>
      Effect.gen(function* () {
        const { exports, url: endpoint } = yield* collector
        const database = sqlite()
        const { paykka, service, untilPayment, answer } = yield* holding({
          OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
          // So that it is the request, and not a look at what is due, that pays.
          PAYOUTS_FIRST_PAUSE: "30 seconds",
          ...database
        })
        const { url, child, written, ended } = service
        assert.strictEqual(yield* check(service), 0)

        // One whose caller waits, and one whose caller has gone.
        const waiting = yield* untilPayment(() => post(url, order(paykka, "waiting")))
        const gone = new AbortController()
        yield* untilPayment(() => post(url, order(paykka, "left"), gone.signal).catch(() => undefined))
        gone.abort()

        const metrics = (bearer: string) =>
          Effect.promise(() => fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${bearer}` } }))
        assert.strictEqual((yield* metrics(token)).status, 401)
        const shown = yield* metrics(metricsToken)
        assert.match(shown.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/)
        const lines = (yield* Effect.promise(() => shown.text())).split("\n")
        assert.includeMembers(lines, [
          'payouts_transitions{state="accepted"} 2',
          'payouts_transitions{state="paying"} 2',
          'payouts_open{state="paying"} 2',
          'payouts_open{state="held"} 0',
          "payouts_overdue_seconds 0"
        ])
        assert.isTrue(lines.some((line) => line.startsWith("paykka_call_duration_count{")))

        child.kill("SIGTERM")
        yield* says(service, /"stopping: /)
        yield* Effect.promise(async () => {
          while ((await fetch(`${url}/health`).catch(() => "refused")) !== "refused");
        })
        answer()
        const reply = yield* Effect.promise(() => waiting.outcome)
        assert.strictEqual(reply.status, 202)
        // It does not leave the other one, however long that takes.
        assert.strictEqual(yield* Effect.promise(() => Promise.race([ended, sleep(300, "at work")])), "at work")
        answer()
        assert.strictEqual(yield* Effect.promise(() => ended), 0, written.stderr)
        assert.strictEqual(yield* check(service), 1)
        const file = new DatabaseSync(database.PAYOUTS_SQLITE_FILE, { readOnly: true })
        const states = file.prepare("SELECT request_id, state FROM payouts ORDER BY request_id").all()
        file.close()
        assert.deepEqual(states, [
          { request_id: "left", state: "processing" },
          { request_id: "waiting", state: "processing" }
        ])

        // One JSON object a line.
        const logged = written.stdout
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line))
        assert.includeMembers(
          logged.map(({ message }) => message),
          ["payment.apply succeeded", "Sent HTTP response"]
        )
        assert.strictEqual(written.stderr, "")

        const spans = spansOf(exports)
        const calls = spans.filter(({ name }) => name === "payment.apply")
        assert.strictEqual(calls.length, 2)
        for (const call of calls) {
          const incoming = lineage(spans, call).at(-1)!
          assert.strictEqual(incoming.kind, 2)
          assert.strictEqual(attribute(incoming, "http.route"), "/payouts")
          const request = spans.find(({ parentSpanId }) => parentSpanId === call.spanId)!
          assert.strictEqual(request.kind, 3)
          assert.strictEqual(attribute(request, "http.response.status_code"), 200)
        }
        // What comes every few seconds would hide everything else.
        for (const span of spans) {
          assert.notInclude(["/health", "/metrics"], attribute(span, "url.path"))
          assert.notMatch(String(attribute(span, "db.query.text")), /paykka_inbox|next_at <=/)
        }
        const told = JSON.stringify(exports)
        for (const name of ["payouts_transitions", "paykka.call.duration", "payment.apply succeeded", '"payouts"']) {
          assert.include(told, name)
        }
        const secrets = [
          token,
          metricsToken,
          postscript,
          "Bearer",
          "%22signature%22",
          ...["PAYKKA_PRIVATE_KEY", "PAYKKA_PLATFORM_PUBLIC_KEY"].flatMap((name) =>
            (paykka.variables[name] ?? "").split("\n").filter((line) => line.length > 30)
          )
        ]
        assert.isAbove(secrets.length, 20)
        for (const secret of secrets) assert.notInclude(told + written.stdout, secret)
      }).pipe(Effect.scoped)
    )

    it.live("ends at once at the second signal, and with 1 when its time is over", () =>
      Effect.gen(function* () {
        const stopping = (variables: Variables) =>
          Effect.gen(function* () {
            const { paykka, service, untilPayment } = yield* holding(variables)
            yield* untilPayment(() => post(service.url, order(paykka, "held-up")).catch(() => "cut off"))
            service.child.kill("SIGINT")
            yield* says(service, /"stopping: /)
            return service
          })
        const [twice, late] = yield* Effect.all([stopping({}), stopping({ PAYOUTS_SHUTDOWN_TIME: "300 millis" })], {
          concurrency: 2
        })
        twice.child.kill("SIGTERM")
        assert.strictEqual(yield* Effect.promise(() => twice.ended), 128 + 15)
        assert.strictEqual(yield* Effect.promise(() => late.ended), 1)
        assert.strictEqual(late.written.stderr, "not everything that was begun is finished: the time for it is over\n")
      }).pipe(Effect.scoped)
    )
  })

  describe.skipIf(!hasPostgres)("a service whose database", () => {
    it.live("is away is not ready, takes no order, and goes on when it is back", () =>
      Effect.gen(function* () {
        const { database, variables } = inPostgres
        const { paykka, service, untilPayment, answer } = yield* holding(variables)
        const statusOf = (path: string) =>
          Effect.promise(async () => {
            const response = await fetch(service.url + path)
            await response.arrayBuffer()
            return response.status
          })
        assert.strictEqual(yield* statusOf("/ready"), 200)
        yield* Effect.promise(async () => {
          await admin(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`)
          await admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}'`)
        })
        assert.strictEqual(yield* statusOf("/ready"), 503)
        assert.strictEqual(yield* statusOf("/health"), 200)
        const refused = yield* Effect.promise(() => post(service.url, order(paykka, "back")))
        assert.strictEqual(refused.status, 503)
        yield* Effect.promise(() => admin(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`))
        const untilReady: Effect.Effect<number> = Effect.filterOrElse(
          statusOf("/ready"),
          (status) => status === 200,
          () => Effect.andThen(Effect.sleep("20 millis"), untilReady)
        )
        yield* untilReady
        const taken = yield* untilPayment(() => post(service.url, order(paykka, "back")))
        answer()
        assert.strictEqual((yield* Effect.promise(() => taken.outcome)).status, 202)
        service.child.kill("SIGTERM")
        assert.strictEqual(yield* Effect.promise(() => service.ended), 0)
      }).pipe(Effect.scoped)
    )
  })

  describe("a service that cannot start", () => {
    const [ours, theirs] = [pem(), pem()]
    const good = {
      PAYKKA_MERCH_ID: "M24061911365700670",
      PAYKKA_KEY_ID: "merchant-key",
      PAYKKA_PRIVATE_KEY: ours.privateKey,
      PAYKKA_PLATFORM_PUBLIC_KEY: theirs.publicKey,
      PAYOUTS_TOKEN: token
    }
    const password = "hunter2-hunter2"
    const cases: ReadonlyArray<readonly [Readonly<Record<string, string | undefined>>, RegExp]> = [
      [{ PAYOUTS_TOKEN: undefined }, /^PAYOUTS_TOKEN: is not set: it must have 16 or more characters/],
      [{ PAYOUTS_TOKEN: "short" }, /^PAYOUTS_TOKEN: must have 16 or more characters/],
      [
        { PAYOUTS_METRICS_TOKEN_FILE: "/nowhere" },
        /^PAYOUTS_METRICS_TOKEN_FILE: names a file that cannot be read \(ENOENT\)/
      ],
      [{ PAYKKA_MERCH_ID: undefined }, /^PAYKKA_MERCH_ID: is not set/],
      [{ PAYKKA_PRIVATE_KEY: undefined, PAYKKA_KEY_ID: undefined }, /^PAYKKA_PRIVATE_KEY: is not set/],
      [{ PAYKKA_PLATFORM_PUBLIC_KEY: undefined }, /^PAYKKA_PLATFORM_PUBLIC_KEY: is not set/],
      [{ PAYKKA_PRIVATE_KEY: "not a key" }, /^PAYKKA_PRIVATE_KEY: /],
      [
        { PAYKKA_ENVIRONMENT: "local", PAYKKA_BASE_URL: "http://example.com" },
        /^PAYKKA_BASE_URL: must start with https/
      ],
      [{ PORT: "http" }, /^PORT: /],
      [{ PORT: "70000" }, /^PORT: must be from 0 to 65535/],
      [{ PAYOUTS_SEND_TIME: "soon" }, /^PAYOUTS_SEND_TIME: must be a duration longer than zero/],
      [{ PAYOUTS_SHUTDOWN_TIME: "soon" }, /^PAYOUTS_SHUTDOWN_TIME: .*Duration/],
      [{ PAYOUTS_SHUTDOWN_TIME: "Infinity" }, /^PAYOUTS_SHUTDOWN_TIME: must be a duration from 1 millis to 1 day/],
      [{ PAYOUTS_INBOX_LOCK_TIME: "1 second" }, /^PAYOUTS_INBOX_LOCK_TIME: must be a duration from 2 seconds/],
      [{ PAYOUTS_LOG_FORMAT: "xml" }, /^PAYOUTS_LOG_FORMAT: .*"json" \| "pretty"/],
      [{ PAYOUTS_SQLITE_FILE: "/nowhere/payouts.db" }, /^PAYOUTS_SQLITE_FILE: names a database .*ENOENT/],
      [{ DATABASE_URL: "mysql://somewhere" }, /^DATABASE_URL: must begin with postgres:\/\//],
      [
        { DATABASE_URL: `postgres://me:${password}@127.0.0.1:2/payouts` },
        /^DATABASE_URL: names a database that cannot be used \(ConnectionError\)/
      ],
      [{ OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere" }, /^OTEL_EXPORTER_OTLP_ENDPOINT: .*URL/]
    ]

    const variablesOf = (change: Readonly<Record<string, string | undefined>>): Variables =>
      Object.fromEntries(
        Object.entries({ ...good, ...sqlite(), ...change }).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value] as const]
        )
      )

    it.live("says in one line which variable is to blame, and shows no secret", () =>
      Effect.forEach(cases, ([change, wanted]) =>
        Effect.gen(function* () {
          const app = Layer.provideMerge(App.layer, Environment.layer(variablesOf(change)))
          const cause = yield* Effect.flip(Effect.sandbox(Layer.build(app)))
          const line = StartFailure.describe(cause)
          assert.match(line, wanted)
          for (const secret of [token, password, "not a key", "short", "\n"]) assert.notInclude(line, secret)
        }).pipe(Effect.scoped)
      )
    )

    it.live("ends with 1, and says so on standard error", () =>
      Effect.gen(function* () {
        const { url } = yield* collector
        const variables = variablesOf({ PORT: new URL(url).port })
        const { ended, written } = yield* startNode(["main.mjs"], variables, Image.folder)
        assert.strictEqual(yield* Effect.promise(() => ended), 1)
        assert.strictEqual(written.stderr, "cannot start: HOST, PORT: cannot listen there (EADDRINUSE)\n")
      }).pipe(Effect.scoped)
    )
  })
}
