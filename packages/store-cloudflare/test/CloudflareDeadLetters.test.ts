/** The dead letters in a real Durable Object, in workerd. */
import { assert, describe, it } from "@effect/vitest"
import { deadLettersSuite, makeLetter } from "@paykka/tooling-conformance/deadLetters"
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { afterAll } from "vitest"
import * as CloudflareDeadLetters from "../src/CloudflareDeadLetters.ts"
import { lettersOf, start } from "./support.ts"

const worker = await start()
afterAll(worker.stop)

deadLettersSuite("Cloudflare", () => Layer.succeed(DeadLetters.DeadLetters, lettersOf(worker)))

const withBody = (bytes: number): DeadLetters.DeadLetter => {
  const letter = makeLetter("large")
  return { ...letter, stored: { ...letter.stored, body: Buffer.alloc(bytes, 7).toString("base64") } }
}

describe("the dead letters of Cloudflare", () => {
  it.live("keep a body of the largest size that a webhook accepts by default", () =>
    Effect.gen(function* () {
      const { put, get, remove } = lettersOf(worker)
      const large = withBody(1024 * 1024)
      yield* put(large)
      assert.deepStrictEqual(yield* get("large"), Option.some(large))
      yield* remove("large")
    })
  )

  it.live("say that they are not available where a letter is larger than its object can keep", () =>
    Effect.gen(function* () {
      const { put } = lettersOf(worker)
      const failure = yield* Effect.flip(put(withBody(2_000_000)))
      assert.match(failure.detail, /the dead letters are not available: its Durable Object failed: .*too big/)
    })
  )

  it.effect("say that they are not available where the object answers anything else", () =>
    Effect.gen(function* () {
      for (const answer of ["null", "{}", '{"letters":["{}"]}', '{"letters":["not JSON"]}', "<html>"]) {
        const { list } = yield* CloudflareDeadLetters.make({
          namespace: {
            idFromName: (name) => name,
            get: () => ({ fetch: async () => ({ status: 200, text: async () => answer }) })
          }
        })
        assert.strictEqual((yield* Effect.flip(list()))._tag, "DeadLettersUnavailable", answer)
      }
    })
  )

  it.effect("need their binding", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(CloudflareDeadLetters.make({ namespace: undefined as never }))
      if (Exit.isSuccess(exit)) return assert.fail("it was built")
      assert.match(
        String(Cause.squash(exit.cause)),
        /^Error: the store of dead letters has no Durable Object namespace: the wrangler configuration lacks the binding/
      )
    })
  )
})
