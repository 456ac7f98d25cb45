/**
 * Exact integers, also beyond 2^53: a text of digits in the program, a JSON integer of those digits on the wire.
 *
 * Ids of files and amounts of orders are such: on the server they have 64 bits, or how many is not known.
 */
import type * as Brand from "effect/Brand"
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as Amount from "./Amount.ts"
import * as Field from "./Field.ts"
import * as Exact from "./internal/exact.ts"

/** An exact integer: an optional minus and digits. */
export type Integer = string & Brand.Brand<"Integer">

/** What {@link parse} takes: a text of digits, a safe integer, or a bigint. */
export type Input = string | number | bigint

/** A value that is not an exact integer. The value itself is not shown. */
export class InvalidInteger extends /*#__PURE__*/ Data.TaggedError("InvalidInteger")<{ readonly rule: string }> {
  override get message(): string {
    return this.rule
  }
}

const integer = /^-?(?:0|[1-9][0-9]*)$/
const notInteger = 'must be a whole number, such as 42, 42n or "42"'
const notSafe = "must not be a fraction or a number above 2^53 - 1, which is not exact; write it as text or bigint"
const notInt64 = "must fit into 64 bits"

const fail = (rule: string): Result.Result<never, InvalidInteger> => Result.fail(new InvalidInteger({ rule }))

const whole = (amount: Result.Result<Amount.Amount, Amount.InvalidAmount>): Result.Result<Integer, InvalidInteger> => {
  if (Result.isFailure(amount)) return fail(amount.failure.rule)
  return integer.test(amount.success) ? Result.succeed(amount.success as string as Integer) : fail(notInteger)
}

/** Reads an integer from a program's value: a text of digits without leading zeros, a safe integer, a bigint. */
export const parse = (input: unknown): Result.Result<Integer, InvalidInteger> => {
  if (typeof input === "number" && !Number.isSafeInteger(input)) return fail(notSafe)
  return typeof input === "string" && !integer.test(input) ? fail(notInteger) : whole(Amount.parse(input))
}

/** As {@link parse}, for values that are right by construction. Throws {@link InvalidInteger}. */
export const make = (input: Input): Integer => Result.getOrThrow(parse(input))

/** Reads an integer from a JSON value of {@link Json.parse}. */
const fromJson = (value: unknown): Result.Result<Integer, InvalidInteger> => whole(Amount.fromJson(value))

const isInt64 = (value: Integer): boolean => BigInt.asIntN(64, BigInt(value)) === BigInt(value)

const within64 = (value: Integer): Result.Result<Integer, InvalidInteger> =>
  isInt64(value) ? Result.succeed(value) : fail(notInt64)

const kind = (): Exact.Kind<Integer> => ({
  parse,
  fromJson,
  form: integer,
  largest: 10n ** BigInt(Amount.maxDigits) - 1n
})

const kind64 = (): Exact.Kind<Integer> => ({
  parse: (value) => Result.flatMap(parse(value), within64),
  fromJson: (value) => Result.flatMap(fromJson(value), within64),
  form: integer,
  largest: 2n ** 63n - 1n
})

/** An integer of a received message, read with every digit. */
export const Inbound = /*#__PURE__*/ Field.wire({ type: "integer" })(/*#__PURE__*/ Exact.inbound(/*#__PURE__*/ kind()))

/** An integer of a message to send: {@link Input} in the program, a JSON integer of exactly its digits on the wire. */
export const Outbound = /*#__PURE__*/ Field.wire({ type: "integer" })(
  /*#__PURE__*/ Exact.outbound(/*#__PURE__*/ kind())
)

/** As {@link Outbound}, within 64 bits: fields of the documented format int64. */
export const Int64 = /*#__PURE__*/ Field.wire({ type: "integer", format: "int64" })(
  /*#__PURE__*/ Exact.outbound(/*#__PURE__*/ kind64())
)
