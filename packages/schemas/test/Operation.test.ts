import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Amount from "../src/Amount.ts"
import * as Json from "../src/Json.ts"
import * as Operation from "../src/Operation.ts"
import * as Va from "../src/Va.ts"
import { core, documentedNotification } from "./contract/facts.ts"
import { assertHidden, failureOf } from "./support.ts"

const { min_length: shortest = 0, max_length: longest = 0 } = core.idempotency.field

const faultsOf = (result: Result.Result<unknown, Operation.InvalidValue>): ReadonlyArray<Operation.Fault> => {
  const error = failureOf(result)
  assert.instanceOf(error, Operation.InvalidValue)
  assert.isNotEmpty(error.faults)
  return error.faults
}

const pathsOf = (result: Result.Result<unknown, Operation.InvalidValue>): ReadonlyArray<string> =>
  faultsOf(result)
    .map(({ path }) => path)
    .toSorted()

const encoded = (input: unknown, extra?: Readonly<Record<string, unknown>>): string =>
  Result.getOrThrow(Operation.encodeRequest(Va.apply, input, extra))

/** An operation as other domains will have: nested, with an amount, and open fields. */
const order = {
  request: Schema.Struct({
    order_no: Schema.String,
    amount: Amount.Outbound,
    goods: Schema.Array(Schema.Struct({ name: Schema.NonEmptyString, count: Schema.optional(Schema.Int) })),
    open: Schema.optional(Schema.Record(Schema.String, Schema.Unknown))
  })
}

