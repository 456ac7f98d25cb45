import { assert, describe, it } from "@effect/vitest"
import * as BigDecimal from "effect/BigDecimal"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Amount from "../src/Amount.ts"
import * as Json from "../src/Json.ts"
import {
  type Decimal,
  assertHidden,
  decimalOf,
  equalDecimals,
  exponentNumber,
  failureOf,
  integers,
  jsonNumber,
  plainNumber
} from "./support.ts"

const Payment = Schema.Struct({ amount: Amount.Inbound })
const Order = Schema.Struct({ amount: Amount.Outbound })

/** The amount of the JSON text `{"amount": literal}`, read through all layers. */
const read = (literal: string): Result.Result<string, unknown> =>
  Result.flatMap(Json.parse(`{"amount":${literal}}`), (json) =>
    Result.map(Schema.decodeUnknownResult(Payment)(json), ({ amount }) => amount)
  )

const write = (amount: Amount.Input): string => Json.stringify(Schema.encodeUnknownSync(Order)({ amount }))

const ruleOf = <A>(result: Result.Result<A, Amount.InvalidAmount>): string => {
  const error = failureOf(result)
  assert.instanceOf(error, Amount.InvalidAmount)
  assert.strictEqual(error.message, error.rule)
  return error.rule
}

const nines = (count: number) => "9".repeat(count)
const zeros = (count: number) => "0".repeat(count)

