/** What is said of the figures of several rounds. */

/** The middle of the values; of an even number of them the mean of the two in the middle. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]
  if (upper === undefined || lower === undefined) throw new RangeError("no values")
  return (lower + upper) / 2
}

/** The value that the given share of the values does not exceed. */
export const quantile = (values: ReadonlyArray<number>, share: number): number => {
  const value = values.toSorted((a, b) => a - b)[Math.max(Math.ceil(share * values.length) - 1, 0)]
  if (value === undefined) throw new RangeError("no values")
  return value
}

/** Operations per second of both sides, measured one right after the other. */
export interface Round {
  readonly ours: number
  readonly reference: number
}

/** All rounds of a bench in a few figures. */
export interface Summary {
  /** Medians over the rounds, in operations per second. */
  readonly ours: number
  readonly reference: number
  /** Ours divided by the reference within one round: the noise that both sides of a round share cancels out. */
  readonly ratio: { readonly median: number; readonly min: number; readonly max: number }
}

/** Sums up rounds. The ratio is the median of the rounds' ratios, not the ratio of the medians. */
export const summarise = (rounds: ReadonlyArray<Round>): Summary => {
  const ratios = rounds.map(({ ours, reference }) => ours / reference)
  return {
    ours: median(rounds.map(({ ours }) => ours)),
    reference: median(rounds.map(({ reference }) => reference)),
    ratio: { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) }
  }
}

/** Whether a summary reaches its target. The target itself is reached. */
export const isMet = (summary: Summary, target: number): boolean => summary.ratio.median >= target
