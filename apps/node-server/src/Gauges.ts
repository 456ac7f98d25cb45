/** Gauges of the payouts that are not at their end. All instances of a database say the same. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Schedule from "effect/Schedule"
import { OpenPayouts } from "./PayoutStoreSql.ts"

const states = ["accepted", "confirming", "converting", "converted", "paying", "processing", "held"] as const

const open = Metric.gauge("payouts_open", { description: "Payouts that are not at their end, by state" })

const overdue = Metric.gauge("payouts_overdue_seconds", {
  description: "For how long the longest due payout has waited for somebody to look at it",
  attributes: { unit: "s" }
})

/** Counts anew. While the database is away the gauges stay as they were. */
export const update: Effect.Effect<void, never, OpenPayouts> = Effect.gen(function* () {
  const { count } = yield* OpenPayouts
  const counted = yield* count
  const now = yield* Clock.currentTimeMillis
  for (const state of states) {
    const payouts = counted.find((each) => each.state === state)?.payouts ?? 0
    yield* Metric.update(Metric.withAttributes(open, { state }), payouts)
  }
  const dueAt = Math.min(now, ...counted.flatMap((each) => each.dueAt ?? []))
  yield* Metric.update(overdue, (now - dueAt) / 1000)
}).pipe(Effect.ignore, Effect.withTracerEnabled(false))

/** Counts now and then, for exporters that nobody asks. */
export const layer: Layer.Layer<never, never, OpenPayouts> = Layer.effectDiscard(
  Effect.forkScoped(Effect.repeat(update, Schedule.spaced("10 seconds")))
)
