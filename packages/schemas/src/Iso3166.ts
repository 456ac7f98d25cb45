/**
 * The countries and regions of ISO 3166-1: the standard, as the package `i18n-iso-countries` has it, not PayKKa's table.
 *
 * PayKKa's table is not public. It may leave codes of the standard out and add its own, and it has names of its own: those
 * here are the package's (of Hong Kong, Macao and Taiwan too), so show PayKKa's where you have them. User-assigned codes,
 * such as XK, are no codes of the standard and are left out.
 */
import type { CodeTable, Row } from "./CodeTable.ts"
import * as data from "./internal/iso3166.ts"

/** A country or region. Its `code` is alpha-2. */
export interface Country extends Row {
  /** Three letters, such as `DEU`. */
  readonly alpha3: string
  /** Three digits, such as `276`. */
  readonly numeric: string
  readonly en: string
  readonly zh: string
}

/** The package and its version: `standard:<package>@<version>`. */
export const source: string = data.source

/** The 249 countries and regions, by alpha-2. */
export const countries: ReadonlyArray<Country> = /*#__PURE__*/ data.rows.map(([code, alpha3, numeric, en, zh]) => ({
  code,
  alpha3,
  numeric,
  en,
  zh,
  source
}))

/** The country of an alpha-2, alpha-3 or three-digit code: `DE`, `DEU`, `276`. */
export const find = (code: string): Country | undefined =>
  countries.find((country) => country.code === code || country.alpha3 === code || country.numeric === code)

/**
 * The standard in the place of PayKKa's table `country_code`: given to `CodeTable.checker`, it refuses countries that the
 * standard does not have. Whether PayKKa's table follows it is not known.
 */
export const table: CodeTable = {
  id: "country_code",
  title: { en: "ISO 3166-1 (the standard, not PayKKa's table)", zh: "ISO 3166-1（国际标准，非 PayKKa 码表）" },
  key: { type: "string", provenance: "documented" },
  rows: countries
}
