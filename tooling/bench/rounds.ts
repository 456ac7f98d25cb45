/** Measures two operations side by side. */
import type { Round } from "./statistics.ts"

/** One side of a bench. */
export interface Side {
  /** What it is, for people. */
  readonly what: string
  readonly operation: () => unknown
  /** How many operations are under way at any time: that many loops, each of which awaits one after the other. */
  readonly inFlight: number
}

/** How long to measure. */
export interface Plan {
  readonly rounds: number
  /** Milliseconds for one side of one round. */
  readonly millis: number
  /** Milliseconds for each side before the first round, which count for nothing: the compiler needs them. */
  readonly warmUpMillis: number
}

/** The list, begun one further in each round, so that none of it has the best or the worst moment each time. */
export const rotated = <A>(list: ReadonlyArray<A>, round: number): ReadonlyArray<A> => {
  const first = round % list.length
  return [...list.slice(first), ...list.slice(0, first)]
}

/** Operations per second. The time ends when the last operation that was begun has ended. */
export const throughput = async ({ operation, inFlight }: Side, millis: number): Promise<number> => {
  const startedAt = performance.now()
  let count = 0
  const loop = async (): Promise<void> => {
    do {
      await operation()
      count++
    } while (performance.now() - startedAt < millis)
  }
  await Promise.all(Array.from({ length: inFlight }, loop))
  return (count * 1000) / (performance.now() - startedAt)
}

/** Interleaved rounds. Who goes first alternates, so that a machine that slows down or speeds up favours neither. */
export const measure = async (ours: Side, reference: Side, plan: Plan): Promise<ReadonlyArray<Round>> => {
  await throughput(ours, plan.warmUpMillis)
  await throughput(reference, plan.warmUpMillis)
  const rounds: Array<Round> = []
  for (let index = 0; index < plan.rounds; index++) {
    const oursFirst = index % 2 === 0
    const first = await throughput(oursFirst ? ours : reference, plan.millis)
    const second = await throughput(oursFirst ? reference : ours, plan.millis)
    rounds.push(oursFirst ? { ours: first, reference: second } : { ours: second, reference: first })
  }
  return rounds
}