describe("a received amount", () => {
  const cases: ReadonlyArray<readonly [literal: string, amount: string]> = [
    ["0", "0"],
    ["1200", "1200"],
    ["1200.50", "1200.50"],
    ["0.10", "0.10"],
    ["0.1", "0.1"],
    ["-0.01", "-0.01"],
    ["100.000", "100.000"],
    // Nineteen digits: 2^63 - 1, and neighbours of 2^53 that a double makes the same.
    ["9223372036854775807", "9223372036854775807"],
    ["9007199254740993", "9007199254740993"],
    ["-9007199254740993", "-9007199254740993"],
    ["9007199254740992.1", "9007199254740992.1"],
    ["123456789012345.67", "123456789012345.67"],
    // Exponents: the value, with the digits that were given.
    ["1e2", "100"],
    ["1E+2", "100"],
    ["1.50e1", "15.0"],
    ["12e-3", "0.012"],
    ["1.25e1", "12.5"],
    ["1.25e2", "125"],
    ["1.25e3", "1250"],
    ["0.05e1", "0.5"],
    ["0.05e2", "5"],
    ["0.5e-1", "0.05"],
    ["-2.5E-0", "-2.5"],
    ["1e0000000002", "100"],
    ["0e5", "0"],
    ["0e-2", "0.00"],
    // There is no negative zero among amounts.
    ["-0", "0"],
    ["-0.00", "0.00"],
    ["-0e1", "0"],
    ["-0.0e-1", "0.00"],
    ["-0.001", "-0.001"],
    // What String() of a double would write with an exponent.
    ["0.0000001", "0.0000001"],
    ["0.00000012345", "0.00000012345"],
    ["1000000000000000000000", "1000000000000000000000"],
    // Thirty decimals.
    ["0.123456789012345678901234567890", "0.123456789012345678901234567890"],
    ["-12345.000000000000000000000000000001", "-12345.000000000000000000000000000001"],
    // A hundred digits.
    [nines(100), nines(100)],
    [`-${nines(100)}`, `-${nines(100)}`],
    [`${nines(50)}.${nines(50)}`, `${nines(50)}.${nines(50)}`],
    [`-0.${zeros(98)}1`, `-0.${zeros(98)}1`],
    ["1e99", `1${zeros(99)}`],
    ["1e-99", `0.${zeros(98)}1`],
    // A text of digits is read as well.
    ['"12.50"', "12.50"],
    ['"9007199254740993"', "9007199254740993"],
    ['"-0.00"', "0.00"]
  ]
  for (const [literal, amount] of cases) {
    it(`${literal.slice(0, 40)} is ${amount.slice(0, 40)}`, () => {
      assert.strictEqual(Result.getOrThrow(read(literal)), amount)
    })
  }

  const tooLong = [
    nines(101),
    nines(102),
    `-${nines(101)}`,
    `${nines(50)}.${nines(51)}`,
    `0.${nines(100)}`,
    "1e100",
    "1e101",
    "1e-100",
    "1e-101",
    "0e101",
    "1e999999",
    "1e-999999",
    "-1e999999",
    `1e${nines(1000)}`,
    `1e-${nines(1000)}`,
    `0.${zeros(99)}1e101`,
    nines(1_000_000)
  ]
  for (const literal of tooLong) {
    it(`${literal.slice(0, 40)} has too many digits`, () => {
      const json = Result.getOrThrow(Json.parse(literal))
      assert.strictEqual(ruleOf(Amount.fromJson(json)), "must not have more than 100 digits")
      assert.isTrue(Result.isFailure(read(literal)))
    })
  }

  for (const [name, value] of [
    ["null", null],
    ["undefined", undefined],
    ["true", true],
    ["an object", { rawJSON: "1" }],
    ["an array", [1]],
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["an empty text", ""],
    ["a text with a blank", " 1"],
    ["a text with a plus", "+1"],
    ["a text with a separator", "1,000"],
    ["a text without digits", "abc"],
    ["a text with a leading zero", "01"],
    ["a text with a bare point", "1."],
    ["a text that begins with a point", ".5"],
    ["a raw text", Json.rawNumber('"x"')],
    ["a line break behind", "1\n"]
  ] as const) {
    it(`refuses ${name}`, () => {
      assert.match(ruleOf(Amount.fromJson(value)), /^must be a /)
      assert.isTrue(Result.isFailure(Schema.decodeResult(Payment)({ amount: value })))
    })
  }

  it("is exact where only one number of a text is long; the others stay plain doubles", () => {
    const text = '{"count":3,"rate":0.25,"amount":12345678901234567.89,"list":[1,-2.5,1e3],"name":"0.10"}'
    const json = Result.getOrThrow(Json.parse(text)) as Record<string, unknown>
    assert.strictEqual(json["count"], 3)
    assert.strictEqual(json["rate"], 0.25)
    assert.strictEqual(json["name"], "0.10")
    const [one, minus] = json["list"] as ReadonlyArray<unknown>
    assert.deepStrictEqual([one, minus], [1, -2.5])
    assert.strictEqual(Schema.decodeUnknownSync(Payment)(json).amount, "12345678901234567.89")
    assert.strictEqual(Json.stringify(json), text)
  })

  it("is refused with its path, without its value", () => {
    const error = failureOf(Schema.decodeResult(Payment)({ amount: "4417x12" }))
    assertHidden(error, "4417x12")
    assert.include(error.message, 'at ["amount"]')
    assert.include(error.message, "must be a decimal number")
  })

  it.prop(
    "keeps all digits of a number without exponent, there and back",
    [plainNumber],
    ([literal]) => {
      const amount = Result.getOrThrow(read(literal))
      const canonical = /^-0(\.0*)?$/.test(literal) ? literal.slice(1) : literal
      assert.strictEqual(amount, canonical)
      assert.strictEqual(write(amount), `{"amount":${canonical}}`)
      assert.strictEqual(Json.stringify(Schema.encodeUnknownSync(Payment)({ amount })), `{"amount":${canonical}}`)
    },
    { arbitrary: { runs: 300 } }
  )

  it.prop(
    "keeps the value of a number with exponent",
    [exponentNumber],
    ([literal]) => {
      const amount = Result.getOrThrow(read(literal))
      assert.match(amount, /^(-?[1-9][0-9]*|-?0)(\.[0-9]+)?$/)
      assert.isTrue(equalDecimals(decimalOf(amount), decimalOf(literal)))
      assert.isFalse(/^-[0.]*$/.test(amount))
      assert.strictEqual(write(amount), `{"amount":${amount}}`)
    },
    { arbitrary: { runs: 300 } }
  )

  it.prop(
    "is the same in a text as alone",
    [jsonNumber],
    ([literal]) => {
      assert.deepStrictEqual(Result.getOrThrow(read(literal)), Result.getOrThrow(read(`"${literal}"`)))
    },
    { arbitrary: { runs: 300 } }
  )
})