describe("Operation.encodeRequest", () => {
  const long = "6222021234567890123456789012345678"

  const refused: ReadonlyArray<readonly [name: string, input: unknown, paths: ReadonlyArray<string>]> = [
    ["no request_id", { currencies: ["EUR"] }, ["request_id"]],
    ["an undefined request_id", { request_id: undefined }, ["request_id"]],
    ["a null request_id", { request_id: null }, ["request_id"]],
    ["an empty request_id", { request_id: "" }, ["request_id"]],
    ["a request_id that is too long", { request_id: "x".repeat(longest + 1) }, ["request_id"]],
    ["a request_id that is a number", { request_id: 1 }, ["request_id"]],
    ["a currency for currencies", { request_id: "R-1", currencies: "EUR" }, ["currencies"]],
    [
      "elements of an array",
      { request_id: "R-1", currencies: ["EUR", "", 978, null, "USD", undefined] },
      ["currencies[1]", "currencies[2]", "currencies[3]", "currencies[5]"]
    ],
    ["null for a field that may be left out", { request_id: "R-1", type: null }, ["type"]],
    ["a field that nobody knows", { request_id: "R-1", currency: ["EUR"] }, ["currency"]],
    [
      "everything at once",
      { request_id: long, currencies: [978], country_code: "", type: 6222021, currency: long, acount_type: "LOCAL" },
      ["acount_type", "country_code", "currencies[0]", "currency", "request_id", "type"]
    ],
    ["null", null, [""]],
    ["undefined", undefined, [""]],
    ["a text", long, [""]],
    ["a number", 6222021, [""]],
    ["an array", [{ request_id: long }], [""]]
  ]
  for (const [name, input, paths] of refused) {
    it(`refuses ${name}`, () => {
      const result = Operation.encodeRequest(Va.apply, input)
      assert.deepStrictEqual(pathsOf(result), paths)
      assertHidden(failureOf(result), long.slice(0, 7), "978")
    })
  }

  it("says where and what, for people", () => {
    const result = Operation.encodeRequest(Va.apply, { currencies: [""], curency: ["EUR"] })
    const faults = new Map(faultsOf(result).map(({ path, rule }) => [path, rule]))
    assert.strictEqual(faults.get("request_id"), "is missing")
    assert.match(faults.get("curency")!, /^is not a known field/)
    assert.strictEqual(faults.get("currencies[0]"), "must be three capital letters, such as EUR")
    const { message } = failureOf(result)
    for (const [path, rule] of faults) assert.include(message, `${path}: ${rule}`)
    assert.lengthOf(message.split("; "), 3)
    assert.notMatch(failureOf(Operation.encodeRequest(Va.apply, null)).message, /^:/)
  })

  it("counts the characters of a request_id", () => {
    for (const length of [shortest, longest]) {
      const request_id = "r".repeat(length)
      assert.deepStrictEqual(JSON.parse(encoded({ request_id })), { request_id })
    }
    for (const length of [shortest - 1, longest + 1]) {
      const result = Operation.encodeRequest(Va.apply, { request_id: "r".repeat(length) })
      assert.match(faultsOf(result)[0]!.rule, new RegExp(`between ${shortest} and ${longest}`))
    }
    assert.deepStrictEqual([shortest, longest], [1, 32])
  })

  it("names nested fields", () => {
    const result = Operation.encodeRequest(order, {
      order_no: "1",
      amount: 12.5,
      goods: [{ name: "a" }, { name: "", count: 1.5, colour: "red" }, "6222021"]
    })
    assert.deepStrictEqual(pathsOf(result), [
      "amount",
      "goods[1].colour",
      "goods[1].count",
      "goods[1].name",
      "goods[2]"
    ])
    assertHidden(failureOf(result), "12.5", "6222021", "red")
  })

  it("writes amounts with all their digits", () => {
    const amounts = ["9223372036854775807.10", 12, 12345678901234567890n, "-0.50"]
    assert.deepStrictEqual(
      amounts.map((amount) => Result.getOrThrow(Operation.encodeRequest(order, { order_no: "1", amount, goods: [] }))),
      ["9223372036854775807.10", "12", "12345678901234567890", "-0.50"].map(
        (digits) => `{"order_no":"1","amount":${digits},"goods":[]}`
      )
    )
  })

  it("leaves undefined members out", () => {
    assert.strictEqual(encoded({ request_id: "R-1", type: undefined, currencies: undefined }), '{"request_id":"R-1"}')
    assert.strictEqual(encoded({ request_id: "R-1" }, { a: undefined, b: 1 }), '{"request_id":"R-1","b":1}')
  })

  it("writes the same text whatever the order of the input", () => {
    const input = { request_id: "R-1", currencies: ["EUR"], country_code: "DE", type: "LOCAL" }
    const texts = Object.entries(input).map((_, turn, entries) =>
      encoded(Object.fromEntries([...entries.slice(turn), ...entries.slice(0, turn)]))
    )
    assert.deepStrictEqual([...new Set(texts)], [JSON.stringify(input)])
  })

  it("does not touch its input", () => {
    const input = Object.freeze({ request_id: "R-1", currencies: Object.freeze(["EUR"]), type: undefined })
    const extra = Object.freeze({ purpose: Object.freeze(["a"]) })
    encoded(input, extra)
    assert.deepStrictEqual(
      [input, extra],
      [{ request_id: "R-1", currencies: ["EUR"], type: undefined }, { purpose: ["a"] }]
    )
  })

  it("writes CJK, emoji and control characters so that JSON.parse reads them", () => {
    const type = '中国 付款 🚀 é \u0000\u001f "\\/\u2028 \ud800'
    const text = encoded({ request_id: "请求-1", type }, { 备注: "測試" })
    const body = new TextDecoder("utf-8", { fatal: true }).decode(new TextEncoder().encode(text))
    assert.deepStrictEqual(JSON.parse(body), { request_id: "请求-1", type, 备注: "測試" })
  })

  it.prop("writes any valid request as JSON of the same content", [Va.ApplyRequest], ([input]) => {
    const json = JSON.parse(encoded(input))
    assert.deepStrictEqual(json, JSON.parse(JSON.stringify(input)))
    assert.isTrue(Result.isSuccess(Schema.decodeUnknownResult(Va.ApplyRequest)(json)))
  })

  describe("extra fields", () => {
    it("are sent as they are, behind the others", () => {
      assert.strictEqual(
        encoded({ request_id: "R-1" }, { purpose: "trade", limits: { day: Json.rawNumber("1.50") }, none: null }),
        '{"request_id":"R-1","purpose":"trade","limits":{"day":1.50},"none":null}'
      )
    })

    it("may stand for a field that the input lacks, should the schema be wrong about it", () => {
      assert.strictEqual(
        encoded({ request_id: "R-1" }, { currencies: "EUR" }),
        '{"request_id":"R-1","currencies":"EUR"}'
      )
      assert.strictEqual(encoded({ request_id: "R-1", type: undefined }, { type: 7 }), '{"request_id":"R-1","type":7}')
    })

    it("must not replace what was checked", () => {
      const input = { request_id: "R-1", currencies: ["EUR"] }
      const result = Operation.encodeRequest(Va.apply, input, { request_id: long, currencies: undefined, purpose: 1 })
      assert.deepStrictEqual(faultsOf(result), [
        { path: "extra.request_id", rule: "is given in the input already" },
        { path: "extra.currencies", rule: "is given in the input already" }
      ])
      assertHidden(failureOf(result), long)
    })

    it("and faults of the input are reported together", () => {
      const result = Operation.encodeRequest(
        Va.apply,
        { request_id: "", type: "LOCAL" },
        { type: "A", request_id: "B" }
      )
      assert.deepStrictEqual(pathsOf(result), ["extra.request_id", "extra.type", "request_id"])
      assert.deepStrictEqual(pathsOf(Operation.encodeRequest(Va.apply, null, { type: "A" })), [""])
    })

    it("may have the names of Object's own members", () => {
      const text = encoded({ request_id: "R-1" }, JSON.parse('{"constructor":1,"toString":2,"__proto__":3}'))
      assert.strictEqual(text, '{"request_id":"R-1","constructor":1,"toString":2,"__proto__":3}')
    })
  })

  it("refuses what JSON cannot hold", () => {
    const cycle: Record<string, unknown> = { secret: long }
    cycle["self"] = cycle
    let deep: unknown = long
    for (let depth = 0; depth < 100_000; depth++) deep = [deep]
    for (const value of [1n, cycle, deep]) {
      const results = [
        Operation.encodeRequest(Va.apply, { request_id: "R-1" }, { value }),
        Operation.encodeRequest(order, { order_no: "1", amount: 1, goods: [], open: { value } })
      ]
      for (const result of results) {
        assert.deepStrictEqual(faultsOf(result), [{ path: "", rule: "cannot be written as JSON" }])
      }
    }
  })
})

