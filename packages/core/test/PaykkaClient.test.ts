import * as Amount from "@paykka/schemas/Amount"
import * as CodeTable from "@paykka/schemas/CodeTable"
import * as Va from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { vi } from "vitest"
import * as Environment from "../src/Environment.ts"
import * as PaykkaClient from "../src/PaykkaClient.ts"
import type { PaykkaError } from "../src/PaykkaError.ts"
import { make, merchId, read, reasonOf, start } from "./support/client.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { signer } from "./support/keys.ts"
import * as JumpClock from "./support/JumpClock.ts"
import * as operations from "./support/operations.ts"
import * as TestPlatform from "./support/TestPlatform.ts"

const open = Schema.Record(Schema.String, Schema.Unknown)

/** The bodies, with the bytes that JSON demands for them. */
const bodies: ReadonlyArray<readonly [name: string, body: Record<string, unknown>, text: string]> = [
  ["ASCII", { request_id: "R-1", note: "plain" }, '{"request_id":"R-1","note":"plain"}'],
  ["an empty object", {}, "{}"],
  ["CJK", { note: "收款账户 東京 서울" }, '{"note":"收款账户 東京 서울"}'],
  ["emoji", { note: "👩‍👩‍👧 🏦" }, '{"note":"👩‍👩‍👧 🏦"}'],
  ["escapes", { note: 'a"b\\c\n\t\u0001/' }, '{"note":"a\\"b\\\\c\\n\\t\\u0001/"}'],
  ["line separators and a lone surrogate", { note: "\u2028\u2029\ud800" }, '{"note":"\u2028\u2029\\ud800"}'],
  ["form characters", { note: "a+b&c=d%20é" }, '{"note":"a+b&c=d%20é"}'],
  ["200 kB", { note: "汉".repeat(70_000) }, `{"note":"${"汉".repeat(70_000)}"}`]
]

const invalid = (error: PaykkaError) => {
  const reason = reasonOf(error, "InvalidRequest")
  assert.strictEqual(reason.by, "client")
  assert.strictEqual(error.attempts, 0)
  assert.isFalse(error.retryable)
  return reason.faults
}

describe("the request", () => {
  it.effect.each(bodies)("signs the very bytes that it sends: %s", ([, body, text]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      yield* client.request({ path: "/api/v2/merch/any/thing", body, schema: open, effect: "read" })
      assert.deepStrictEqual(platform.refused, [])
      const [received] = platform.received
      assert.isTrue(received?.body.equals(Buffer.from(text, "utf8")))
      assert.strictEqual(received?.method, "POST")
      assert.strictEqual(received?.target, "/api/v2/merch/any/thing")
    })
  )

  it.effect("has exactly these headers of its own", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      yield* read(client)
      assert.deepStrictEqual(platform.refused, [])
      const [received] = platform.received
      assert.strictEqual(received?.headers["content-type"], "application/json")
      assert.strictEqual(received?.headers["accept"], "application/json")
      assert.strictEqual(received?.headers["x-merch-id"], merchId)
      assert.strictEqual(received?.target, Va.inquiry.path)
      for (const name of ["content-type", "accept", "authorization", "x-merch-id"]) {
        assert.strictEqual(received?.headerNames.filter((each) => each === name).length, 1, name)
      }
    })
  )

  it.effect("writes amounts with all their digits", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ body: '{"amount":1200.50}' }])
      const order = yield* client.execute(operations.order, { order_no: "O-1", amount: Amount.make("1200.50") })
      assert.strictEqual(platform.received[0]?.body.toString(), '{"order_no":"O-1","amount":1200.50}')
      assert.strictEqual(order.amount, "1200.50")
    })
  )

  it.effect.each([
    ["undici", NodeHttpClient.layerUndici],
    ["node:http", NodeHttpClient.layerNodeHttp]
  ] as const)("is the same over %s", ([, transport]) =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      platform.answer({ status: 503 }, { body: { status: "ENABLED" } })
      const client = yield* make(platform.baseUrl, {}, transport)
      const account = yield* JumpClock.make().run(read(client))
      assert.strictEqual(account.status, "ENABLED")
      assert.deepStrictEqual(platform.refused, [])
      assert.deepStrictEqual(
        platform.received.map(({ body }) => body.toString()),
        ['{"request_id":"R-1"}', '{"request_id":"R-1"}']
      )
    })
  )
})

