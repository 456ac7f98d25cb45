/**
 * Payouts on a bad day: whatever requests and answers are lost, late, cut or refused, no payout is made twice and none is lost. Each run is
 * made from a seed, which a failure names.
 */
import { afterAll, assert, describe, it } from "@effect/vitest"
import { table } from "@paykka/tooling-text/table"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { type Repetition, type Run, runs } from "../runs/run.ts"

/** 1,000 in all. */
const perRepetition = 334
const batch = 167
const repetitions: ReadonlyArray<Repetition> = ["same-answer", "integrity-violation", "second-object"]

/** What is wrong with a run; undefined where nothing is. */
const faultOf = ({ ended, made, madeInTheEnd, onTheNextDay }: Run): string | undefined => {
  if (made > 1 || madeInTheEnd > 1) return "paid twice"
  if (madeInTheEnd === 0) return "never paid"
  if ((ended === "answered" || ended === "found by asking") && made !== 1) return "said to be paid, and was not"
  if (ended !== "answered" && ended !== "found by asking" && ended !== "unknown" && made !== 0)
    return "said not to be paid, and was"
  if (onTheNextDay === "Undecided") return "undecided although nothing was in the way"
  if (onTheNextDay === "Processed" && made !== 1) return "found, and was not paid"
  return onTheNextDay === "NotProcessed" && made !== 0 ? "not found, and was paid" : undefined
}

const rows: Array<ReadonlyArray<string | number>> = []
const ends = ["answered", "found by asking", "not processed", "unknown"] as const

afterAll(() => {
  console.log(
    table(["a repeated request_id", "runs", ...ends, "requests", "sent again", "paid twice", "never paid"], rows)
  )
})

/** The sandbox tells each refusal. */
const quietly = Effect.provide(Logger.layer([]))

describe("payouts with lost, late and broken answers", () => {
  it.live.each(repetitions)("are made once: the platform's way with a repeated request_id is %s", (repetition) =>
    Effect.gen(function* () {
      const seeds = Array.from({ length: perRepetition }, (_, seed) => seed)
      const made = yield* Effect.forEach(
        [seeds.slice(0, batch), seeds.slice(batch)],
        (some) => quietly(runs(repetition, "2 minutes", some)),
        { concurrency: 2 }
      )
      const all = made.flat()
      const count = (is: (run: Run) => boolean) => all.filter(is).length
      rows.push([
        repetition,
        all.length,
        ...ends.map((end) => count(({ ended }) => ended === end)),
        all.reduce((sum, { sent }) => sum + sent, 0),
        count(({ sent }) => sent > 1),
        count(({ madeInTheEnd }) => madeInTheEnd > 1),
        count(({ madeInTheEnd }) => madeInTheEnd === 0)
      ])
      const wrong = all.flatMap((run) => {
        const fault = faultOf(run)
        return fault === undefined ? [] : [`seed ${run.seed}, ${repetition}: ${fault} (${JSON.stringify(run)})`]
      })
      assert.deepStrictEqual(wrong, [])
      // The faults do what they are there for.
      for (const end of ["answered", "found by asking"] as const)
        assert.isAbove(
          count(({ ended }) => ended === end),
          20,
          end
        )
      assert.isAbove(
        count(({ sent }) => sent > 1),
        20
      )
    })
  )

  it.live("are made twice where 'not found' is believed too early: the runs would show it", () =>
    Effect.gen(function* () {
      const seeds = Array.from({ length: batch }, (_, seed) => seed)
      const all = yield* quietly(runs("second-object", 0, seeds))
      assert.isAbove(all.filter(({ madeInTheEnd }) => madeInTheEnd > 1).length, 0)
    })
  )
})
