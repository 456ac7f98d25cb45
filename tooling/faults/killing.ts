/** Layers around the services of an inbox that tell of each step, so that a process can die at it. */
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import * as InboxQueue from "@paykka/webhook/InboxQueue"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Journal } from "./journal.ts"
import type { Reach } from "./steps.ts"

/** Which attempt at a notification this is. */
export const Attempt = Context.Reference<number>("@paykka/tooling-faults/Attempt", { defaultValue: () => 0 })

/** The steps of the process that receives. */
export const receiving = (reach: Reach) =>
  Layer.merge(
    Layer.effect(
      ReplayGuard.ReplayGuard,
      Effect.map(ReplayGuard.ReplayGuard, (guard) => ({
        ...guard,
        claim: (delivery: ReplayGuard.Delivery) =>
          reach("before the claim", delivery.id).pipe(
            Effect.andThen(guard.claim(delivery)),
            Effect.tap(({ _tag }) => (_tag === "Claimed" ? reach("claimed", delivery.id) : Effect.void))
          ),
        commit: (claimed: ReplayGuard.Claimed) => Effect.tap(guard.commit(claimed), reach("recorded", claimed.id))
      }))
    ),
    Layer.effect(
      InboxQueue.InboxQueue,
      Effect.map(InboxQueue.InboxQueue, (queue) => ({
        ...queue,
        offer: (stored) => Effect.tap(queue.offer(stored), reach("stored", stored.id))
      }))
    )
  )

/** The steps of the process that handles, which notes in the journal what it takes and what is acknowledged. */
export const handling = (reach: Reach, journal: Journal) =>
  Layer.merge(
    Layer.effect(
      InboxQueue.InboxQueue,
      Effect.map(InboxQueue.InboxQueue, (queue) => ({
        ...queue,
        take: (handle) =>
          Effect.suspend(() => {
            let acknowledged = () => {}
            return queue
              .take((stored, attempt) =>
                Effect.gen(function* () {
                  acknowledged = () => journal.note("acknowledged", stored.id, attempt)
                  journal.note("taken", stored.id, attempt)
                  yield* reach("taken", stored.id)
                  yield* Effect.provideService(handle(stored, attempt), Attempt, attempt)
                  yield* reach("acknowledging", stored.id)
                })
              )
              .pipe(Effect.tap(() => Effect.sync(acknowledged)))
          })
      }))
    ),
    Layer.effect(
      DeadLetters.DeadLetters,
      Effect.map(DeadLetters.DeadLetters, (letters) => ({
        ...letters,
        put: (letter) =>
          reach("giving up", letter.id).pipe(
            Effect.andThen(letters.put(letter)),
            Effect.tap(() => Effect.sync(() => journal.note("given up", letter.id, letter.attempts))),
            Effect.tap(reach("given up", letter.id))
          )
      }))
    )
  )
