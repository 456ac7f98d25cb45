/** Keys that are loaded again: requests share a load, though workerd lets no request wait for a fiber of another. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./support.ts"

describe("refreshing keys in workerd", () => {
  it.live("are given to all requests that wait for one load", () =>
    Effect.gen(function* () {
      const worker = yield* Effect.acquireRelease(
        Effect.promise(() => start()),
        ({ stop }) => Effect.promise(stop)
      )
      for (const round of [1, 2, 3]) {
        const answers = yield* Effect.all(
          Array.from({ length: 8 }, () => worker.json("/keys")),
          { concurrency: "unbounded" }
        )
        const loads = answers.map((answer) =>
          Number(/^1 of load (\d+)$/.exec((answer as { success: string }).success)?.[1])
        )
        // One that comes too late to share has a load of its own.
        assert.isTrue(
          loads.every((load) => load >= round),
          JSON.stringify(answers)
        )
      }
    }).pipe(Effect.scoped)
  )
})
