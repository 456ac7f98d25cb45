import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Json from "../src/Json.ts"
import { assertHidden, failureOf, jsonNumber } from "./support.ts"

const parse = (text: string): unknown => Result.getOrThrow(Json.parse(text))

const refusal = (text: string): string => {
  const error = failureOf(Json.parse(text))
  assert.instanceOf(error, Json.InvalidJson)
  assert.strictEqual(error.message, error.detail)
  return error.detail
}

const nested = (depth: number, inside = "") => "[".repeat(depth) + inside + "]".repeat(depth)
const nestedObjects = (depth: number) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth)

describe("Json.parse", () => {
  it.prop(
    "reads any value that JSON.stringify writes as JSON.parse does",
    [Schema.Json],
    ([value]) => {
      const text = JSON.stringify(value)
      assert.deepStrictEqual(parse(text), JSON.parse(text))
      // Blanks change nothing.
      const spread = JSON.stringify(value, null, 2)
      assert.deepStrictEqual(parse(spread), JSON.parse(text))
    },
    { arbitrary: { runs: 300 } }
  )

  it("keeps what a double would not be written as again, and nothing else", () => {
    const kept = ["0.10", "1.0", "1e2", "1E+2", "-0", "-0.00", "0e5", "0.0000001", "9007199254740993", "1e999999"]
    const plain = ["0", "1", "-1", "0.1", "-2.5", "1200", "9007199254740991", "123456789.123456", "0.000001", "100"]
    for (const literal of kept) {
      const value = parse(literal)
      assert.isTrue(Json.isRawNumber(value), literal)
      assert.strictEqual((value as Json.RawNumber).rawJSON, literal)
    }
    for (const literal of plain) assert.strictEqual(parse(literal), Number(literal), literal)
  })

  // The costly way is taken only when a number that needs it is seen where a value may begin.
  it("keeps digits wherever JSON allows a value, after any blanks", () => {
    const kept = ["0.10", "1e2", "-0", "-1.50", "9007199254740993", "-0.0000001"]
    for (const literal of kept) {
      for (const blank of ["", " ", "\n", "\t", "\r\n", " \n\t "]) {
        for (const text of [
          `${blank}${literal}`,
          `[${blank}${literal}]`,
          `[1,${blank}${literal}${blank}]`,
          `{"a"${blank}:${blank}${literal}}`,
          `{"2024-05-01":[{"a":"b"},${blank}${literal}]}`
        ]) {
          assert.include(Json.stringify(parse(text)), literal, JSON.stringify(text))
        }
      }
    }
  })

  it("leaves numbers inside texts alone", () => {
    const text = String.raw`{"a":"0.10","b":["1e2","-0"],"c":"say \"1.50\" or [9007199254740993]","d":0.10}`
    const value = parse(text) as Record<string, unknown>
    assert.strictEqual(value["a"], "0.10")
    assert.deepStrictEqual(value["b"], ["1e2", "-0"])
    assert.strictEqual(value["c"], 'say "1.50" or [9007199254740993]')
    assert.isTrue(Json.isRawNumber(value["d"]))
    assert.strictEqual(Json.stringify(value), text)
  })

  it("takes the last of repeated keys, as JSON.parse does", () => {
    for (const text of ['{"a":1,"a":2}', '{"a":1.10,"a":2}', '{"a":1.10,"a":[1]}', '{"a":{"b":1.10},"a":"x"}']) {
      assert.deepStrictEqual(parse(text), JSON.parse(text), text)
    }
    assert.strictEqual(Json.stringify(parse('{"a":1.10,"a":2.20}')), '{"a":2.20}')
  })

  it("reads a key __proto__ as a key", () => {
    for (const text of ['{"__proto__":{"admin":true}}', '{"__proto__":{"admin":true},"a":1.10}']) {
      const value = parse(text) as { readonly admin?: unknown }
      assert.isTrue(Object.hasOwn(value, "__proto__"))
      assert.strictEqual(Object.getPrototypeOf(value), Object.prototype)
      assert.isUndefined(value.admin)
    }
    assert.isUndefined(({} as { readonly admin?: unknown }).admin)
  })

  describe("depth", () => {
    it("of 64 is read, of 65 is refused", () => {
      assert.deepStrictEqual(parse(nested(64)), JSON.parse(nested(64)))
      assert.deepStrictEqual(parse(nestedObjects(64)), JSON.parse(nestedObjects(64)))
      // The reviver walks the value once more.
      assert.strictEqual(Json.stringify(parse(nested(64, "0.10"))), nested(64, "0.10"))
      for (const text of [nested(65), nestedObjects(65), nested(64, "{}"), nested(65, "0.10")]) {
        assert.strictEqual(refusal(text), "is nested deeper than 64 levels")
      }
    })

    it("is not what stands side by side", () => {
      const text = `[${Array.from({ length: 500 }, () => `${nested(63)},${nestedObjects(63)}`).join(",")}]`
      assert.deepStrictEqual(parse(text), JSON.parse(text))
    })

    it("is not what brackets inside texts look like", () => {
      for (const inside of ["[".repeat(100), `\\"${"{".repeat(100)}`, `\\\\\\"${"[".repeat(100)}`]) {
        const text = `{"${inside}":"${inside}","b":["${inside}"]}`
        assert.deepStrictEqual(parse(text), JSON.parse(text))
      }
      // The text ends at its quote: behind two backslashes is no escaped quote.
      assert.strictEqual(refusal(`["a\\\\",${nested(65)}]`), "is nested deeper than 64 levels")
    })

    it("of 500,000 is refused, also where nothing closes it", () => {
      for (const text of [nested(500_000), "[".repeat(500_000), nestedObjects(500_000), '{"a":'.repeat(500_000)]) {
        assert.strictEqual(refusal(text), "is nested deeper than 64 levels")
      }
      assert.strictEqual(refusal("]".repeat(500_000) + "[".repeat(500_000)), "is not JSON")
    })
  })

  describe("text that is not JSON", () => {
    const account = "6222021234567890123"
    const cases = [
      ["\uFEFF{}", "is not JSON"],
      ["", "is empty"],
      [" \r\n\t", "is empty"],
      ["\uFEFF", "is empty"],
      [`{"account_no":"${account}"`, "is not JSON"],
      [`{"account_no":"${account}`, "is not JSON"],
      [`{"account_no":${account}.`, "is not JSON"],
      [`${account}x`, "is not JSON"],
      [`{"account_no":"${account}",}`, "is not JSON"],
      [`{account_no:"${account}"}`, "is not JSON"],
      [`{'account_no':'${account}'}`, "is not JSON"],
      [`{"account_no":"${account}"} {}`, "is not JSON"],
      [`<html>${account}</html>`, "is not JSON"],
      ["undefined", "is not JSON"],
      ["NaN", "is not JSON"],
      ["01", "is not JSON"],
      ["1.", "is not JSON"],
      [".5", "is not JSON"],
      ["+1", "is not JSON"],
      ["1.0e", "is not JSON"],
      ['"a\nb"', "is not JSON"]
    ] as const
    for (const [text, detail] of cases) {
      it(`${JSON.stringify(text)} ${detail}`, () => {
        assert.strictEqual(refusal(text), detail)
        assertHidden(failureOf(Json.parse(text)), account, account.slice(0, 6))
      })
    }

    it.prop(
      "anything cut off is refused or read as JSON.parse reads it",
      [Schema.Json, Schema.Natural],
      ([value, at]) => {
        const whole = JSON.stringify({ value })
        const text = whole.slice(0, at % whole.length)
        assert.include(["is empty", "is not JSON"], refusal(text))
      }
    )

    it("takes time that grows with its length only", () => {
      // Runs of digits without an end, each of which could be looked at again and again.
      for (const text of [`[${"1.".repeat(200_000)}`, `[${"0".repeat(400_000)}x`, `[0.${"0".repeat(400_000)}1x`]) {
        assert.strictEqual(refusal(text), "is not JSON")
      }
    })
  })
})