describe("X-Merch-Id", () => {
  const sent = (platform: TestPlatform.TestPlatform) => platform.received.map(({ headers }) => headers["x-merch-id"])

  it.effect("is the client's, or the call's", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      yield* read(client)
      yield* read(client, { merchId: "M2" })
      yield* client.execute(operations.optional, { note: "" })
      assert.deepStrictEqual(sent(platform), [merchId, "M2", merchId])
    })
  )

  it.effect("is never sent where it is forbidden", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      yield* client.execute(operations.forbidden, { note: "" })
      assert.deepStrictEqual(sent(platform), [undefined])
      const error = yield* Effect.flip(client.execute(operations.forbidden, { note: "" }, { merchId: "M2" }))
      assert.deepStrictEqual(invalid(error), [
        { path: "options.merchId", rule: "must not be given: test.forbidden forbids X-Merch-Id" }
      ])
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("may be missing where it is optional, and nowhere else", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{}], { merchId: undefined })
      yield* client.execute(operations.optional, { note: "" })
      assert.deepStrictEqual(sent(platform), [undefined])
      const error = yield* Effect.flip(read(client))
      assert.deepStrictEqual(
        invalid(error).map(({ path }) => path),
        ["merchId"]
      )
      assert.include(error.message, "va.inquiry requires X-Merch-Id")
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect.each(["", "a".repeat(21), "M 1", "M1\r\nX-Evil: 1", "商户"])(
    "is refused as %j, before anything is sent",
    (value) =>
      Effect.gen(function* () {
        const { platform, client } = yield* start()
        const error = yield* Effect.flip(read(client, { merchId: value }))
        assert.deepStrictEqual(invalid(error), [
          { path: "merchId", rule: "must have 1 to 20 printable ASCII characters" }
        ])
        assert.strictEqual(platform.received.length, 0)
        const refused = yield* Effect.flip(make(platform.baseUrl, { merchId: value }))
        assert.strictEqual(refused.option, "merchId")
      })
  )
})

describe("the request id", () => {
  it.effect("is the caller's own where there is one, in the body and in the result", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ body: { request_id: "ANOTHER", code: 1 } }])
      const reply = yield* client.executeWithResponse(Va.apply, { request_id: "MY-OWN" })
      assert.strictEqual(platform.received[0]?.body.toString(), '{"request_id":"MY-OWN"}')
      assert.strictEqual(reply.requestId, "MY-OWN")
      assert.strictEqual(reply.value.request_id, "MY-OWN")
      assert.deepStrictEqual(reply.raw, { request_id: "ANOTHER", code: 1 })
      assert.strictEqual((yield* client.execute(Va.apply, { request_id: "MY-OWN" })).request_id, "MY-OWN")
    })
  )

  it.effect.each([{}, { request_id: undefined }, { request_id: null }])("is made for %j, and told", (input) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      const sent = (index: number) =>
        (JSON.parse(String(platform.received[index]?.body)) as { readonly request_id: string }).request_id
      const value = yield* client.execute(Va.apply, input as {})
      const reply = yield* client.executeWithResponse(Va.apply, input as {})
      assert.match(sent(0), /^[0-9a-f]{32}$/)
      assert.notStrictEqual(sent(0), sent(1))
      assert.strictEqual(value.request_id, sent(0))
      assert.strictEqual(reply.requestId, sent(1))
      assert.strictEqual(reply.value.request_id, sent(1))
      assert.deepStrictEqual(reply.raw, {})
    })
  )

  it.effect("is never replaced, however unfit", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      for (const request_id of ["", "x".repeat(33)]) {
        const error = yield* Effect.flip(client.execute(Va.apply, { request_id }))
        assert.deepStrictEqual(
          invalid(error).map(({ path }) => path),
          ["request_id"]
        )
      }
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("is made for a new submission only: what exists already is named by the caller", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      // @ts-expect-error an update must name what it amends
      const amend = yield* Effect.flip(client.execute(operations.amend, {}))
      assert.deepStrictEqual(invalid(amend), [{ path: "request_id", rule: "is missing" }])
      // @ts-expect-error an order's number is the merchant's own
      const order = yield* Effect.flip(client.execute(operations.order, { amount: Amount.make("1") }))
      assert.deepStrictEqual(invalid(order), [{ path: "order_no", rule: "is missing" }])
      assert.strictEqual(platform.received.length, 0)
      assert.strictEqual((yield* client.execute(operations.amend, { request_id: "R-1" })).request_id, "R-1")
    })
  )

  it.effect("may have another name, which results tell", () =>
    Effect.gen(function* () {
      const { client } = yield* start()
      const reply = yield* client.executeWithResponse(operations.order, { order_no: "O-9", amount: Amount.make("1") })
      assert.strictEqual(reply.value.order_no, "O-9")
      assert.isUndefined(reply.requestId)
    })
  )
})

