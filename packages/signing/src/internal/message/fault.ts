/** A rule that a pasted text breaks, on its way out of a parser. */
export class Fault extends Error {
  readonly place: string
  readonly rule: string
  constructor(place: string, rule: string) {
    super(rule)
    this.place = place
    this.rule = rule
  }
}

/** A place in a text, by line and column from 1. */
export const placeAt = (text: string, offset: number): string => {
  const before = text.slice(0, offset)
  const line = before.split("\n").length
  return `line ${line}, column ${offset - before.lastIndexOf("\n")}`
}