describe("Amount.parse", () => {
  const accepted: ReadonlyArray<readonly [input: Amount.Input, amount: string]> = [
    ["1200.50", "1200.50"],
    ["0", "0"],
    ["-0", "0"],
    ["-0.00", "0.00"],
    ["0.10", "0.10"],
    ["-12", "-12"],
    ["9007199254740993.10", "9007199254740993.10"],
    [nines(100), nines(100)],
    [0, "0"],
    [-0, "0"],
    [1200, "1200"],
    [-5, "-5"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    [Number.MIN_SAFE_INTEGER, "-9007199254740991"],
    [10n ** 30n, `1${zeros(30)}`],
    [-(2n ** 63n), "-9223372036854775808"],
    [10n ** 99n, `1${zeros(99)}`]
  ]
  for (const [input, amount] of accepted) {
    it(`takes the ${typeof input} ${String(input).slice(0, 40)}`, () => {
      assert.strictEqual(Result.getOrThrow(Amount.parse(input)), amount)
      assert.strictEqual(Amount.make(input), amount)
      assert.strictEqual(write(input), `{"amount":${amount}}`)
    })
  }

  const refused: ReadonlyArray<readonly [name: string, input: unknown, rule: RegExp]> = [
    ["a float", 1200.5, /write it as text/],
    ["a float that is exact", 0.5, /write it as text/],
    ["a sum of floats", 0.1 + 0.2, /write it as text/],
    ["NaN", Number.NaN, /write it as text/],
    ["Infinity", Number.POSITIVE_INFINITY, /write it as text/],
    ["-Infinity", Number.NEGATIVE_INFINITY, /write it as text/],
    ["2^53", 2 ** 53, /write it as text/],
    ["-2^53", -(2 ** 53), /write it as text/],
    ["1e21", 1e21, /write it as text/],
    ["an exponent", "1e2", /decimal text/],
    ["a plus sign", "+1", /decimal text/],
    ["a blank in front", " 1", /decimal text/],
    ["a blank behind", "1 ", /decimal text/],
    ["a line break behind", "1\n", /decimal text/],
    ["a leading zero", "01", /decimal text/],
    ["a leading zero behind a minus", "-01", /decimal text/],
    ["a bare point behind", "1.", /decimal text/],
    ["a bare point in front", ".5", /decimal text/],
    ["a separator", "1,000", /decimal text/],
    ["a comma for a point", "1,5", /decimal text/],
    ["an underscore", "1_000", /decimal text/],
    ["two points", "1.2.3", /decimal text/],
    ["two minuses", "--1", /decimal text/],
    ["a minus alone", "-", /decimal text/],
    ["hexadecimals", "0x10", /decimal text/],
    ["other digits", "١٢", /decimal text/],
    ["full-width digits", "１２", /decimal text/],
    ["a currency", "12 EUR", /decimal text/],
    ["NaN as text", "NaN", /decimal text/],
    ["an empty text", "", /decimal text/],
    ["101 digits", nines(101), /100 digits/],
    ["101 digits behind a minus", `-${nines(101)}`, /100 digits/],
    ["101 digits with a point", `${nines(50)}.${nines(51)}`, /100 digits/],
    ["a bigint of 101 digits", 10n ** 100n, /100 digits/],
    ["null", null, /integer/],
    ["undefined", undefined, /integer/],
    ["a boolean", true, /integer/],
    ["an object", {}, /integer/],
    ["an object with a text", { toString: () => "1" }, /integer/],
    ["an array", ["1"], /integer/],
    ["a raw number, which only the wire has", Json.rawNumber("1"), /integer/]
  ]
  for (const [name, input, rule] of refused) {
    it(`refuses ${name}`, () => {
      assert.match(ruleOf(Amount.parse(input)), rule)
      assert.throws(() => Amount.make(input as Amount.Input), Amount.InvalidAmount)
      assert.isTrue(Result.isFailure(Schema.encodeUnknownResult(Order)({ amount: input })))
    })
  }

  const secrets: ReadonlyArray<readonly [name: string, secret: unknown]> = [
    ["a text", "4417x1234"],
    ["a text with a blank", "4417 1234"],
    ["a float", 4417.1234],
    ["a long text", "4417".repeat(40)],
    ["a long bigint", 4417n * 10n ** 100n],
    ["an object", { card: "44171234" }],
    ["an array", ["44171234"]]
  ]
  for (const [name, secret] of secrets) {
    it(`does not show what it refuses: ${name}`, () => {
      assertHidden(failureOf(Amount.parse(secret)), "4417")
      if (typeof secret !== "number") assertHidden(failureOf(Amount.fromJson(secret)), "4417")
      const error = failureOf(Schema.encodeUnknownResult(Order)({ amount: secret }))
      assertHidden(error, "4417")
      assert.include(error.message, 'at ["amount"]')
    })
  }

  it.prop(
    "takes the digits that came",
    [plainNumber],
    ([literal]) => {
      const amount = Result.getOrThrow(Amount.parse(literal))
      assert.isTrue(equalDecimals(decimalOf(amount), decimalOf(literal)))
      assert.strictEqual(Result.getOrThrow(Amount.parse(amount)), amount)
    },
    { arbitrary: { runs: 300 } }
  )

  it.prop("takes any bigint of that length", [integers], ([integer]) => {
    assert.strictEqual(Amount.make(integer), String(integer))
  })
})

describe("an amount to send", () => {
  it("reads its own wire form back, as the local platform does", () => {
    for (const literal of ["1200.50", "9223372036854775807", "0.10"]) {
      const json = Result.getOrThrow(Json.parse(`{"amount":${literal}}`))
      assert.strictEqual(Schema.decodeUnknownSync(Order)(json).amount, literal)
    }
    assert.isTrue(Result.isFailure(Schema.decodeResult(Order)({ amount: null })))
  })
})

describe("minor units", () => {
  for (const [amount, decimals, units] of [
    ["12.50", 2, 1250n],
    ["12.5", 2, 1250n],
    ["12", 2, 1200n],
    ["12.500", 2, 1250n],
    ["0.05", 2, 5n],
    ["-0.05", 2, -5n],
    ["-12.50", 2, -1250n],
    ["0.00", 2, 0n],
    ["1200", 0, 1200n],
    ["1200.000", 0, 1200n],
    ["0.123", 3, 123n],
    ["92233720368547758.07", 2, 9223372036854775807n]
  ] as const) {
    it(`${amount} with ${decimals} decimals is ${units}`, () => {
      assert.strictEqual(Result.getOrThrow(Amount.toMinorUnits(Amount.make(amount), decimals)), units)
    })
  }

  it("does not lose digits", () => {
    for (const [amount, decimals] of [
      ["12.505", 2],
      ["0.001", 2],
      ["-0.5", 0]
    ] as const) {
      assert.strictEqual(
        ruleOf(Amount.toMinorUnits(Amount.make(amount), decimals)),
        `must not have more than ${decimals} decimals`
      )
    }
  })

  for (const [units, decimals, amount] of [
    [1250n, 2, "12.50"],
    [1250, 2, "12.50"],
    [5, 2, "0.05"],
    [-5, 2, "-0.05"],
    [-1250n, 2, "-12.50"],
    [0, 2, "0.00"],
    [-0, 2, "0.00"],
    [1200, 0, "1200"],
    [-7n, 0, "-7"],
    [1n, 99, `0.${zeros(98)}1`],
    [9223372036854775807n, 2, "92233720368547758.07"]
  ] as const) {
    it(`${units} with ${decimals} decimals are ${amount.slice(0, 40)}`, () => {
      assert.strictEqual<string>(Amount.fromMinorUnits(units, decimals), amount)
    })
  }

  it("are not taken from numbers that are no exact integers", () => {
    for (const units of [12.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      assert.throws(() => Amount.fromMinorUnits(units, 2), Amount.InvalidAmount)
    }
    assert.throws(() => Amount.fromMinorUnits(10n ** 100n, 2), Amount.InvalidAmount, "100 digits")
  })

  it("want a number of decimals, which a missing row of a table is not", () => {
    for (const decimals of [-1, 1.5, 101, Number.NaN, Number.POSITIVE_INFINITY, undefined as unknown as number]) {
      const rule = "the number of decimals must be a whole number from 0 to 100"
      assert.strictEqual(ruleOf(Amount.toMinorUnits(Amount.make("12.00"), decimals)), rule)
      assert.throws(() => Amount.fromMinorUnits(1200n, decimals), Amount.InvalidAmount, rule)
    }
  })

  const decimals = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 }))

  it.prop(
    "there and back is the same value",
    [plainNumber, decimals],
    ([literal, more]) => {
      const amount = Amount.make(literal)
      const places = Math.max(decimalOf(literal).exponent * -1, more)
      const units = Result.getOrThrow(Amount.toMinorUnits(amount, places))
      assert.isTrue(equalDecimals({ coefficient: units, exponent: -places }, decimalOf(literal)))
      assert.isTrue(equalDecimals(decimalOf(Amount.fromMinorUnits(units, places)), decimalOf(literal)))
    },
    { arbitrary: { runs: 300 } }
  )

  it.prop("back and there are the same units", [integers, decimals], ([units, places]) => {
    const amount = Amount.fromMinorUnits(units, places)
    assert.strictEqual(Result.getOrThrow(Amount.toMinorUnits(amount, places)), units)
  })
})