describe("the input", () => {
  it.effect("is checked before anything is sent, all faults at once and without values", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{}], { merchId: undefined })
      const input = { request_id: "r".repeat(40), currencies: ["EUR", "", 6222021234567890], curency: "secret" }
      const error = yield* Effect.flip(client.execute(Va.apply, input as never))
      assert.deepStrictEqual(
        invalid(error)
          .map(({ path }) => path)
          .toSorted(),
        ["curency", "currencies[1]", "currencies[2]", "merchId", "request_id"]
      )
      assert.include(error.message, "nothing was sent")
      assert.notInclude(error.message, "6222021234567890")
      assert.notInclude(error.message, "secret")
      assert.isUndefined(error.requestId)
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("takes extra fields as they are", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      const extra = { platform: "shop", nested: { a: [1, null] } }
      yield* client.execute(Va.apply, { request_id: "R-1", country_code: "DE" }, { extra })
      assert.strictEqual(
        platform.received[0]?.body.toString(),
        '{"request_id":"R-1","country_code":"DE","platform":"shop","nested":{"a":[1,null]}}'
      )
    })
  )

  it.effect("does not let an extra field replace a field, least of all the request id", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      for (const input of [{ request_id: "R-1" }, {}]) {
        const error = yield* Effect.flip(client.execute(Va.apply, input, { extra: { request_id: "R-2" } }))
        assert.deepStrictEqual(invalid(error), [{ path: "extra.request_id", rule: "is given in the input already" }])
      }
      assert.strictEqual(platform.received.length, 0)
    })
  )

  it.effect("that JSON cannot hold is a fault, not a crash", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      const error = yield* Effect.flip(client.execute(Va.apply, {}, { extra: { big: 1n } }))
      assert.deepStrictEqual(invalid(error), [{ path: "", rule: "cannot be written as JSON" }])
      assert.strictEqual(platform.received.length, 0)
    })
  )
})

describe("check", () => {
  const source = "https://docs.example/countries"
  const countries = Result.getOrThrow(CodeTable.withRows(CodeTable.countryCode, [{ code: "DE", source }]))
  const check = CodeTable.checker([countries])

  it.effect("refuses a code that is not in its table, before anything is sent and without the code", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{}], { check })
      const error = yield* Effect.flip(client.execute(Va.apply, { country_code: "FR" }))
      assert.deepStrictEqual(invalid(error), [
        { path: "country_code", rule: `is not in table country_code (1 row from ${source})` }
      ])
      assert.notInclude(error.message, "FR")
      assert.strictEqual(platform.received.length, 0)
      yield* client.execute(Va.apply, { country_code: "DE" })
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("tells its faults together with all others", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{}], { check, merchId: undefined })
      const error = yield* Effect.flip(client.execute(Va.apply, { country_code: "FR" }))
      assert.deepStrictEqual(
        invalid(error).map(({ path }) => path),
        ["merchId", "country_code"]
      )
    })
  )

  it.effect("sees what fits the schema, with the request id, and nothing else", () =>
    Effect.gen(function* () {
      const seen: Array<readonly [id: string, input: unknown]> = []
      const looking: PaykkaClient.Check = ({ id }, input) => {
        seen.push([id, input])
        return []
      }
      const { client } = yield* start([{}], { check: looking })
      yield* Effect.flip(client.execute(Va.apply, { country_code: "" }))
      const { request_id } = yield* client.execute(Va.apply, { country_code: "DE" })
      assert.deepStrictEqual(seen, [["va.apply", { country_code: "DE", request_id }]])
    })
  )
})

