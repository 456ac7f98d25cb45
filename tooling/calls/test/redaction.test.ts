/**
 * What is sensitive shows nowhere: a marker in every sensitive field of every request, and in every answer that repeats it, is in no
 * error, log, span, metric or recording; neither is a key, a signature or a nonce. Whatever the platform answers.
 */
import { inspect } from "node:util"
import * as Environment from "@paykka/core/Environment"
import * as Logging from "@paykka/core/Logging"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Plugin from "@paykka/core/Plugin"
import * as Recording from "@paykka/core/Recording"
import * as RetryPolicy from "@paykka/core/RetryPolicy"
import * as Telemetry from "@paykka/core/Telemetry"
import * as Json from "@paykka/schemas/Json"
import * as Sensitive from "@paykka/schemas/Sensitive"
import * as Authorization from "@paykka/signing/Authorization"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as References from "effect/References"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Tracer from "effect/Tracer"
import { calls } from "../../../packages/schemas/test/contract/facts.ts"
import { requestSample } from "../../../packages/schemas/test/contract/values.ts"
import { merchId, privateKey, signer } from "../keys.ts"

/** Everything that a program shows, as text. */
const watching = () => {
  const shown: Array<string> = []
  const show = (value: unknown) =>
    shown.push(inspect(value, { depth: 12, breakLength: Infinity, maxStringLength: Infinity }))
  const logger = Logger.make(({ logLevel, message, cause, fiber }) => {
    show([logLevel, message, cause, fiber.getRef(References.CurrentLogAnnotations)])
  })
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  const registry = new Map()
  return {
    shown,
    show,
    layer: Layer.mergeAll(
      Logger.layer([logger, Logger.make((entry) => void shown.push(Logger.formatJson.log(entry)))]),
      Layer.succeed(References.MinimumLogLevel, "All"),
      Layer.succeed(Tracer.Tracer, tracer),
      Layer.succeed(Metric.MetricRegistry, registry)
    ),
    finish: Effect.gen(function* () {
      for (const { name, attributes, events, status } of spans) show([name, [...attributes], events, status])
      show(yield* Metric.snapshot)
      return { spans: spans.length, metrics: registry.size }
    }).pipe(Effect.provideService(Metric.MetricRegistry, registry))
  }
}

/** Another text of the same length in the place of each that is sensitive. */
const marked = (value: unknown, masked: unknown, marker: string): unknown => {
  if (typeof value === "string") {
    return masked === Sensitive.masked ? marker.repeat(20).slice(0, Math.max(value.length, marker.length)) : value
  }
  if (Array.isArray(value))
    return value.map((each, index) => marked(each, (masked as ReadonlyArray<unknown>)[index], marker))
  if (!Json.isObject(value) || Json.isRawNumber(value) || value instanceof Uint8Array) return value
  const names = Object.keys(value)
  const others = Object.values(masked as object) as ReadonlyArray<unknown>
  return Object.fromEntries(names.map((name, index) => [name, marked(value[name], others[index], marker)]))
}

/** Answers that repeat what was sent. */
const echoes: ReadonlyArray<(body: string, nth: number) => Response> = [
  (body) => Response.json({ ret_code: "010000", ret_msg: `wrong: ${body}` }, { status: 400 }),
  (body) => Response.json({ ret_code: body.slice(0, 40), ret_msg: body }, { status: 400 }),
  (body) => new Response(`<html>${body}</html>`, { status: 502 }),
  (body) => new Response(body.slice(0, -1), { status: 200, headers: { "content-type": "application/json" } }),
  (body) => new Response(`[${body}]`, { status: 200 }),
  (body) => new Response(null, { status: 307, headers: { location: `/${encodeURIComponent(body)}` } }),
  (body) => Response.json({ ret_code: "000000", ret_msg: "", data: body }),
  (body) =>
    Response.json(
      { ret_code: "999999", ret_msg: body },
      { status: 500, headers: { "x-echo": encodeURIComponent(body).slice(0, 4000) } }
    ),
  (body) => Response.json({ echo: body, status: { of: body }, request_id: [body] }),
  (body) => {
    throw new TypeError(`fetch failed for ${body}`, { cause: Object.assign(new Error(body), { code: "ECONNRESET" }) })
  },
  (body) => new Response(body)
]

const trial = (seed: number, { shown, show, finish }: ReturnType<typeof watching>) =>
  Effect.gen(function* () {
    // So odd that nothing else has it, and short enough for every field.
    const marker = `Zq${seed.toString(36).padStart(4, "0")}Qz`
    const signatures: Array<string> = []
    let asked = seed
    const fetch: typeof globalThis.fetch = async (_, init) => {
      const headers = new Headers(init?.headers)
      const header = headers.get("authorization") ?? ""
      const { signature, nonce } = Result.getOrThrow(Authorization.decode(header))
      signatures.push(header, signature, encodeURIComponent(signature), nonce)
      const body = new TextDecoder("utf-8").decode(init?.body as Uint8Array)
      return echoes[asked++ % echoes.length]!(body, asked)
    }
    const context = yield* Layer.build(
      PaykkaClient.layer({
        environment: Environment.local("http://platform.localhost"),
        merchId,
        undocumentedPaths: "allow"
      }).pipe(
        Layer.provide(signer),
        Layer.provideMerge(Recording.layer({ operations: calls.map(({ operation }) => operation) })),
        Layer.provide(FetchHttpClient.layer),
        Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch))
      )
    )
    const client = Context.get(context, PaykkaClient.PaykkaClient)
    let valid = 0
    let invalid = 0
    for (const { operation, contract } of calls) {
      const sample = requestSample(contract)
      const secret = marked(sample, Sensitive.maskRequest(operation, sample), marker)
      const call = client.executeWithResponse(operation, secret, { extra: { "a new field": marker } })
      const result = yield* Effect.result(call)
      if (Result.isSuccess(result)) {
        valid++
        continue
      }
      const error = result.failure
      if (error.attempts === 0) invalid++
      else valid++
      show(error)
      shown.push(String(error), JSON.stringify(error), error.message, error.stack ?? "")
      yield* Effect.logError("a call has failed", error)
      yield* Effect.logDebug(error.reason)
    }
    shown.push(Recording.toText(yield* Context.get(context, Recording.Recording).exchanges))
    const { spans, metrics } = yield* finish
    const everything = shown.join("\n")
    for (const secret of [marker, ...signatures, privateKey.slice(100, 150)]) {
      const at = everything.indexOf(secret)
      if (at >= 0)
        assert.fail(
          `seed ${seed} shows ${secret === marker ? "the marker" : "a key or signature"}: ${everything.slice(Math.max(0, at - 300), at + 100)}`
        )
    }
    // It was there: in what was sent, and the sample fits.
    assert.isAbove(valid, 15)
    assert.isBelow(invalid, 8)
    assert.isAbove(spans, 40)
    assert.isAbove(metrics, 2)
  }).pipe(
    Effect.scoped,
    Effect.provide(Plugin.layer(Logging.make({ requests: true }), Telemetry.make())),
    Effect.provideService(RetryPolicy.Current, RetryPolicy.none)
  )

const Seed = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 36 ** 4 - 1 }))

describe("a marker in all that is sensitive", () => {
  it.effect.prop(
    "of a request shows in no error, log, span, metric or recording",
    [Seed],
    ([seed]) => {
      const watched = watching()
      return Effect.provide(trial(seed, watched), watched.layer)
    },
    { arbitrary: { runs: 11 } }
  )
})
