import * as Amount from "@paykka/schemas/Amount"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Domain from "../../core/test/support/domain.ts"
import * as Balance from "../src/Balance.ts"

const start = Domain.starter(Balance.Balance, Balance.layer)

describe("Balance", () => {
  it.effect("asks for all or for one currency, signed", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      yield* service.inquiry({})
      yield* service.inquiry({ currency: "EUR" })
      // Path of contract/balance.yaml.
      assert.deepStrictEqual(Domain.sent(platform), [
        ["/api/v2/merch/balance/inquiry", Domain.merchId, "{}"],
        ["/api/v2/merch/balance/inquiry", Domain.merchId, '{"currency":"EUR"}']
      ])
    })
  )

  it.effect("keeps every digit of an answer whose fields nobody knows", () =>
    Effect.gen(function* () {
      const { service } = yield* start({ body: '{"any":{"amounts":[12345678901234567.10]},"other":0.1}' })
      const answer = yield* service.inquiry({})
      const { amounts } = answer["any"] as { readonly amounts: ReadonlyArray<unknown> }
      assert.deepStrictEqual(Result.getOrThrow(Amount.fromJson(amounts[0])), Amount.make("12345678901234567.10"))
      assert.deepStrictEqual(Result.getOrThrow(Amount.fromJson(answer["other"])), Amount.make("0.1"))
    })
  )

  it.effect("refuses what does not fit before anything is sent", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start()
      const unfit = service.inquiry({ currency: "euro" })
      assert.deepStrictEqual(Domain.faults(yield* Effect.flip(unfit)), [
        "currency: must be three capital letters, such as EUR"
      ])
      assert.strictEqual(platform.received.length, 0)
    })
  )
})