describe("the result", () => {
  it.effect("keeps what the schema does not know in raw, with nulls and every digit", () =>
    Effect.gen(function* () {
      const body =
        '{"status":"ENABLED","currency":["EUR"],"bic":null,"new":{"x":null,"n":0.10},"account_no":"12345678"}'
      const { client } = yield* start([{ body, headers: { "x-trace": "t-1" } }])
      const reply = yield* client.executeWithResponse(Va.inquiry, { request_id: "R-1" })
      assert.deepStrictEqual(reply.value, { status: "ENABLED", currencies: ["EUR"], account_no: "12345678" })
      assert.strictEqual(JSON.stringify(reply.raw), body)
      assert.strictEqual(reply.httpStatus, 200)
      assert.strictEqual(reply.headers["x-trace"], "t-1")
      assert.strictEqual(reply.attempts, 1)
      assert.strictEqual(reply.requestId, "R-1")
    })
  )

  it.effect("is taken out of the wrapped form", () =>
    Effect.gen(function* () {
      const data = { status: "ENABLED", later: null }
      const { client } = yield* start([{ body: { ret_code: "000000", ret_msg: "ok", data } }])
      const reply = yield* client.executeWithResponse(Va.inquiry, { request_id: "R-1" })
      assert.deepStrictEqual(reply.value, { status: "ENABLED" })
      assert.deepStrictEqual(reply.raw, data)
    })
  )

  it.effect("tells how many requests it took", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 500 }, { status: 429 }, {}])
      const reply = yield* JumpClock.make().run(client.executeWithResponse(Va.inquiry, { request_id: "R-1" }))
      assert.strictEqual(reply.attempts, 3)
    })
  )
})

describe("each attempt", () => {
  it.effect("has a timestamp, a nonce and a signature of its own, and the request id of the call", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ status: 429 }, { body: { ret_code: "010001", ret_msg: "" } }, {}])
      const value = yield* JumpClock.make().run(client.execute(Va.apply, { currencies: ["EUR"] }))
      const { received } = platform
      assert.deepStrictEqual(platform.refused, [])
      assert.strictEqual(received.length, 3)
      const distinct = (values: ReadonlyArray<string>) => new Set(values).size
      assert.strictEqual(distinct(received.map(({ authorization }) => authorization.timestamp)), 3)
      assert.strictEqual(distinct(received.map(({ authorization }) => authorization.nonce)), 3)
      assert.strictEqual(distinct(received.map(({ authorization }) => authorization.signature)), 3)
      assert.strictEqual(distinct(received.map(({ body }) => body.toString("hex"))), 1)
      assert.include(received[0]?.body.toString(), value.request_id)
    })
  )

  it.effect("is stamped with the time of its sending", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ status: 503 }, {}])
      const { run, slept } = JumpClock.make(1_700_000_000_000)
      yield* run(read(client))
      const stamps = platform.received.map(({ authorization }) => Number(authorization.timestamp))
      assert.strictEqual(slept.length, 1)
      assert.strictEqual(stamps[0], 1_700_000_000_000)
      assert.approximately(stamps[1] ?? 0, 1_700_000_000_000 + (slept[0] ?? 0), 1)
    })
  )
})

