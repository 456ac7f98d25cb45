/**
 * ISO 4217, from the list that its maintenance agency publishes and that currency-codes carries as it is. The package's
 * own `data.js` writes 0 where the list says that a code has no minor unit, so it is not read.
 */
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Xml from "effect/encoding/Xml"
import { read, source } from "./source.ts"

const name = "currency-codes"

const list = (): string => read(name, "iso-4217-list-one.xml")

/** The day on which the list was published, `YYYY-MM-DD`. */
export const published = (): string => {
  const [, day] = /<ISO_4217 Pblshd="(\d{4}-\d{2}-\d{2})">/.exec(list()) ?? []
  if (day === undefined) throw new Error("the list of ISO 4217 has no day of publication")
  return day
}

/** The text of the child of that name; undefined where there is none. */
const member = ({ children }: Xml.Element, child: string): string | undefined => {
  for (const element of children) {
    if (typeof element !== "string" && element.name === child) return element.children.map(String).join("").trim()
  }
  return undefined
}

const minorUnits = (text: string | undefined): number | null => {
  if (text === "N.A.") return null
  if (text === undefined || !/^[0-9]$/.test(text)) throw new Error(`not a number of minor units: ${text}`)
  return Number(text)
}

/** Code, number, decimals of the minor unit (null where there is none), English name; by code. */
export const rows = (): ReadonlyArray<readonly [string, string, number | null, string]> => {
  const entries = Effect.runSync(
    Channel.runCollect(
      Channel.succeed([list()] as const).pipe(
        Channel.pipeTo(Xml.decodeString()),
        Channel.pipeTo(Xml.elements(["ISO_4217", "CcyTbl", "CcyNtry"]))
      )
    )
  ).flat()
  const found = new Map<string, readonly [string, string, number | null, string]>()
  for (const entry of entries) {
    const code = member(entry, "Ccy")
    // Antarctica and the like have no currency.
    if (code === undefined) continue
    const row = [
      code,
      member(entry, "CcyNbr")!,
      minorUnits(member(entry, "CcyMnrUnts")),
      member(entry, "CcyNm")!
    ] as const
    // A currency stands once for each country that has it.
    if (JSON.stringify(found.get(code) ?? row) !== JSON.stringify(row)) throw new Error(`two currencies are ${code}`)
    found.set(code, row)
  }
  return [...found.values()].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

export const currencySource = source(name)
