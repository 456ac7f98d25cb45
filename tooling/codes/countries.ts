/** ISO 3166-1, as i18n-iso-countries has it. */
import { read, source } from "./source.ts"

const name = "i18n-iso-countries"

/** A name, or several, the package's own choice first. */
type Names = Readonly<Record<string, string | ReadonlyArray<string>>>

const names = (language: string): ((alpha2: string) => string) => {
  const { countries } = JSON.parse(read(name, `langs/${language}.json`)) as { readonly countries: Names }
  return (alpha2) => {
    const [first] = [countries[alpha2] ?? []].flat()
    if (first === undefined) throw new Error(`${name} has no name of ${alpha2} in ${language}`)
    return first
  }
}

/** User-assigned codes are not part of the standard: AA, QM to QZ, XA to XZ, ZZ. */
const isUserAssigned = (alpha2: string): boolean => /^(AA|Q[M-Z]|X[A-Z]|ZZ)$/.test(alpha2)

/** Alpha-2, alpha-3, number, English name, Chinese name; by alpha-2. */
export const rows = (): ReadonlyArray<readonly [string, string, string, string, string]> => {
  const codes = JSON.parse(read(name, "codes.json")) as ReadonlyArray<readonly [string, string, string]>
  const en = names("en")
  const zh = names("zh")
  return codes
    .filter(([alpha2]) => !isUserAssigned(alpha2))
    .map(([alpha2, alpha3, number]) => [alpha2, alpha3, number, en(alpha2), zh(alpha2)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}

export const countrySource = source(name)