describe("request", () => {
  const answered = Schema.Struct({ state: Schema.String, size: Schema.FiniteFromString })

  it.effect("calls an endpoint without descriptor, signed and decoded like all others", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ body: { state: "NEW", size: "3", more: null } }])
      const reply = yield* client.request({
        path: "/api/v2/merch/new/thing",
        body: { request_id: "R-7", a: [1] },
        schema: answered,
        effect: "create"
      })
      const size: number = reply.value.size
      assert.strictEqual(size, 3)
      assert.deepStrictEqual(reply.raw, { state: "NEW", size: "3", more: null })
      assert.strictEqual(reply.requestId, "R-7")
      assert.deepStrictEqual(platform.refused, [])
      assert.strictEqual(platform.received[0]?.body.toString(), '{"request_id":"R-7","a":[1]}')
      assert.strictEqual(platform.received[0]?.headers["x-merch-id"], merchId)
    })
  )

  it.effect("requires X-Merch-Id unless told otherwise", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{}], { merchId: undefined })
      const request = { path: "/x", body: {}, schema: open, effect: "read" } as const
      const error = yield* Effect.flip(client.request(request))
      assert.deepStrictEqual(
        invalid(error).map(({ path }) => path),
        ["merchId"]
      )
      yield* client.request({ ...request, merchantHeader: "optional" })
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("does not show a number in its path", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 404 }])
      const path = "/api/v2/merch/accounts/DE89370400440532013000"
      const error = yield* Effect.flip(client.request({ path, body: {}, schema: open, effect: "read" }))
      assert.strictEqual(error.operation, "request /api/v2/merch/accounts/***")
      assert.notInclude(error.message, "DE89")
    })
  )

  it.effect("does not compile without a schema", () =>
    Effect.gen(function* () {
      const { client } = yield* start()
      // @ts-expect-error the answer's schema is mandatory
      const withoutSchema = () => client.request({ path: "/x", body: {}, effect: "read" })
      assert.isFunction(withoutSchema)
    })
  )

  it.effect("repeats a read and never a write", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{ status: 500 }])
      const call = (effect: "read" | "create" | "update") =>
        client.request({ path: "/x", body: { request_id: "R-7" }, schema: open, effect, merchantHeader: "forbidden" })
      const { run } = JumpClock.make()
      const failedRead = yield* Effect.flip(run(call("read")))
      reasonOf(failedRead, "PlatformFailure")
      assert.strictEqual(platform.received.length, 3)
      assert.isUndefined(platform.received[0]?.headers["x-merch-id"])
      for (const effect of ["create", "update"] as const) {
        const failed = yield* Effect.flip(run(call(effect)))
        const reason = reasonOf(failed, "OutcomeUnknown")
        assert.isNull(reason.resolvedBy)
        assert.isNull(reason.key)
        assert.strictEqual(failed.requestId, "R-7")
        assert.strictEqual(failed.attempts, 1)
      }
      assert.strictEqual(platform.received.length, 5)
    })
  )

  it.effect.each([
    "api/x",
    "//evil.example/x",
    "/x?a=1",
    "/x#a",
    "/x\n/y",
    "/a/../b",
    "/a/%2e%2E/b",
    "/a b",
    "/ä",
    "/a\\b",
    "/a\tb"
  ])("refuses the path %j, which would not be sent as it was signed", (path) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      const error = yield* Effect.flip(client.request({ path, body: {}, schema: open, effect: "read" }))
      assert.deepStrictEqual(
        invalid(error).map((fault) => fault.path),
        ["path"]
      )
      assert.strictEqual(platform.received.length + platform.refused.length, 0)
    })
  )

  it.effect("signs a path with escapes as it is sent", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start()
      yield* client.request({ path: "/a%20b//c;d@e", body: {}, schema: open, effect: "read" })
      assert.deepStrictEqual(platform.refused, [])
      assert.strictEqual(platform.received[0]?.target, "/a%20b//c;d@e")
    })
  )
})

describe("bind", () => {
  it.effect("makes methods of operations", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      platform.answer({ body: { status: "ENABLED" } })
      const client = yield* make(platform.baseUrl)
      const methods = yield* PaykkaClient.bind({ apply: Va.apply, inquiry: Va.inquiry }).pipe(
        Effect.provideService(PaykkaClient.PaykkaClient, client)
      )
      const account: Va.Account = yield* methods.inquiry({ request_id: "R-1" })
      assert.strictEqual(account.status, "ENABLED")
      const reply = yield* methods.apply.withResponse({ country_code: "DE" }, { merchId: "M2", extra: { a: 1 } })
      assert.strictEqual(reply.value.request_id, reply.requestId)
      assert.deepStrictEqual(Object.keys(methods), ["apply", "inquiry"])
      assert.deepStrictEqual(
        platform.received.map(({ target, headers }) => [target, headers["x-merch-id"]]),
        [
          [Va.inquiry.path, merchId],
          [Va.apply.path, "M2"]
        ]
      )
      // @ts-expect-error an inquiry needs its request_id
      assert.isFunction(() => methods.inquiry({}))
    })
  )
})

