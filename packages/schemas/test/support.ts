import { readFileSync } from "node:fs"
import { inspect } from "node:util"
import { assert } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Yaml from "effect/encoding/Yaml"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Provenance } from "../src/Provenance.ts"

// ---------------------------------------------------------------------------------------------------------
// The facts of the wire (contract/)
// ---------------------------------------------------------------------------------------------------------

export interface ContractField {
  readonly name: string
  readonly type: string
  readonly required: boolean | "unknown"
  readonly provenance: Provenance
  readonly min_length?: number
  readonly max_length?: number
  readonly enum?: ReadonlyArray<{ readonly value: string }>
  readonly items?: { readonly type: string }
  readonly fields?: ReadonlyArray<ContractField>
}

export interface ContractOperation {
  readonly id: string
  readonly title: string
  readonly direction: "outbound" | "inbound"
  readonly method: string
  readonly path: string
  readonly path_provenance: Provenance
  readonly merchant_header: string
  readonly merchant_header_provenance: Provenance
  readonly content_type: string
  readonly effect: string
  readonly idempotency_key: string | null
  readonly resolved_by: string | null
  readonly body_provenance: Provenance
  readonly request: ReadonlyArray<ContractField>
  readonly response: ReadonlyArray<ContractField>
  readonly response_provenance: Provenance
  readonly aliases: Readonly<Record<string, string>>
  readonly examples: ReadonlyArray<{ readonly of: string; readonly source: string; readonly body: unknown }>
  readonly sources: ReadonlyArray<string>
}

interface Core {
  readonly idempotency: { readonly field: ContractField }
  readonly notifications: {
    readonly routing: ReadonlyArray<string>
    readonly examples: ContractOperation["examples"]
  }
  readonly responses: {
    readonly error_codes: ReadonlyArray<{
      readonly code: string
      readonly desc: string
      readonly provenance: Provenance
      readonly likely_http: number
      readonly retry_hint: string
    }>
    readonly retry_hints: Readonly<Record<string, string>>
  }
}

const load = (domain: string): unknown =>
  Yaml.parse(readFileSync(new URL(`../../../contract/${domain}.yaml`, import.meta.url), "utf8"))

export const core = load("core") as Core
const va = load("va") as { readonly operations: ReadonlyArray<ContractOperation> }

export const vaOperations = va.operations

export const vaOperation = (id: string): ContractOperation => {
  const found = va.operations.find((operation) => operation.id === id)
  if (found === undefined) throw new Error(`the contract has no ${id}`)
  return found
}

/** The members of the notification's `data`. */
export const vaDataFields = vaOperation("va.notification").request.find(({ name }) => name === "data")!.fields!

/** The documented notification; what the documentation's page shows. */
export const documentedNotification = vaOperation("va.notification").examples.find(
  (example) => example.of === "request"
)!.body as { readonly type: string; readonly data: Readonly<Record<string, unknown>> }

// ---------------------------------------------------------------------------------------------------------
// Results
// ---------------------------------------------------------------------------------------------------------

/** The failure of a result; fails the test when it is a success. */
export const failureOf = <A, E>(result: Result.Result<A, E>): E =>
  Result.isFailure(result) ? result.failure : assert.fail("was accepted")

/** Fails when one of the texts shows in any print of the value. */
export const assertHidden = (value: unknown, ...secrets: ReadonlyArray<string>): void => {
  const prints = [
    String(value),
    JSON.stringify(value),
    inspect(value, { depth: null, showHidden: true, getters: true }),
    value instanceof Error ? `${value.message}\n${value.stack}` : ""
  ].join("\n")
  for (const secret of secrets) assert.notInclude(prints, secret)
}

// ---------------------------------------------------------------------------------------------------------
// Exact decimals, by BigInt arithmetic and nothing else
// ---------------------------------------------------------------------------------------------------------

export interface Decimal {
  readonly coefficient: bigint
  /** The coefficient times ten to this power. */
  readonly exponent: number
}

/** Any JSON number as coefficient and exponent. */
export const decimalOf = (literal: string): Decimal => {
  const [mantissa = "", power = "0"] = literal.toLowerCase().split("e")
  const [whole = "", fraction = ""] = mantissa.split(".")
  return { coefficient: BigInt(whole + fraction), exponent: Number(power) - fraction.length }
}

const scaled = ({ coefficient, exponent }: Decimal, to: number): bigint => coefficient * 10n ** BigInt(exponent - to)

export const equalDecimals = (a: Decimal, b: Decimal): boolean => {
  const to = Math.min(a.exponent, b.exponent)
  return scaled(a, to) === scaled(b, to)
}

// ---------------------------------------------------------------------------------------------------------
// Arbitraries
// ---------------------------------------------------------------------------------------------------------

const digit = Arbitrary.schema(Schema.Literals(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]))

/** Runs of digits; one in five is all zeros, and half end in zeros. */
const digits = (minLength: number, maxLength: number): Arbitrary.Arbitrary<string> =>
  Arbitrary.map(
    Arbitrary.all({
      run: Arbitrary.array(digit, { minLength, maxLength }),
      ending: Arbitrary.schema(Schema.Literals(["", "", "", "", "0", "00", "000", "0000", "all", "all"]))
    }),
    ({ run, ending }) => {
      const text = run.join("")
      if (ending === "all") return "0".repeat(text.length)
      return ending.length < text.length ? text.slice(0, text.length - ending.length) + ending : text
    }
  )

const minus = Arbitrary.schema(Schema.Literals(["", "-"]))

/** Integers of up to 50 digits. */
export const integers: Arbitrary.Arbitrary<bigint> = Arbitrary.map(
  Arbitrary.all({ sign: minus, whole: digits(1, 50) }),
  ({ sign, whole }) => BigInt(sign + whole)
)

/** JSON numbers without exponent, of up to 90 digits: `-0`, `1200.50`, `0.000`. */
export const plainNumber: Arbitrary.Arbitrary<string> = Arbitrary.map(
  Arbitrary.all({ sign: minus, whole: digits(1, 50), fraction: digits(0, 40) }),
  ({ sign, whole, fraction }) => `${sign}${BigInt(whole)}${fraction === "" ? "" : `.${fraction}`}`
)

/** JSON numbers with exponent, whose digits are no more than 100 when written out. */
export const exponentNumber: Arbitrary.Arbitrary<string> = Arbitrary.map(
  Arbitrary.all({
    sign: minus,
    whole: digits(1, 25),
    fraction: digits(0, 25),
    e: Arbitrary.schema(Schema.Literals(["e", "E"])),
    plus: Arbitrary.schema(Schema.Literals(["", "+"])),
    power: Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: -49, maximum: 49 })))
  }),
  ({ sign, whole, fraction, e, plus, power }) =>
    `${sign}${BigInt(whole)}${fraction === "" ? "" : `.${fraction}`}${e}${power < 0 ? "" : plus}${power}`
)

/** All JSON numbers, short ones too. */
export const jsonNumber: Arbitrary.Arbitrary<string> = Arbitrary.flatMap(
  Arbitrary.schema(Schema.Literals([0, 1, 2])),
  (kind) =>
    [
      plainNumber,
      exponentNumber,
      Arbitrary.schema(Schema.String.check(Schema.isPattern(/^-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,9})?(e-?[0-9])?$/)))
    ][kind]!
)
