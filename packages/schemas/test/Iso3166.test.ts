import { assert, describe, it } from "@effect/vitest"
import * as CodeTable from "../src/CodeTable.ts"
import * as Iso3166 from "../src/Iso3166.ts"

// The judge is ICU, whose regions come from the Unicode CLDR and not from a package of npm.
const name = (language: string) => {
  const names = new Intl.DisplayNames(language, { type: "region", fallback: "none" })
  return (code: string): string | undefined => names.of(code)
}

const letters = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

describe("Iso3166", () => {
  it("has the 249 codes, in order", () => {
    const codes = Iso3166.countries.map(({ code }) => code)
    assert.strictEqual(codes.length, 249)
    assert.deepStrictEqual(codes, [...new Set(codes)].toSorted())
    assert.strictEqual(new Set(Iso3166.countries.map(({ alpha3 }) => alpha3)).size, 249)
    for (const { code, alpha3, numeric } of Iso3166.countries) {
      assert.match(code, /^[A-Z]{2}$/)
      assert.match(alpha3, /^[A-Z]{3}$/)
      assert.match(numeric, /^[0-9]{3}$/)
    }
  })

  it("has the regions of ICU, but those that are none of the standard", () => {
    const en = name("en")
    const known = letters.flatMap((a) => letters.map((b) => a + b)).filter((code) => en(code) !== undefined)
    const codes = Iso3166.countries.map(({ code }) => code)
    // Withdrawn codes, which ICU gives the name of a successor; exceptionally reserved, user-assigned and Unicode's own.
    const others = "AC AN BU CP CQ CS DD DG DY EA EU EZ FX HV IC NH QO RH SU TA TP UK UN VD XA XB XK YD YU ZR ZZ".split(
      " "
    )
    assert.deepStrictEqual(
      codes.filter((code) => !known.includes(code)),
      []
    )
    assert.deepStrictEqual(
      known.filter((code) => !codes.includes(code) && !others.includes(code)),
      []
    )
    assert.deepStrictEqual(
      others.filter((code) => codes.includes(code)),
      []
    )
  })

  it("has the numbers of ICU", () => {
    for (const { code, numeric } of Iso3166.countries) {
      assert.strictEqual(new Intl.Locale(`und-${numeric}`).region, code)
    }
  })

  it("names most countries as ICU does", () => {
    // The rest differ by custom (阿联酋, 阿拉伯联合酋长国), not by country.
    const same = (language: "en" | "zh") =>
      Iso3166.countries.filter((country) => country[language] === name(language)(country.code)).length
    assert.isAtLeast(same("en"), 190)
    assert.isAtLeast(same("zh"), 220)
    for (const { en, zh } of Iso3166.countries) {
      assert.match(en, /^\p{Script=Latin}[^\p{Script=Han}]+$/u)
      assert.match(zh, /^\p{Script=Han}[^\p{Script=Latin}]+$/u)
    }
  })

  it("leaves out what is user-assigned", () => {
    assert.isUndefined(Iso3166.find("XK"))
    assert.isUndefined(CodeTable.find(Iso3166.table, "XK"))
  })

  it("finds a country by each of its codes", () => {
    for (const country of Iso3166.countries) {
      for (const code of [country.code, country.alpha3, country.numeric])
        assert.strictEqual(Iso3166.find(code), country)
    }
    // As the standard's online browsing platform shows it.
    assert.deepStrictEqual(Iso3166.find("DE"), {
      code: "DE",
      alpha3: "DEU",
      numeric: "276",
      en: "Germany",
      zh: "德国",
      source: Iso3166.source
    })
    for (const code of ["de", "D", "", "DEUT", "27", "999"]) assert.isUndefined(Iso3166.find(code))
  })

  it("is a table in the place of PayKKa's, and says that it is not PayKKa's", () => {
    assert.strictEqual(Iso3166.table.id, CodeTable.countryCode.id)
    assert.deepStrictEqual(Iso3166.table.key, CodeTable.countryCode.key)
    assert.match(Iso3166.table.title.en, /the standard, not PayKKa's/)
    assert.match(Iso3166.source, /^standard:i18n-iso-countries@\d+\.\d+\.\d+$/)
    for (const row of Iso3166.table.rows) assert.strictEqual(row.source, Iso3166.source)
    assert.strictEqual(CodeTable.withRows(Iso3166.table, Iso3166.countries)._tag, "Success")
  })
})
