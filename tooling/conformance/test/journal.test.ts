/** The journal in memory: the suite of all, and what only that in memory does. */
import { assert, describe, it } from "@effect/vitest"
import * as Journal from "@paykka/core/Journal"
import * as Effect from "effect/Effect"
import { attempt, intent, journalSuite, outcome } from "../journal.ts"

journalSuite("one process's memory", () => Journal.layerMemory, { isInMemory: true })

describe("the journal in memory", () => {
  it.effect("forgets finished writes, the oldest first, and no others", () =>
    Effect.gen(function* () {
      const journal = yield* Journal.makeMemory
      yield* journal.append(intent("open"))
      for (let nth = 0; nth <= 1000; nth++) {
        yield* journal.append(intent(`W${nth}`))
        yield* journal.append(outcome(`W${nth}`, "processed"))
      }
      // One that is known is open again; of one that is not, nobody knows what it was.
      for (const id of ["W1", "W0", "W1000"]) yield* journal.append(attempt(id, 2))
      assert.deepStrictEqual(
        (yield* journal.unfinished()).map(({ id }) => id),
        ["open", "W1", "W1000"]
      )
    })
  )
})
