/** The parts of the story, in its order, each with what must have happened before it. */

const needs = {
  file: [],
  onboarding: ["file"],
  assessment: ["file"],
  va: ["onboarding"],
  remittance: ["va"],
  order: ["file", "onboarding"],
  tradesettle: ["remittance", "order"],
  balance: ["tradesettle"],
  forex: ["tradesettle"],
  payee: ["onboarding"],
  payment: ["forex", "payee"]
} as const satisfies Readonly<Record<string, ReadonlyArray<string>>>

/** A part, by the name of its domain. */
export type Part = keyof typeof needs

/** All parts. */
export const parts = Object.keys(needs) as ReadonlyArray<Part>

/** Whether a text names a part. */
export const isPart = (name: string): name is Part => Object.hasOwn(needs, name)

/** The parts that these need, themselves included, in the order of the story. */
export const withNeeds = (chosen: ReadonlyArray<Part>): ReadonlyArray<Part> => {
  const needed = new Set<Part>()
  const add = (part: Part): void => {
    if (needed.has(part)) return
    needed.add(part)
    for (const other of needs[part]) add(other)
  }
  for (const part of chosen) add(part)
  return parts.filter((part) => needed.has(part))
}
