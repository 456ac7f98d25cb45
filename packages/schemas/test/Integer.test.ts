import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Integer from "../src/Integer.ts"
import * as Json from "../src/Json.ts"
import { assertHidden, failureOf, integers, plainNumber } from "./support.ts"

const Upload = Schema.Struct({ id: Integer.Inbound })
const Order = Schema.Struct({ id: Integer.Outbound })
const Long = Schema.Struct({ id: Integer.Int64 })

/** The integer of the JSON text `{"id": literal}`, read through all layers. */
const read = (literal: string, schema: typeof Upload | typeof Order | typeof Long = Upload) =>
  Result.flatMap(Json.parse(`{"id":${literal}}`), (json): Result.Result<Integer.Input, unknown> =>
    Result.map(Schema.decodeUnknownResult(schema as typeof Order)(json), ({ id }) => id)
  )

const write = (id: unknown, schema: typeof Order | typeof Long = Order): Result.Result<string, Schema.SchemaError> =>
  Result.map(Schema.encodeUnknownResult(schema)({ id }), Json.stringify)

const ruleOf = <A>(result: Result.Result<A, Integer.InvalidInteger>): string => {
  const error = failureOf(result)
  assert.instanceOf(error, Integer.InvalidInteger)
  assert.strictEqual(error.message, error.rule)
  return error.rule
}

const nines = (count: number) => "9".repeat(count)
const least64 = -(2n ** 63n)
const most64 = 2n ** 63n - 1n

describe("a received integer", () => {
  const cases: ReadonlyArray<readonly [literal: string, integer: string]> = [
    ["0", "0"],
    ["42", "42"],
    ["-7", "-7"],
    // Neighbours of 2^53, which a double makes the same, and of 2^63.
    ["9007199254740991", "9007199254740991"],
    ["9007199254740993", "9007199254740993"],
    ["-9007199254740993", "-9007199254740993"],
    ["9223372036854775807", "9223372036854775807"],
    ["9223372036854775808", "9223372036854775808"],
    ["18446744073709551616", "18446744073709551616"],
    [nines(100), nines(100)],
    // What is whole is whole, however it is written.
    ["1e2", "100"],
    ["1.5e3", "1500"],
    ["-0", "0"],
    ["1e20", "100000000000000000000"],
    ['"9007199254740993"', "9007199254740993"]
  ]
  for (const [literal, integer] of cases) {
    it(`${literal.slice(0, 40)} is ${integer.slice(0, 40)}`, () => {
      assert.strictEqual(Result.getOrThrow(read(literal)), integer)
      assert.strictEqual(Result.getOrThrow(read(literal, Order)), integer)
    })
  }

  const refused: ReadonlyArray<readonly [literal: string, rule: RegExp]> = [
    ["1.5", /whole number/],
    ["0.10", /whole number/],
    ["1e-1", /whole number/],
    // The digits say that it may have parts.
    ["1.0", /whole number/],
    ["100.00", /whole number/],
    [nines(101), /100 digits/],
    ["1e100", /100 digits/],
    ["1e999999", /100 digits/],
    ["true", /must be a number/],
    ["null", /must be a number/],
    ["{}", /must be a number/],
    ["[1]", /must be a number/],
    ['""', /must be a decimal number/],
    ['" 1"', /must be a decimal number/],
    ['"0x10"', /must be a decimal number/]
  ]
  for (const [literal, rule] of refused) {
    it(`${literal.slice(0, 40)} is refused`, () => {
      for (const schema of [Upload, Order, Long]) {
        assert.match(String(failureOf(read(literal, schema as typeof Upload))), rule)
      }
    })
  }

  it.prop("keeps every digit, there and back", [integers], ([integer]) => {
    const literal = String(integer)
    const id = Result.getOrThrow(read(literal))
    assert.strictEqual(id, literal)
    assert.strictEqual(Json.stringify(Schema.encodeUnknownSync(Upload)({ id })), `{"id":${literal}}`)
  })

  it("is written only if it is one", () => {
    for (const id of ["-0", "01", "1.0", "", nines(101), 1, 1n]) {
      assert.isTrue(Result.isFailure(Schema.encodeUnknownResult(Upload)({ id })), String(id))
    }
  })
})

