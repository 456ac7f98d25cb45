/** Which module put how many bytes into a minified bundle, read from its source map. */

/** What is used of a source map (version 3). */
export interface SourceMap {
  readonly sources: ReadonlyArray<string | null>
  readonly mappings: string
}

/** Bytes of one source. */
export interface Share {
  readonly source: string
  readonly bytes: number
}

/** The source of bytes that the bundler itself wrote. */
export const noSource = "(bundler)"

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/** The fields of a segment: numbers in base 64, five bits a digit, the lowest first; the lowest bit of all is the sign. */
const decodeSegment = (segment: string): ReadonlyArray<number> => {
  const fields: Array<number> = []
  let value = 0
  let shift = 0
  for (const char of segment) {
    const digit = digits.indexOf(char)
    if (digit < 0) throw new SyntaxError(`not a source map: ${JSON.stringify(char)} in its mappings`)
    value |= (digit & 31) << shift
    shift += 5
    if ((digit & 32) === 0) {
      fields.push((value & 1) === 1 ? -(value >> 1) : value >> 1)
      value = 0
      shift = 0
    }
  }
  return fields
}

/**
 * Divides the bytes of a bundle among its sources, the largest first. A segment owns the text from its column to the next
 * segment's, so every byte is counted once.
 */
export const shares = (code: string, map: SourceMap): ReadonlyArray<Share> => {
  const bytes = new Map<string, number>()
  const mappings = map.mappings.split(";")
  let sourceIndex = 0
  code.split(/(?<=\n)/).forEach((line, row) => {
    let owner = noSource
    let start = 0
    let column = 0
    const closeAt = (end: number): void => {
      if (end > start) bytes.set(owner, (bytes.get(owner) ?? 0) + Buffer.byteLength(line.slice(start, end)))
      start = end
    }
    for (const segment of mappings[row]?.split(",").filter((text) => text !== "") ?? []) {
      const [columnStep = 0, sourceStep] = decodeSegment(segment)
      column += columnStep
      closeAt(column)
      if (sourceStep !== undefined) sourceIndex += sourceStep
      owner = sourceStep === undefined ? noSource : (map.sources[sourceIndex] ?? noSource)
    }
    closeAt(line.length)
  })
  return [...bytes].map(([source, size]) => ({ source, bytes: size })).toSorted((a, b) => b.bytes - a.bytes)
}

/** A module's name without the folders that it lies in: `effect/dist/Effect.js`, or `webhook-va.ts` for a fixture. */
export const moduleName = (source: string): string => {
  const inPackage = source.lastIndexOf("node_modules/")
  return inPackage < 0 ? source.slice(source.lastIndexOf("/") + 1) : source.slice(inPackage + "node_modules/".length)
}