type Node =
  | { readonly literal: string }
  | { readonly text: string }
  | { readonly word: "null" | "true" | "false" }
  | { readonly items: ReadonlyArray<Node> }
  | { readonly members: Readonly<Record<string, Node>> }

/** Values as trees of JSON texts, down to a depth. */
const nodes = (depth: number): Arbitrary.Arbitrary<Node> =>
  Arbitrary.flatMap(Arbitrary.schema(Schema.Literals([0, 0, 0, 1, 2, 3, 4])), (kind): Arbitrary.Arbitrary<Node> => {
    if (kind === 1) return Arbitrary.map(Arbitrary.schema(Schema.String), (text) => ({ text }))
    if (kind === 2) {
      return Arbitrary.map(Arbitrary.schema(Schema.Literals(["null", "true", "false"])), (word) => ({ word }))
    }
    if (kind === 0 || depth === 0) return Arbitrary.map(jsonNumber, (literal) => ({ literal }))
    const children = Arbitrary.array(nodes(depth - 1), { maxLength: 4 })
    if (kind === 3) return Arbitrary.map(children, (items) => ({ items }))
    return Arbitrary.map(
      Arbitrary.all([children, Arbitrary.schema(Schema.Array(Schema.String))]),
      ([values, names]) => ({
        // Names as JavaScript keeps their order: it moves those that are whole numbers to the front.
        members: Object.fromEntries(values.map((value, index) => [`${names[index] ?? ""}_${index}`, value]))
      })
    )
  })

