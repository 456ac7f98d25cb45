/** Strings with known values. The contract says of no list that it is whole, so other values pass at run time. */
import * as Schema from "effect/Schema"

/** The schema that {@link make} returns. */
export type OpenEnum<Known extends ReadonlyArray<string>> = Schema.Union<
  readonly [Schema.StringForLiteralAutocomplete, Schema.Literals<Known>]
>

/** A string whose known values show in editors; an unknown value is accepted and kept. */
export const make = <const Known extends ReadonlyArray<string>>(known: Known): OpenEnum<Known> =>
  Schema.Union([Schema.StringForLiteralAutocomplete, Schema.Literals(known)])

/** The schema that {@link listed} returns. */
export type Listed<Known extends ReadonlyArray<string>> = Schema.Codec<Known[number], string>

/**
 * A string of a list that the documentation calls complete. The type holds a program to the list, so a misspelt value
 * does not compile; at run time other values pass, since a list grows before an SDK does: see {@link unlisted}.
 */
export const listed = <const Known extends ReadonlyArray<string>>(known: Known): Listed<Known> =>
  make(known).annotate({ [listedKey]: true })

/** The annotation that tells a {@link listed} string from an open one. */
export const listedKey = "paykka/listed"

/** A value that you know to be right although it is not in the list: `currency: OpenEnum.unlisted("NZD")`. */
export const unlisted = (value: string): never => value as never
