/**
 * The currencies of ISO 4217 with their minor units: the standard, as the package `currency-codes` has it, not PayKKa's table.
 *
 * Which currencies PayKKa has is not public, and one that it documents, CNH (renminbi outside mainland China), is no code of the
 * standard. Nor is it documented in which unit it counts amounts. The list is as old as {@link published} says: later changes,
 * such as XCG in the place of ANG, are not in it.
 */
import type { CodeTable, Row } from "./CodeTable.ts"
import * as data from "./internal/iso4217.ts"

/** A currency. */
export interface Currency extends Row {
  /** Three digits, such as `978`. */
  readonly numeric: string
  /** The decimals of its minor unit: 2 for EUR, 0 for JPY; undefined where the standard has none, as for gold. */
  readonly minorUnits: number | undefined
  readonly en: string
}

/** The package and its version: `standard:<package>@<version>`. */
export const source: string = data.source

/** The day on which the list was published by the standard's maintenance agency, `YYYY-MM-DD`. */
export const published: string = data.published

/** The 179 currencies and funds, by code. The package has no Chinese names. */
export const currencies: ReadonlyArray<Currency> = /*#__PURE__*/ data.rows.map(([code, numeric, minorUnits, en]) => ({
  code,
  numeric,
  minorUnits: minorUnits ?? undefined,
  en,
  source
}))

/** The currency of an alphabetic or three-digit code: `EUR`, `978`. */
export const find = (code: string): Currency | undefined =>
  currencies.find((currency) => currency.code === code || currency.numeric === code)

/**
 * The decimals of a currency's minor unit, by its alphabetic code: 2 for `EUR`, 0 for `JPY`, 3 for `KWD`. For
 * `Amount.toMinorUnits`.
 *
 * Undefined for what the standard gives no minor unit (`XAU`) and for codes that it does not have (`CNH`): that is neither 0
 * nor 2.
 */
export const minorUnits = (code: string): number | undefined =>
  currencies.find((currency) => currency.code === code)?.minorUnits

/** The standard as a table, for `CodeTable.find` and `CodeTable.search`. No field of the API is linked to it. */
export const table: CodeTable = {
  id: "iso_4217",
  title: { en: "ISO 4217 (the standard, not PayKKa's table)", zh: "ISO 4217（国际标准，非 PayKKa 码表）" },
  key: { type: "string", provenance: "third-party" },
  rows: currencies
}