const render = (node: Node): string => {
  if ("literal" in node) return node.literal
  if ("text" in node) return JSON.stringify(node.text)
  if ("word" in node) return node.word
  if ("items" in node) return `[${node.items.map(render).join(",")}]`
  return `{${Object.entries(node.members)
    .map(([name, value]) => `${JSON.stringify(name)}:${render(value)}`)
    .join(",")}}`
}

describe("Json.stringify", () => {
  it.prop(
    "writes what was read, every number to the character",
    [nodes(3)],
    ([node]) => {
      const text = render(node)
      assert.strictEqual(Json.stringify(parse(text)), text)
    },
    { arbitrary: { runs: 300 } }
  )

  it("writes compact JSON in the order of the keys, and leaves undefined out", () => {
    assert.strictEqual(
      Json.stringify({ b: 1, a: [Json.rawNumber("0.10"), "付款 🚀"], c: undefined, d: null }),
      '{"b":1,"a":[0.10,"付款 🚀"],"d":null}'
    )
  })
})

describe("Json.rawNumber", () => {
  it("holds the digits", () => {
    assert.strictEqual(Json.rawNumber("1.50").rawJSON, "1.50")
    assert.strictEqual(Json.stringify([Json.rawNumber("1.50")]), "[1.50]")
  })

  it("is told from an object that looks like one", () => {
    assert.isTrue(Json.isRawNumber(Json.rawNumber("1.50")))
    for (const value of [{ rawJSON: "1.50" }, "1.50", 1.5, null, undefined, [], parse('{"rawJSON":"1.50"}')]) {
      assert.isFalse(Json.isRawNumber(value))
    }
    assert.strictEqual(Json.stringify(parse('{"rawJSON":"1.50"}')), '{"rawJSON":"1.50"}')
  })

  it("takes nothing that is not JSON", () => {
    for (const text of ["", "1.", "+1", " 1", "1 ", "{}", "[1]"]) assert.throws(() => Json.rawNumber(text), SyntaxError)
  })
})

describe("Json.isObject", () => {
  it("is true of objects only", () => {
    for (const value of [{}, { a: 1 }, parse('{"a":0.10}')]) assert.isTrue(Json.isObject(value))
    for (const value of [null, undefined, [], [{}], "{}", 1, true, Json.rawNumber("1.0")]) {
      assert.isFalse(Json.isObject(value))
    }
  })
})
