/** The schemas of exact numbers: a text of digits in the program, a JSON number of just those digits on the wire. */
import * as Effect from "effect/Effect"
import * as Order from "effect/Order"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Json from "../Json.ts"

type Read<A> = (value: unknown) => Result.Result<A, { readonly rule: string }>

/** A kind of exact number. */
export interface Kind<A extends string> {
  /** Reads one from a program's value. */
  readonly parse: Read<A>
  /** Reads one from a JSON value. */
  readonly fromJson: Read<A>
  /** How its texts look, and the largest whole one: property tests make values of it. */
  readonly form: RegExp
  readonly largest: bigint
}

/** What a program may give for an exact number. */
type Input = string | number | bigint

const orIssue = <A>(result: Result.Result<A, { readonly rule: string }>): Effect.Effect<A, SchemaIssue.Issue> =>
  Effect.fromResult(Result.mapError(result, ({ rule }) => new SchemaIssue.InvalidValue({ message: rule })))

/** Lets pass what can be read, or says why not. */
const readable = <A extends Input>(
  read: Read<unknown>,
  arbitraryConstraint: Schema.Annotations.ToArbitrary.FilterConstraint<A>
): SchemaAST.Filter<A> =>
  Schema.makeFilter(
    (value) => Result.match(read(value), { onSuccess: () => undefined, onFailure: ({ rule }) => rule }),
    { arbitraryConstraint }
  )

const looking = ({ source, flags }: RegExp) => ({ patterns: [{ source, flags }] as const })

/** Of a received message: each number has one text. */
export const inbound = <A extends string>({ parse, fromJson, form }: Kind<A>): Schema.Codec<A, unknown> => {
  const unchanged: Read<unknown> = (value) =>
    Result.flatMap(parse(value), (text) =>
      text === value ? Result.succeed(text) : Result.fail({ rule: "must be 0 without a minus" })
    )
  return Schema.Unknown.pipe(
    Schema.decodeTo(Schema.String.check(readable(unchanged, looking(form))), {
      decode: SchemaGetter.transformEffect((value: unknown) => orIssue<string>(fromJson(value))),
      encode: SchemaGetter.transform((digits: string): unknown => Json.rawNumber(digits))
    })
  ) as Schema.Codec<string, unknown> as Schema.Codec<A, unknown>
}

/** Of a message to send: whatever a program has that is exact. */
export const outbound = ({ parse, fromJson, form, largest }: Kind<string>): Schema.Codec<Input, unknown> => {
  const input = Schema.Union([
    Schema.String.check(readable(parse, looking(form))),
    Schema.Number.check(readable(parse, { number: "integer" })),
    Schema.BigInt.check(readable(parse, { minimum: -largest, maximum: largest, order: Order.BigInt }))
  ])
  return Schema.Unknown.pipe(
    Schema.decodeTo(input, {
      decode: SchemaGetter.transformEffect((value: unknown) => orIssue<Input>(fromJson(value))),
      encode: SchemaGetter.transformEffect((value: Input) =>
        orIssue(Result.map(parse(value), (digits): unknown => Json.rawNumber(digits)))
      )
    })
  )
}
