/** The policies of docs/plugins.md, as they stand there, around real calls. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import type { PaykkaError } from "@paykka/core/PaykkaError"
import * as PlatformClock from "@paykka/core/PlatformClock"
import * as Plugin from "@paykka/core/Plugin"
import type * as RetryPolicy from "@paykka/core/RetryPolicy"
import * as Faults from "@paykka/sandbox/Faults"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as SandboxNode from "@paykka/sandbox/node"
import * as Payment from "@paykka/schemas/Payment"
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import { type Logger, pino } from "pino"
import { root } from "../../checks/check.ts"
import { fences } from "../../checks/examples.ts"
import * as Simulated from "../clock.ts"
import { merchId, sandboxKeys, signer } from "../keys.ts"

const guide = "docs/plugins.md"
const snippets = fences(guide, readFileSync(join(root, guide), "utf8"))

mkdirSync(join(import.meta.dirname, "../dist"), { recursive: true })
const folder = mkdtempSync(join(import.meta.dirname, "../dist/policies-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** The module of a snippet, by the name in its fence. */
const load = async <A>(name: string): Promise<A> => {
  const snippet = snippets.find((fence) => fence.name === name)
  if (snippet === undefined) throw new Error(`${guide} has no snippet ${name}`)
  const file = join(folder, name)
  writeFileSync(file, snippet.code)
  return (await import(pathToFileURL(file).href)) as A
}

/** A client of a sandbox on a port, each of whose answers has the next fault. */
const start = (faults: ReadonlyArray<Faults.Fault | undefined>) =>
  Effect.gen(function* () {
    const script = Faults.script(faults)
    let asked = 0
    const source: Faults.Source = (facts) => {
      asked++
      return script(facts)
    }
    const server = yield* Layer.build(
      SandboxNode.layerServer({ faults: source }).pipe(Layer.provide(Sandbox.layer(sandboxKeys)))
    )
    const { baseUrl } = Context.get(server, SandboxNode.SandboxServer)
    const client = yield* Layer.build(
      PaykkaClient.layer({
        environment: Environment.local(baseUrl),
        merchId,
        timeout: Simulated.requestTimeout,
        undocumentedPaths: "allow"
      }).pipe(Layer.provide([signer, FetchHttpClient.layer, PlatformClock.layerNone]))
    )
    return { client: Context.get(client, PaykkaClient.PaykkaClient), asked: () => asked }
  })

const pay = (client: PaykkaClient.Service, options?: PaykkaClient.CallOptions) =>
  client.execute(Payment.apply, { request_id: "R-1", amount: 100, currency: "EUR", beneficiary_id: "B-1" }, options)
const ask = (client: PaykkaClient.Service, options?: PaykkaClient.CallOptions) =>
  client.execute(Payment.inquiry, { request_id: "R-1" }, options)

const busy = Faults.platformError("010001", { processed: false })
const unauthorized = Faults.platformError("010100", { processed: false })

describe("retrying in business hours only", () => {
  interface Module {
    readonly isOpen: (at: number) => boolean
    readonly businessHours: RetryPolicy.RetryPolicy
  }

  it.live("repeats a write by day, not by night, and a read always", () =>
    Effect.gen(function* () {
      const { businessHours } = yield* Effect.promise(() => load<Module>("business-hours.ts"))
      const { client, asked } = yield* start(Array.from({ length: 20 }, () => busy))
      // A Wednesday in Berlin, in winter.
      for (const [time, call, requests] of [
        ["2026-11-25T15:59:00+01:00", pay, 3],
        ["2026-11-25T17:00:00+01:00", pay, 1],
        ["2026-11-25T23:00:00+01:00", pay, 1],
        ["2026-11-25T23:00:00+01:00", ask, 3],
        ["2026-11-28T12:00:00+01:00", pay, 1]
      ] as const) {
        const before = asked()
        const { run } = Simulated.make(Date.parse(time))
        const error: PaykkaError = yield* Effect.flip(run(call(client, { retry: businessHours })))
        assert.strictEqual(error.reason._tag, "RateLimited", time)
        assert.strictEqual(asked() - before, requests, time)
        assert.isTrue(error.retryable)
      }
    })
  )

  it("knows summer time", async () => {
    const { isOpen } = await load<Module>("business-hours.ts")
    assert.isTrue(isOpen(Date.parse("2026-07-01T09:00:00+02:00")))
    assert.isFalse(isOpen(Date.parse("2026-07-01T08:59:59+02:00")))
  })
})

describe("logging to pino", () => {
  it.live("writes a line a call, without any secret", () =>
    Effect.gen(function* () {
      const { toPino } = yield* Effect.promise(() =>
        load<{ readonly toPino: (logger: Logger) => Plugin.Plugin }>("pino.ts")
      )
      const lines: Array<string> = []
      const logger = pino({ base: null }, { write: (line: string) => lines.push(line) })
      const { client } = yield* start([
        undefined,
        Faults.answer(
          { status: 400, body: { ret_code: "010000", ret_msg: "B-1 100 EUR DE89370400440532013000" } },
          { processed: false }
        )
      ])
      yield* Effect.gen(function* () {
        yield* Effect.ignore(ask(client))
        yield* Effect.ignore(pay(client))
      }).pipe(Effect.provideService(Plugin.Current, [toPino(logger)]))
      const entries = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
      assert.deepStrictEqual(
        entries.map(({ operation, requestId, reason, attempts, retCode }) => [
          operation,
          requestId,
          reason,
          attempts,
          retCode
        ]),
        [
          ["payment.inquiry", "R-1", "NotFound", 1, "010002"],
          ["payment.apply", "R-1", "InvalidRequest", 1, "010000"]
        ]
      )
      assert.isTrue(entries.every(({ ms, level }) => typeof ms === "number" && level === 40))
      assert.notInclude(lines.join(), "DE89")
    })
  )
})

describe("paging on Unauthorized", () => {
  interface Module {
    readonly pageOnUnauthorized: (page: (text: string) => Promise<unknown>) => Plugin.Plugin
  }

  it.live("pages once an hour, and for nothing else", () =>
    Effect.gen(function* () {
      const { pageOnUnauthorized } = yield* Effect.promise(() => load<Module>("page.ts"))
      const pages: Array<string> = []
      const plugin = pageOnUnauthorized(async (text) => pages.push(text))
      const { client } = yield* start([busy, busy, busy, unauthorized, unauthorized, unauthorized, unauthorized])
      const counts: Array<number> = []
      // The first is refused for another reason, three times.
      for (const minute of [0, 0, 1, 59, 60]) {
        yield* Simulated.make(Date.now() + minute * 60_000)
          .run(Effect.ignore(pay(client)))
          .pipe(Effect.provideService(Plugin.Current, [plugin]))
        counts.push(pages.length)
      }
      assert.deepStrictEqual(counts, [0, 1, 1, 1, 2])
      assert.match(pages[0] ?? "", /^payment\.apply: the platform did not accept the signature/)
    })
  )

  it.live("does not change what becomes of the call where the pager fails", () =>
    Effect.gen(function* () {
      const { pageOnUnauthorized } = yield* Effect.promise(() => load<Module>("page.ts"))
      const { client } = yield* start([unauthorized])
      const error = yield* Effect.flip(pay(client)).pipe(
        Effect.provideService(Plugin.Current, [pageOnUnauthorized(() => Promise.reject(new Error("no pager")))])
      )
      assert.strictEqual(error.reason._tag, "Unauthorized")
    })
  )
})
