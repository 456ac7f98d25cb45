import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Yaml from "effect/encoding/Yaml"
import * as Result from "effect/Result"
import * as Amount from "../src/Amount.ts"
import * as CodeTable from "../src/CodeTable.ts"
import * as Iso4217 from "../src/Iso4217.ts"
import * as Order from "../src/Order.ts"

// The judge is ICU, whose currencies come from the Unicode CLDR and not from a package of npm.
const icuDecimals = (currency: string) =>
  new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits

const codes = Iso4217.currencies.map(({ code }) => code)

// ICU has as many decimals as people use. The standard's, which count on a wire:
const unlikeIcu: Readonly<Record<string, number>> = {
  AFN: 2,
  ALL: 2,
  COP: 2,
  HUF: 2,
  IDR: 2,
  IQD: 3,
  IRR: 2,
  KPW: 2,
  LAK: 2,
  LBP: 2,
  MGA: 2,
  MMK: 2,
  PKR: 2,
  SOS: 2,
  SYP: 2,
  YER: 2
}

const withoutMinorUnit = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX".split(" ")

describe("Iso4217", () => {
  it("has 179 codes, in order", () => {
    assert.strictEqual(codes.length, 179)
    assert.deepStrictEqual(codes, [...new Set(codes)].toSorted())
    assert.strictEqual(new Set(Iso4217.currencies.map(({ numeric }) => numeric)).size, 179)
    for (const { code, numeric, en } of Iso4217.currencies) {
      assert.match(code, /^[A-Z]{3}$/)
      assert.match(numeric, /^[0-9]{3}$/)
      assert.strictEqual(en, en.trim())
      assert.isAtLeast(en.length, 3)
    }
  })

  it("has currencies that ICU knows", () => {
    // Funds, metals and units of account: ICU has names for them, but does not list them.
    const notListed = "BOV CHE CHW CLF COU MXV USN UYI UYW VED XAG XAU XBA XBB XBC XBD XPD XPT XTS XUA XXX".split(" ")
    const listed = Intl.supportedValuesOf("currency")
    assert.deepStrictEqual(
      codes.filter((code) => !listed.includes(code) && !notListed.includes(code)),
      []
    )
    const names = new Intl.DisplayNames("en", { type: "currency", fallback: "none" })
    for (const code of codes) assert.isString(names.of(code), code)
  })

  it("is the list of the day that it says", () => {
    assert.strictEqual(Iso4217.published, "2024-06-25")
    // Withdrawn before, or younger than the list.
    for (const code of ["DEM", "HRK", "SLL", "XCG"]) assert.isUndefined(Iso4217.find(code))
    for (const code of ["SLE", "VED", "ANG"]) assert.isDefined(Iso4217.find(code))
  })

  it("has the minor units of ICU, where ICU follows the standard", () => {
    for (const { code } of Iso4217.currencies) {
      if (withoutMinorUnit.includes(code)) continue
      assert.strictEqual(Iso4217.minorUnits(code), unlikeIcu[code] ?? icuDecimals(code), code)
    }
  })

  it("has no minor unit where the standard has none, and not zero", () => {
    assert.deepStrictEqual(
      Iso4217.currencies.filter(({ minorUnits }) => minorUnits === undefined).map(({ code }) => code),
      withoutMinorUnit
    )
    for (const code of [...withoutMinorUnit, "CNH", "eur", "978", "", "__proto__"]) {
      assert.isUndefined(Iso4217.minorUnits(code))
    }
  })

  it("tells the decimals of an amount", () => {
    const minor = (amount: string, currency: string) =>
      Result.getOrThrow(Amount.toMinorUnits(Amount.make(amount), Iso4217.minorUnits(currency)!))
    assert.strictEqual(minor("1200.50", "EUR"), 120050n)
    assert.strictEqual(minor("1200", "JPY"), 1200n)
    assert.strictEqual(minor("1.234", "KWD"), 1234n)
    assert.strictEqual(minor("1.2345", "CLF"), 12345n)
  })

  it("does not have CNH, which is the only currency of orders that it lacks", () => {
    const { operations } = Yaml.parse(
      readFileSync(new URL("../../../contract/order.yaml", import.meta.url), "utf8")
    ) as {
      readonly operations: ReadonlyArray<{
        readonly id: string
        readonly request: ReadonlyArray<{
          readonly name: string
          readonly enum?: ReadonlyArray<{ readonly value: string }>
        }>
      }>
    }
    const currencies = operations
      .find(({ id }) => id === Order.create.id)!
      .request.find(({ name }) => name === "currency")!
      .enum!.map(({ value }) => value)
    assert.deepStrictEqual(
      currencies.filter((code) => Iso4217.find(code) === undefined),
      ["CNH"]
    )
  })

  it("finds a currency by each of its codes", () => {
    for (const currency of Iso4217.currencies) {
      for (const code of [currency.code, currency.numeric]) assert.strictEqual(Iso4217.find(code), currency)
    }
    assert.strictEqual(Iso4217.find("978")?.code, "EUR")
    assert.strictEqual(Iso4217.find("EUR")?.en, "Euro")
  })

  it("is a table that no field is checked against, and says that it is not PayKKa's", () => {
    assert.notInclude(
      CodeTable.tables.map(({ id }) => id),
      Iso4217.table.id
    )
    assert.match(Iso4217.table.title.en, /the standard, not PayKKa's/)
    assert.match(Iso4217.source, /^standard:currency-codes@\d+\.\d+\.\d+$/)
    for (const row of Iso4217.table.rows) assert.strictEqual(row.source, Iso4217.source)
    assert.strictEqual(CodeTable.find(Iso4217.table, "EUR"), Iso4217.find("EUR"))
    assert.isTrue(Result.isSuccess(CodeTable.withRows(Iso4217.table, Iso4217.currencies)))
  })
})
