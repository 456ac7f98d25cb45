import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Nonce from "../src/Nonce.ts"

describe("Nonce.make", () => {
  it.effect("makes 32 hexadecimal digits, each time others", () =>
    Effect.gen(function* () {
      const nonces = yield* Effect.all(Array.from({ length: 2000 }, () => Nonce.make))
      for (const nonce of nonces) assert.match(nonce, /^[0-9a-f]{32}$/)
      assert.strictEqual(new Set(nonces).size, nonces.length)
    })
  )

  it.effect("uses every digit in every place", () =>
    Effect.gen(function* () {
      const nonces = yield* Effect.all(Array.from({ length: 2000 }, () => Nonce.make))
      // The chance that a digit is missing in some place is below 32 * 16 * (15/16)^2000, about 1e-53.
      for (let place = 0; place < 32; place++) {
        assert.strictEqual(new Set(nonces.map((nonce) => nonce[place])).size, 16)
      }
    })
  )
})