describe("overrides", () => {
  it.effect("correct path and header rule", () =>
    Effect.gen(function* () {
      const overrides = {
        "va.inquiry": { path: "/api/v3/va/query" },
        "va.apply": { merchantHeader: "forbidden" },
        "test.forbidden": { path: undefined, merchantHeader: "required" }
      } as const
      const { platform, client } = yield* start([{}], { overrides })
      yield* read(client)
      yield* client.execute(Va.apply, {})
      yield* client.execute(operations.forbidden, { note: "" })
      assert.deepStrictEqual(platform.refused, [])
      assert.deepStrictEqual(
        platform.received.map(({ target, headers }) => [target, headers["x-merch-id"]]),
        [
          ["/api/v3/va/query", merchId],
          [Va.apply.path, undefined],
          [operations.forbidden.path, merchId]
        ]
      )
    })
  )

  it.effect.each([
    [{ path: "/x?a=1" }, "path", "must not carry a query string; the API has none"],
    [{ path: "https://evil.example/x" }, "path", "must start with / and carry no scheme or host"],
    [{ path: "/a/../b" }, "path", "must be written as a URL has it"],
    [{ merchantHeader: "never" }, "merchantHeader", "must be one of required, optional, forbidden"],
    [{ metaPart: 'a"b' }, "metaPart", "must have 1 to 64 letters"],
    [{ metaPart: "" }, "metaPart", "must have 1 to 64 letters"],
    [{ metaPartType: "json\r\nX: 1" }, "metaPartType", "must be a media type"],
    [{ filePart: "文件" }, "filePart", "must have 1 to 64 letters"],
    [{ filePart: "meta" }, "filePart", "must be another name than that of metaPart"],
    [{ metaPart: "file" }, "filePart", "must be another name than that of metaPart"],
    [{ paht: "/x" }, "paht", "is none of path, merchantHeader, metaPart"]
  ] as const)("are refused when the client is built: %j", ([override, name, detail]) =>
    Effect.gen(function* () {
      const overrides = { "va.apply": override as PaykkaClient.Override }
      const error = yield* Effect.flip(make("https://host.example", { overrides }))
      assert.strictEqual(error._tag, "InvalidConfiguration")
      assert.strictEqual(error.option, `overrides["va.apply"].${name}`)
      assert.include(error.message, detail)
    })
  )
})

describe("building", () => {
  it.effect.each([
    [{ timeout: 0 }, "timeout"],
    [{ timeout: -1 }, "timeout"],
    [{ timeout: "soon" }, "timeout"],
    [{ maxResponseBytes: 0 }, "maxResponseBytes"],
    [{ maxResponseBytes: Number.NaN }, "maxResponseBytes"],
    [{ undocumentedPaths: "never" }, "undocumentedPaths"]
  ] as const)("refuses %j", ([options, option]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(make("https://host.example", options as Partial<PaykkaClient.Options>))
      assert.strictEqual(error.option, option)
    })
  )

  it.effect("keeps fetch options of the program, but for redirects", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      platform.answer({ status: 302, headers: { location: `${platform.baseUrl}/elsewhere` } })
      const init = { redirect: "follow", headers: { "x-proxy-token": "p" } } as const
      const transport = Layer.provideMerge(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.RequestInit, init))
      const client = yield* make(platform.baseUrl, {}, transport)
      const result = yield* Effect.result(read(client))
      assert.isTrue(Result.isFailure(result))
      assert.strictEqual(platform.received.length, 1)
      assert.strictEqual(platform.received[0]?.headers["x-proxy-token"], "p")
    })
  )
})

describe("layerFetch", () => {
  it.live("breaks off a request that is given up", () =>
    Effect.gen(function* () {
      const { platform, client } = yield* start(["stall"], { timeout: "100 millis" }, globalThis.fetch)
      const error = yield* Effect.flip(read(client, { retry: RetryPolicy.none }))
      assert.strictEqual(reasonOf(error, "Unreachable").detail, "no answer within 0.1 s")
      const { closed } = yield* platform.arrival(1)
      yield* Effect.promise(() => closed)
    })
  )

  it.effect("takes the global fetch as it is at each request", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      const options = { environment: Environment.local(platform.baseUrl), merchId }
      const context = yield* Layer.build(Layer.provide(PaykkaClient.layerFetch(options), signer))
      const client = Context.get(context, PaykkaClient.PaykkaClient)
      const fetch = vi.spyOn(globalThis, "fetch")
      yield* Effect.addFinalizer(() => Effect.sync(() => fetch.mockRestore()))
      yield* read(client)
      assert.strictEqual(fetch.mock.calls.length, 1)
      assert.deepStrictEqual(platform.refused, [])
    })
  )
})