describe("Integer.parse", () => {
  const accepted: ReadonlyArray<readonly [input: Integer.Input, integer: string]> = [
    [0, "0"],
    [-0, "0"],
    ["-0", "0"],
    [42, "42"],
    ["42", "42"],
    [42n, "42"],
    ["-12", "-12"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    [Number.MIN_SAFE_INTEGER, "-9007199254740991"],
    ["9007199254740993", "9007199254740993"],
    [9007199254740993n, "9007199254740993"],
    [least64, "-9223372036854775808"],
    [10n ** 99n, `1${"0".repeat(99)}`],
    [nines(100), nines(100)]
  ]
  for (const [input, integer] of accepted) {
    it(`takes the ${typeof input} ${String(input).slice(0, 40)}`, () => {
      assert.strictEqual(Result.getOrThrow(Integer.parse(input)), integer)
      assert.strictEqual(Integer.make(input), integer)
      assert.strictEqual(Result.getOrThrow(write(input)), `{"id":${integer}}`)
    })
  }

  const refused: ReadonlyArray<readonly [name: string, input: unknown, rule: RegExp]> = [
    ["a fraction", 1.5, /not exact; write it as text or bigint/],
    ["2^53", 2 ** 53, /not exact; write it as text or bigint/],
    ["-2^53", -(2 ** 53), /not exact; write it as text or bigint/],
    ["NaN", Number.NaN, /not exact/],
    ["Infinity", Number.POSITIVE_INFINITY, /not exact/],
    ["a decimal text", "1.0", /whole number/],
    ["a decimal text of zeros", "0.00", /whole number/],
    ["an exponent", "1e2", /whole number/],
    ["a plus sign", "+1", /whole number/],
    ["a leading zero", "007", /whole number/],
    ["a blank", "1 ", /whole number/],
    ["a line break behind", "1\n", /whole number/],
    ["a separator", "1,000", /whole number/],
    ["hexadecimals", "0x10", /whole number/],
    ["other digits", "１２", /whole number/],
    ["an empty text", "", /whole number/],
    ["101 digits", nines(101), /100 digits/],
    ["a bigint of 101 digits", 10n ** 100n, /100 digits/],
    ["null", null, /integer/],
    ["undefined", undefined, /integer/],
    ["a boolean", true, /integer/],
    ["an object with a text", { toString: () => "1" }, /integer/],
    ["a raw number, which only the wire has", Json.rawNumber("1"), /integer/]
  ]
  for (const [name, input, rule] of refused) {
    it(`refuses ${name}`, () => {
      assert.match(ruleOf(Integer.parse(input)), rule)
      assert.throws(() => Integer.make(input as Integer.Input), Integer.InvalidInteger)
      for (const schema of [Order, Long]) assert.isTrue(Result.isFailure(write(input, schema)))
    })
  }

  it("does not show what it refuses", () => {
    const secrets = [
      4417.1234,
      "4417x1234",
      "4417.1234",
      "4417".repeat(30),
      BigInt("4417".repeat(30)),
      { card: "44171234" }
    ]
    for (const secret of secrets) {
      assertHidden(failureOf(Integer.parse(secret)), "4417")
      for (const schema of [Order, Long]) {
        const error = failureOf(write(secret, schema))
        assertHidden(error, "4417")
        assert.include(error.message, 'at ["id"]')
      }
    }
  })

  it.prop("takes just the whole ones of all numbers", [plainNumber], ([literal]) => {
    const result = Integer.parse(literal)
    assert.strictEqual(Result.isSuccess(result), !literal.includes("."))
    if (Result.isSuccess(result)) assert.strictEqual(BigInt(result.success), BigInt(literal))
  })

  it.prop("text and bigint are the same", [integers], ([integer]) => {
    assert.strictEqual(Integer.make(integer), String(integer))
    assert.strictEqual(Integer.make(String(integer)), Integer.make(integer))
  })
})

describe("Integer.Int64", () => {
  const message = "must fit into 64 bits"

  it("has the edges of a signed integer of 64 bits", () => {
    for (const edge of [least64, most64]) {
      for (const id of [edge, String(edge)]) assert.strictEqual(Result.getOrThrow(write(id, Long)), `{"id":${edge}}`)
      assert.strictEqual(Result.getOrThrow(read(String(edge), Long)), String(edge))
    }
    for (const beyond of [least64 - 1n, most64 + 1n, 2n ** 64n]) {
      for (const id of [beyond, String(beyond)]) {
        const error = failureOf(write(id, Long))
        assert.include(error.message, message)
        assertHidden(error, String(beyond))
      }
      assert.include(String(failureOf(read(String(beyond), Long))), message)
      // The same is no fault where the width is not known.
      assert.strictEqual(Result.getOrThrow(write(beyond)), `{"id":${beyond}}`)
    }
  })

  const near = Arbitrary.map(
    Arbitrary.all([
      Arbitrary.schema(Schema.Literals([least64, most64, 0n])),
      Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: -1000, maximum: 1000 })))
    ]),
    ([edge, distance]) => edge + BigInt(distance)
  )

  it.prop("takes what 64 bits hold, as DataView holds it", [near], ([integer]) => {
    const view = new DataView(new ArrayBuffer(8))
    view.setBigInt64(0, integer)
    assert.strictEqual(Result.isSuccess(write(integer, Long)), view.getBigInt64(0) === integer)
  })
})
