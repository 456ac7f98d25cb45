/** A worker that cannot do its work. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Workerd from "../../local/Workerd.ts"
import { bindings } from "../bindings.ts"

/** Declares it. */
export const lacking = (): void => {
  describe("a worker that lacks a key", () => {
    it.effect("is alive, says what it lacks, and turns everything else away", () =>
      Effect.gen(function* () {
        let log = ""
        const { PAYOUT: _, REPLAY_GUARD: __, DEAD_LETTERS: ___, INBOX: ____, ...variables } = bindings
        const { url } = yield* Workerd.start({
          variables: { ...variables, PAYKKA_PRIVATE_KEY: variables.PAYKKA_PLATFORM_PUBLIC_KEY },
          onLog: (text) => {
            log += text
          }
        })
        const statusOf = (path: string, method = "GET") =>
          Effect.promise(async () => {
            const headers = { authorization: `Bearer ${variables.PAYOUTS_TOKEN}` }
            const response = await fetch(url + path, { method, headers, body: method === "POST" ? "{}" : null })
            await response.arrayBuffer()
            return response.status
          })
        assert.strictEqual(yield* statusOf("/health"), 200)
        assert.strictEqual(yield* statusOf("/ready"), 503)
        assert.strictEqual(yield* statusOf("/payouts", "POST"), 503)
        assert.strictEqual(yield* statusOf("/payouts/P-1"), 503)
        assert.strictEqual(yield* statusOf("/hooks/payment", "POST"), 503)
        assert.include(
          log,
          "PAYKKA_PRIVATE_KEY: wanted an RSA private key of at least 2048 bits, found an RSA public key"
        )
        for (const line of variables.PAYKKA_PLATFORM_PUBLIC_KEY.split("\n").filter((part) => part.length > 40)) {
          assert.notInclude(log, line)
        }
      })
    )
  })
}