describe("BigDecimal", () => {
  for (const [amount, value, scale] of [
    ["12.50", 1250n, 2],
    ["-0.50", -50n, 2],
    ["-0.005", -5n, 3],
    ["0.00", 0n, 2],
    ["1200", 1200n, 0],
    ["-1200.000", -1200000n, 3]
  ] as const) {
    it(`${amount} is ${value} with scale ${scale}`, () => {
      const decimal = Amount.toBigDecimal(Amount.make(amount))
      assert.deepStrictEqual([decimal.value, decimal.scale], [value, scale])
      assert.strictEqual<string>(Amount.fromBigDecimal(BigDecimal.make(value, scale)), amount)
    })
  }

  it("has negative scales", () => {
    assert.strictEqual(Amount.fromBigDecimal(BigDecimal.make(12n, -2)), "1200")
    assert.strictEqual(Amount.fromBigDecimal(BigDecimal.make(-12n, -1)), "-120")
    assert.strictEqual(Amount.fromBigDecimal(BigDecimal.make(0n, -3)), "0")
    assert.strictEqual(Amount.fromBigDecimal(BigDecimal.make(1n, -99)), `1${zeros(99)}`)
    assert.strictEqual(Amount.fromBigDecimal(BigDecimal.normalize(BigDecimal.make(1200n, 0))), "1200")
  })

  it("with too many digits is refused before they are written", () => {
    for (const scale of [-100, -101, -999_999_999, 100, 101, 999_999_999]) {
      assert.throws(() => Amount.fromBigDecimal(BigDecimal.make(1n, scale)), Amount.InvalidAmount)
    }
    assert.throws(() => Amount.fromBigDecimal(BigDecimal.fromStringUnsafe("1e999999")), Amount.InvalidAmount)
  })

  it.prop(
    "keeps every digit, final zeros too",
    [plainNumber],
    ([literal]) => {
      const amount = Amount.make(literal)
      const decimal = Amount.toBigDecimal(amount)
      assert.deepStrictEqual(
        { coefficient: decimal.value, exponent: decimal.scale === 0 ? 0 : -decimal.scale },
        decimalOf(literal)
      )
      assert.strictEqual(Amount.fromBigDecimal(decimal), amount)
    },
    { arbitrary: { runs: 300 } }
  )
})

