/** What an editor shows of `@paykka/sdk`, against `hover.txt` and against what a program without Effect should not have to read. */
import { createPaykka } from "@paykka/sdk"
import { assert, beforeAll, describe, expect, it } from "vitest"
import { type Section, take, written } from "../tour.ts"

// Types of the machinery beneath; and what says nothing.
const machinery =
  /\b(Effect|Layer|Context|Schema|Codec|Struct|StructWithRest|Domain<Service|Service|Promised|Deviations|Given|Option|Result|Either|Brand|Duration\.Input|DateTime|Utc|any|unknown|infer)\b|\bextends\b/

/** Where `unknown` is the truth, since nobody knows. */
const unknowable = [
  ["createPaykka", "paykka.request"], // an endpoint that the SDK does not know
  ["Reply", "raw"],
  ["options of a call", "extra"],
  ["paykka.request: argument 1", "body"],
  ["a line of the log", "facts"],
  ["a line of the log", "error"],
  ["an event", "raw"],
  ["order.supplement: argument 1", "logistics_info"], // a record whose members no source shows
  ["payee.create: argument 1", "beneficiary"],
  ["payee.update: argument 1", "beneficiary"],
  ["Amount", "Amount.fromJson"]
].map((place) => place.join(": "))

const lengthOf = (text: string): number =>
  Math.max(...text.split("\n").map((line) => line.replaceAll("Sdk.", "").length))

describe("an editor", () => {
  let sections: ReadonlyArray<Section>
  let faults: ReadonlyArray<string>

  beforeAll(() => {
    ;({ sections, faults } = take())
  })

  const all = () =>
    sections.flatMap(({ title, stops }) =>
      stops.map(({ name, hover, signatures }) => ({
        place: `${title}: ${name.replace("Sdk.", "")}`,
        hover,
        shown: [hover, ...signatures]
      }))
    )

  it("finds nothing wrong with the program that asks", () => {
    assert.deepStrictEqual(faults, [])
  })

  it("shows what hover.txt says", async () => {
    await expect(written(sections)).toMatchFileSnapshot("../hover.txt")
  })

  it("shows nothing of Effect, and no type that says nothing", () => {
    const found = all().flatMap(({ place, shown }) =>
      shown.flatMap(({ text, doc }) => {
        const texts = unknowable.includes(place) ? text.replaceAll("unknown", "") : text.replace("Handlers.unknown", "")
        return machinery.test(texts) || /\bEffect\b|\bLayer\b/.test(doc) ? [`${place}: ${text}`] : []
      })
    )
    assert.deepStrictEqual(found, [])
  })

  it("shows types by their names: each call fits on a line", () => {
    const long = all().flatMap(({ place, hover: { text } }) =>
      /^paykka\.\w+: /.test(place) && lengthOf(text) > 160 ? [place] : []
    )
    assert.deepStrictEqual(long, [])
  })

  it("shows every function that there is", () => {
    const paykka = createPaykka({ keyId: "", privateKey: "" })
    const functions = Object.entries(paykka).flatMap(([domain, calls]) =>
      typeof calls === "function" ? [] : Object.keys(calls).map((name) => `paykka.${domain}.${name}`)
    )
    const shown = all().map(({ place }) => place.slice(place.indexOf(": ") + 2))
    assert.deepStrictEqual(
      functions.filter((name) => !name.includes("webhooks") && !shown.includes(name)),
      []
    )
  })

  it("has documentation of everything", () => {
    // What is no declaration of ours has none: variables of the program, and the tag of an error.
    const exempt = /: (const |event|error instanceof|error\.reason\._tag|client\.va)|: .*\b_tag$/
    const bare = all().flatMap(({ place, hover: { doc } }) => (doc === "" && !exempt.test(place) ? [place] : []))
    assert.deepStrictEqual(bare, [])
  })
})
