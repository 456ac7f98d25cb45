/** Looks after payouts that are due. Every instance does so; of one payout one at a time takes care. */
import * as Payouts from "@paykka/payouts/Payouts"
import * as PayoutStore from "@paykka/payouts/PayoutStore"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"
import { Background } from "./Background.ts"
import { Environment } from "./Environment.ts"

/** How many payouts an instance takes care of at a time: one that waits for PayKKa holds up no other. */
const places = 16

/** How long it waits when the store is not available. */
const pauseOfFailure = Duration.seconds(2)

/** Logs what a look has failed of, a defect too: nobody would notice that none is made any more. */
const surviving = <R>(look: Effect.Effect<unknown, PayoutStore.StoreUnavailable, R>, pause: Duration.Input = 0) =>
  look.pipe(
    Effect.catch(({ message }) => Effect.andThen(Effect.logError(message), Effect.sleep(pause))),
    Effect.catchDefect((defect) =>
      Effect.andThen(Effect.logError("a look at payouts ended by a defect", defect), Effect.sleep(pause))
    )
  )

/** Runs until its scope closes; what has begun then is {@link Background}'s. */
export const layer: Layer.Layer<never, never, Background | Environment | Payouts.Payouts | PayoutStore.PayoutStore> =
  Layer.effectDiscard(
    Effect.gen(function* () {
      const { settings } = yield* Environment
      const background = yield* Background
      const store = yield* PayoutStore.PayoutStore
      const free = yield* Semaphore.make(places)
      const [pause] = settings.pauseMillis

      const advance = (requestId: string) =>
        surviving(Payouts.Payouts.use((payouts) => payouts.advance(requestId))).pipe(Effect.ensuring(free.release(1)))

      const look = Effect.gen(function* () {
        const due = yield* store.due(yield* Clock.currentTimeMillis, places)
        for (const requestId of due) {
          yield* Effect.uninterruptibleMask((restore) =>
            Effect.andThen(restore(free.take(1)), background.start(advance(requestId)))
          )
        }
        // There may be more. Who is looked at already is not due any more, or is found to be somebody's.
        if (due.length < places) yield* Effect.sleep(pause)
      })

      yield* Effect.forkScoped(Effect.forever(surviving(look, pauseOfFailure)))
    })
  )