describe("arithmetic", () => {
  const { compare, make, negate, sum } = Amount

  /** A sum by BigInt and nothing else. */
  const added = (literals: ReadonlyArray<string>): Decimal =>
    literals.map(decimalOf).reduce(
      (a, b) => {
        const to = Math.min(a.exponent, b.exponent)
        const at = ({ coefficient, exponent }: Decimal) => coefficient * 10n ** BigInt(exponent - to)
        return { coefficient: at(a) + at(b), exponent: to }
      },
      { coefficient: 0n, exponent: 0 }
    )

  const sign = ({ coefficient }: Decimal): number => (coefficient > 0n ? 1 : coefficient < 0n ? -1 : 0)

  it("tells more from less by value", () => {
    for (const [a, b, order] of [
      ["1", "2", -1],
      ["2", "1", 1],
      ["1.0", "1.00", 0],
      ["0", "0.000", 0],
      ["-1", "1", -1],
      ["-2", "-1", -1],
      ["10", "9.99", 1],
      ["9007199254740993", "9007199254740992", 1],
      ["0.1", "0.10000000000000000000000001", -1]
    ] as const) {
      assert.strictEqual(compare(make(a), make(b)), order)
    }
  })

  it("adds what doubles do not", () => {
    for (const [amounts, total] of [
      [[], "0"],
      [["12.50"], "12.50"],
      [["0.1", "0.2"], "0.3"],
      [["0.10", "0.2"], "0.30"],
      [["9007199254740993", "1"], "9007199254740994"],
      [["1.5", "-1.50"], "0.00"],
      [["0.00", "1"], "1.00"],
      [["0.00", "0"], "0.00"],
      [["-0.25", "0.05"], "-0.20"]
    ] as const) {
      assert.strictEqual<string>(sum(amounts.map(make)), total)
    }
    // What is iterated once is enough.
    assert.strictEqual<string>(sum(new Set([make("1"), make("2")]).values()), "3")
  })

  it("refuses a sum with too many digits", () => {
    assert.throws(() => sum([make(nines(100)), make("1")]), Amount.InvalidAmount, "100 digits")
    assert.throws(() => sum([make(nines(99)), make("0.01")]), Amount.InvalidAmount, "100 digits")
  })

  it("turns the sign, but not of zero", () => {
    for (const [amount, turned] of [
      ["12.50", "-12.50"],
      ["-12.50", "12.50"],
      ["0", "0"],
      ["0.00", "0.00"]
    ] as const) {
      assert.strictEqual<string>(negate(make(amount)), turned)
    }
  })

  it.prop(
    "is exact",
    [plainNumber, plainNumber, plainNumber],
    ([a, b, c]) => {
      const total = sum([make(a), make(b), make(c)])
      assert.isTrue(equalDecimals(decimalOf(total), added([a, b, c])))
      const decimals = (literal: string) => literal.split(".")[1]?.length ?? 0
      assert.strictEqual(decimals(total), Math.max(...[a, b, c].map(decimals)))
      assert.strictEqual(sum([make(c), make(a), make(b)]), total)
      assert.strictEqual<number>(compare(make(a), make(b)), sign(added([a, `-${b}`.replace("--", "")])))
      assert.strictEqual(compare(sum([make(a), negate(make(a))]), make(0)), 0)
      assert.strictEqual(negate(negate(make(a))), make(a))
    },
    { arbitrary: { runs: 300 } }
  )
})
