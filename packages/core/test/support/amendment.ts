/** Waiting after an amendment, while the platform may still tell what was decided before it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { PaykkaError } from "../../src/PaykkaError.ts"
import type * as Poll from "../../src/Poll.ts"
import { type Start, sent } from "./domain.ts"
import * as JumpClock from "./JumpClock.ts"

// A time that does not end by itself under a JumpClock, but by the clock between two questions.
const untimed = { timeout: JumpClock.timeout } as const

interface Amended<Service> {
  readonly start: Start<Service>
  /** The method under test. */
  readonly wait: (
    service: Service,
    options?: Poll.AwaitOptions
  ) => Effect.Effect<Poll.Outcome<{ readonly status?: string }>, PaykkaError | Poll.OutcomePending>
  /** The status that was amended, and what it is taken for. */
  readonly old: string
  readonly taken: "Failed" | "Unlisted"
}

/** The tests of a wait that follows an amendment. */
export const awaitAfter = <Service>({ start, wait, old, taken }: Amended<Service>): void => {
  const stale = { body: { status: old } }
  const statuses = { pending: [old], succeeded: ["DONE"] }

  describe(`awaitOutcome while ${old} is still told after an amendment`, () => {
    it.effect("ends with it at once, unless told to wait through it", () =>
      Effect.gen(function* () {
        const { platform, service } = yield* start(stale, stale, {}, { body: { status: "DONE" } })
        const plain = yield* JumpClock.make().run(wait(service, { poll: untimed }))
        assert.deepStrictEqual([plain._tag, plain.status], [taken, old])
        assert.strictEqual(sent(platform).length, 1)
        const through = yield* JumpClock.make().run(wait(service, { statuses, poll: untimed }))
        assert.deepStrictEqual([through._tag, through.status], ["Succeeded", "DONE"])
        assert.strictEqual(sent(platform).length, 4)
      })
    )

    it.effect("says so when the time is over and it was decided again, or still", () =>
      Effect.gen(function* () {
        const { service } = yield* start(stale)
        const poll = { ...untimed, interval: "20 minutes", maxInterval: "20 minutes" } as const
        const error = yield* Effect.flip(JumpClock.make().run(wait(service, { statuses, poll })))
        if (error._tag !== "OutcomePending") return assert.fail(error.message)
        assert.strictEqual(error.status, old)
      })
    )
  })
}
