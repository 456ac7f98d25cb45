/** The process that handles: runs the inbox, four at once; its handler writes a line for each notification. */
import { notification as va } from "@paykka/schemas/Va"
import * as Inbox from "@paykka/webhook/Inbox"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { stores } from "../engines.ts"
import * as Journal from "../journal.ts"
import { Attempt, handling } from "../killing.ts"
import { idOf, reachIn } from "../steps.ts"
import { engine, journalFile, main, marks, maxAttempts, verifier } from "./environment.ts"

const journal = Journal.open(journalFile)
const reach = reachIn(marks)

const run = Effect.gen(function* () {
  const inbox = yield* Inbox.make({
    notifications: [va],
    concurrency: 4,
    maxAttempts,
    handlers: {
      "va.notification": ({ data, verified }) =>
        Effect.gen(function* () {
          const id = idOf(verified.merchId, verified.authorization.nonce)
          const attempt = yield* Attempt
          yield* reach("handling", id)
          // What others do meanwhile.
          yield* Effect.yieldNow
          const isPoison = data.status === "FAIL"
          journal.note(isPoison ? "failed" : "handled", id, attempt)
          if (isPoison) return yield* Effect.die(new Error("nobody can handle this"))
          yield* reach("handled", id)
        })
    }
  })
  yield* Effect.sync(() => console.log("ready"))
  return yield* inbox.run
})

main(Effect.provide(run, [handling(reach, journal).pipe(Layer.provideMerge(stores(engine))), verifier]))
