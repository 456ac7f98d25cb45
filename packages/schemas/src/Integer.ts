/**
 * Exact integers, also beyond 2^53: a text of digits in the program, a JSON integer of those digits on the wire.
 *
 * Ids of files and amounts of orders are such: on the server they have 64 bits, or how many is not known.
 */
import type * as Brand from "effect/Brand"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Amount from "./Amount.ts"
import * as Field from "./Field.ts"
import * as Json from "./Json.ts"

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

const orIssue = <A>(result: Result.Result<A, InvalidInteger>): Effect.Effect<A, SchemaIssue.Issue> =>
  Effect.fromResult(Result.mapError(result, ({ rule }) => new SchemaIssue.InvalidValue({ message: rule })))

const text = /*#__PURE__*/ Schema.String.check(/*#__PURE__*/ Schema.isPattern(integer)).pipe(
  /*#__PURE__*/ Schema.brand("Integer")
)

/** An integer of a received message, read with every digit. */
export const Inbound = /*#__PURE__*/ Field.wire({ type: "integer" })(
  /*#__PURE__*/ Schema.Unknown.pipe(
    /*#__PURE__*/ Schema.decodeTo(text, {
      decode: /*#__PURE__*/ SchemaGetter.transformEffect((value: unknown) => orIssue(fromJson(value))),
      encode: /*#__PURE__*/ SchemaGetter.transform((value: string): unknown => Json.rawNumber(value))
    })
  )
)

const input = /*#__PURE__*/ Schema.Union([
  /*#__PURE__*/ Schema.String.check(/*#__PURE__*/ Schema.isPattern(integer, { message: notInteger })),
  /*#__PURE__*/ Schema.Number.check(
    /*#__PURE__*/ Schema.makeFilter(Number.isSafeInteger, {
      message: notSafe,
      arbitraryConstraint: { number: "integer" }
    })
  ),
  Schema.BigInt
])

const outbound = (wire: Field.Wire, check: (value: Integer) => Result.Result<Integer, InvalidInteger>) =>
  Field.wire(wire)(
    Schema.Unknown.pipe(
      Schema.decodeTo(input, {
        decode: SchemaGetter.transformEffect((value: unknown) => orIssue(Result.flatMap(fromJson(value), check))),
        encode: SchemaGetter.transformEffect((value: Input) =>
          Effect.map(orIssue(Result.flatMap(parse(value), check)), (digits): unknown => Json.rawNumber(digits))
        )
      })
    )
  )

/** An integer of a message to send: {@link Input} in the program, a JSON integer of exactly its digits on the wire. */
export const Outbound = /*#__PURE__*/ outbound({ type: "integer" }, Result.succeed)

/** As {@link Outbound}, within 64 bits: fields of the documented format int64. */
export const Int64 = /*#__PURE__*/ outbound({ type: "integer", format: "int64" }, within64)
