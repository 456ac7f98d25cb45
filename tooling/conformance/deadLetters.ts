/** What every store of dead letters must do, on its real engine. */
import { randomBytes } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { makeStored } from "./inbox.ts"

/** A letter of that id. */
export const makeLetter = (id: string): DeadLetters.DeadLetter => ({
  id,
  stored: makeStored(id),
  error: 'Error: no route to the accounts\' "database" \\ 数据库 🏦\nat once',
  attempts: 10,
  failedAt: 1_795_598_950_381
})

/** Declares the tests of dead letters. Each test makes them anew; what they keep may be shared. */
export const deadLettersSuite = (
  engine: string,
  make: () => Layer.Layer<DeadLetters.DeadLetters, unknown>,
  { skip = false }: { readonly skip?: boolean } = {}
): void => {
  describe.skipIf(skip)(`the dead letters of ${engine}`, () => {
    const run = (use: (letters: DeadLetters.Service, prefix: string) => Effect.Effect<void, unknown>) => () =>
      Effect.provide(
        DeadLetters.DeadLetters.use((letters) => use(letters, randomBytes(16).toString("hex"))),
        make()
      )

    it.live(
      "keeps, replaces and forgets a letter",
      run((letters, prefix) =>
        Effect.gen(function* () {
          const letter = makeLetter(prefix)
          assert.deepStrictEqual(yield* letters.get(prefix), Option.none())
          yield* letters.put(letter)
          assert.deepStrictEqual(yield* letters.get(prefix), Option.some(letter))
          const later = { ...letter, stored: makeStored("other"), error: "", attempts: 1, failedAt: 0 }
          yield* letters.put(later)
          assert.deepStrictEqual(yield* letters.get(prefix), Option.some(later))
          yield* letters.remove(prefix)
          assert.deepStrictEqual(yield* letters.get(prefix), Option.none())
          yield* letters.remove(prefix)
        })
      )
    )

    it.live(
      "lists letters by their ids, page by page",
      run((letters, prefix) =>
        Effect.gen(function* () {
          // In the order of their characters, in which `#` stands before digits, and digits before letters.
          const ids = ["#1", "0", "0#1", "0#2", "00", "a", "a#1", "b"].map((end) => prefix + end)
          for (const id of ids.toReversed()) yield* letters.put(makeLetter(id))
          const pages: Array<ReadonlyArray<string>> = []
          for (let after = prefix; pages.length < 3; after = pages.at(-1)!.at(-1)!) {
            pages.push((yield* letters.list({ after, limit: 3 })).map(({ id }) => id))
          }
          assert.deepStrictEqual(pages.slice(0, 2), [ids.slice(0, 3), ids.slice(3, 6)])
          assert.deepStrictEqual(pages[2]!.slice(0, 2), ids.slice(6))
          assert.deepStrictEqual(yield* letters.list({ after: prefix, limit: 1 }), [makeLetter(ids[0]!)])
          for (const id of ids) yield* letters.remove(id)
        })
      )
    )

    it.live(
      "lists a hundred where nothing else is said",
      run((letters, prefix) =>
        Effect.gen(function* () {
          const ids = Array.from({ length: 101 }, (_, nth) => prefix + String(nth).padStart(3, "0"))
          yield* Effect.forEach(ids, (id) => letters.put(makeLetter(id)), { concurrency: "unbounded" })
          assert.deepStrictEqual(
            (yield* letters.list({ after: prefix })).map(({ id }) => id),
            ids.slice(0, 100)
          )
          assert.isAtLeast((yield* letters.list()).length, 100)
          yield* Effect.forEach(ids, letters.remove, { concurrency: "unbounded" })
        })
      )
    )
  })
}
