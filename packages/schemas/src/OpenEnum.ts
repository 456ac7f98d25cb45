/** Strings with known values: the known ones autocomplete, all others pass. */
import * as Schema from "effect/Schema"

/** The schema that {@link make} returns. */
export type OpenEnum<Known extends ReadonlyArray<string>> = Schema.Union<
  readonly [Schema.StringForLiteralAutocomplete, Schema.Literals<Known>]
>

/**
 * A string whose known values show in editors. The contract says of no list that it is whole, so an unknown
 * value is accepted and kept.
 */
export const make = <const Known extends ReadonlyArray<string>>(known: Known): OpenEnum<Known> =>
  Schema.Union([Schema.StringForLiteralAutocomplete, Schema.Literals(known)])