describe("Operation.decodeResponse", () => {
  const { data } = documentedNotification
  const account: Va.Account = {
    merch_id: "example",
    status: "ENABLED",
    currencies: ["EUR"],
    country_code: "example",
    type: "LOCAL",
    account_no: "example",
    bic_swift_code: "example",
    bank_name: "example",
    bank_address: "example"
  }
  const decode = (json: unknown) => Operation.decodeResponse(Va.inquiry, json)

  it("reads the documented example into the spelling of the field list", () => {
    assert.deepStrictEqual(Result.getOrThrow(decode(data)), account)
    assert.deepStrictEqual(Result.getOrThrow(decode(account)), account)
  })

  it("takes missing and null for the same, and nothing for required", () => {
    assert.deepStrictEqual(Result.getOrThrow(decode({})), {})
    const nulls = Object.fromEntries(
      [...Object.keys(data), ...Object.keys(account), "request_id"].map((name) => [name, null])
    )
    assert.deepStrictEqual(Result.getOrThrow(decode(nulls)), {})
  })

  it("keeps unknown values and longer texts than the documented ones; leaves unknown fields out", () => {
    const json = { status: "SUSPENDED", type: "OFFSHORE", request_id: "x".repeat(33), merch_id: "", later: { a: 1 } }
    const { later: _, ...known } = json
    assert.deepStrictEqual(Result.getOrThrow(decode(json)), known)
  })

  it("names all fields of a wrong type, without values", () => {
    const result = decode({
      account_no: 6222021234567890,
      status: ["6222021"],
      currencies: ["EUR", 6222021, ["USD"]],
      bic: { code: "6222021" },
      bank_name: Json.rawNumber("6222021.0"),
      unknown: 6222021
    })
    assert.deepStrictEqual(pathsOf(result), [
      "account_no",
      "bank_name",
      "bic_swift_code",
      "currencies[1]",
      "currencies[2]",
      "status"
    ])
    assertHidden(failureOf(result), "6222021")
  })

  const others = [null, undefined, "6222021", 6222021, true, [], [{ account_no: "6222021" }]]
  for (const json of [...others, Json.rawNumber("6222021.0")]) {
    it(`refuses ${Json.stringify(json)}`, () => {
      for (const operation of [Va.inquiry, Va.apply]) {
        const result = Operation.decodeResponse(operation, json)
        assert.deepStrictEqual(pathsOf(result), [""])
        assertHidden(failureOf(result), "6222021")
      }
    })
  }

  it("keeps an open record whole, but for nulls", () => {
    const json = Result.getOrThrow(
      Json.parse('{"request_id":"R-1","fee":0.10,"bic":"X","none":null,"list":[{"a":null}]}')
    )
    const record = Result.getOrThrow(Operation.decodeResponse(Va.apply, json))
    assert.strictEqual(Json.stringify(record), '{"request_id":"R-1","fee":0.10,"bic":"X","list":[{}]}')
  })

  it.prop("reads any account as it is", [Va.Account], ([any]) => {
    assert.deepStrictEqual(Result.getOrThrow(decode(JSON.parse(JSON.stringify(any)))), any)
  })
})

describe("Operation.faults", () => {
  it("lists the faults of any schema's failure", () => {
    const Schema_ = Schema.Struct({ a: Schema.String, "b.c": Schema.Tuple([Schema.Int]) })
    const { issue } = failureOf(Schema.decodeUnknownResult(Schema_, { errors: "all" })({ "b.c": ["6222021"] }))
    assert.deepStrictEqual(
      Operation.faults(issue).map(({ path }) => path),
      ["a", "b.c[0]"]
    )
    assertHidden(new Operation.InvalidValue({ faults: Operation.faults(issue) }), "6222021")
  })
})
