/** Compares what two sides say, and sorts the differences into those that are meant and those that are not. */
import { type Aspect, type Facts, type Saying, aspects } from "./facts.ts"

/** The contract and the code say different things, or one of them says nothing. */
export interface Difference {
  readonly operation: string
  /** Where in the operation: see `facts.ts`. */
  readonly place: string
  /** `presence` where only one side has the place at all. */
  readonly aspect: Aspect | "presence"
  readonly contract?: string | undefined
  readonly code?: string | undefined
}

/**
 * A form of ours fixes the number of characters. Where the contract's limits allow just that number, the form keeps
 * to them, and the limits need not be told apart.
 */
const withoutImpliedLimits = (contract: Saying, code: Saying): readonly [contract: Saying, code: Saying] => {
  const length = Number(code.max_length)
  if (code.form === undefined || length < Number(contract.min_length ?? 0)) return [contract, code]
  if (length > Number(contract.max_length ?? Infinity)) return [contract, code]
  const none = { min_length: undefined, max_length: undefined } as unknown as Saying
  return [
    { ...contract, ...none },
    { ...code, ...none }
  ]
}

const differencesAt = (operation: string, place: string, contract: Saying, code: Saying): ReadonlyArray<Difference> => {
  const [documented, ours] = withoutImpliedLimits(contract, code)
  return aspects
    .filter((aspect) => documented[aspect] !== ours[aspect])
    .map((aspect) => ({ operation, place, aspect, contract: documented[aspect], code: ours[aspect] }))
}

/** Whether a place is inside another one: then its absence needs no word of its own. */
const isInside = (place: string, outer: string): boolean =>
  outer === "" ? place !== "" : place.startsWith(`${outer}.`) || place.startsWith(`${outer}[]`)

/** All differences, both ways. */
export const compare = (contract: Facts, code: Facts): ReadonlyArray<Difference> =>
  [...new Set([...contract.keys(), ...code.keys()])].flatMap((operation) => {
    const documented = contract.get(operation) ?? new Map<string, Saying>()
    const ours = code.get(operation) ?? new Map<string, Saying>()
    const missing: Array<string> = []
    return [...new Set([...documented.keys(), ...ours.keys()])].flatMap((place): ReadonlyArray<Difference> => {
      const [theirs, mine] = [documented.get(place), ours.get(place)]
      if (theirs !== undefined && mine !== undefined) return differencesAt(operation, place, theirs, mine)
      if (missing.some((outer) => isInside(place, outer))) return []
      missing.push(place)
      return [{ operation, place, aspect: "presence", contract: theirs && "yes", code: mine && "yes" }]
    })
  })

/** A kind of difference that is meant. */
export interface Deliberate {
  /** Operations: `payee.update`, or `payee.*`, or `**`. */
  readonly operations: ReadonlyArray<string>
  /** Places: `request.amount`; `*` is any part of a name, `**` also of several names. */
  readonly places: ReadonlyArray<string>
  readonly aspects: ReadonlyArray<Difference["aspect"]>
  /** What the contract says, where only that is meant; null: that it says nothing. */
  readonly contract?: string | null
  /** What the code says, in the same way. */
  readonly code?: string | null
  /** Why, in one sentence. */
  readonly reason: string
}

const matches = (glob: string, text: string): boolean => {
  const parts = glob.split(/(\*\*?)/).map((part) => {
    if (part === "**") return ".*"
    return part === "*" ? "[^.]*" : part.replace(/[.[\]]/g, "\\$&")
  })
  return new RegExp(`^${parts.join("")}$`).test(text)
}

const says = (expected: string | null | undefined, said: string | undefined): boolean =>
  expected === undefined || (expected ?? undefined) === said

/** Whether a deliberate difference speaks of this one. */
const isMeant = (entry: Deliberate, { operation, place, aspect, contract, code }: Difference): boolean =>
  entry.operations.some((glob) => matches(glob, operation)) &&
  entry.places.some((glob) => matches(glob, place)) &&
  entry.aspects.includes(aspect) &&
  says(entry.contract, contract) &&
  says(entry.code, code)

/** What of an entry speaks of none of the differences that it explains. */
const unusedParts = (entry: Deliberate, differences: ReadonlyArray<Difference>): ReadonlyArray<string> => [
  ...entry.operations.filter((glob) => !differences.some(({ operation }) => matches(glob, operation))),
  ...entry.places.filter((glob) => !differences.some(({ place }) => matches(glob, place))),
  ...entry.aspects.filter((aspect) => !differences.some((difference) => difference.aspect === aspect))
]

/** An entry, or a part of one, that explains nothing any more. */
export interface Unused {
  readonly entry: Deliberate
  readonly parts: ReadonlyArray<string>
}

/** A comparison's result. */
export interface Verdict {
  readonly explained: ReadonlyArray<{ readonly difference: Difference; readonly by: Deliberate }>
  readonly unexplained: ReadonlyArray<Difference>
  readonly unused: ReadonlyArray<Unused>
}

/** Looks for the reason of each difference; the first entry that fits gives it. */
export const explain = (differences: ReadonlyArray<Difference>, deliberate: ReadonlyArray<Deliberate>): Verdict => {
  const found = differences.map((difference) => ({
    difference,
    by: deliberate.find((entry) => isMeant(entry, difference))
  }))
  return {
    explained: found.flatMap(({ difference, by }) => (by === undefined ? [] : [{ difference, by }])),
    unexplained: found.flatMap(({ difference, by }) => (by === undefined ? [difference] : [])),
    unused: deliberate
      .map((entry) => ({
        entry,
        parts: unusedParts(
          entry,
          found.filter(({ by }) => by === entry).map(({ difference }) => difference)
        )
      }))
      .filter(({ parts }) => parts.length > 0)
  }
}
