/** The service over a store in memory, before a local PayKKa on a port: what it does when it dies at any point, and with whom it shares. */
import { assert, describe, it } from "@effect/vitest"
import * as Balance from "@paykka/balance/Balance"
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as RetryPolicy from "@paykka/core/RetryPolicy"
import * as Forex from "@paykka/forex/Forex"
import * as Payment from "@paykka/payment/Payment"
import * as Faults from "@paykka/sandbox/Faults"
import * as Amount from "@paykka/schemas/Amount"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import * as Paykka from "../src/local/Paykka.ts"
import * as Payout from "../src/Payout.ts"
import * as Payouts from "../src/Payouts.ts"
import { PayoutStore, StoreUnavailable, layerMemory } from "../src/PayoutStore.ts"
import * as Settings from "../src/Settings.ts"

const times = {
  PAYOUTS_SEND_TIME: "1 second",
  // Much longer than a request can lie about in a busy machine: that is what it is for.
  PAYOUTS_SETTLE_TIME: "4 seconds",
  // Few questions: they would keep the machine from answering the others.
  PAYOUTS_FIRST_PAUSE: "20 millis",
  PAYOUTS_LONGEST_PAUSE: "400 millis"
}

/** What happens to the first request of a payment, by its `request_id`. */
const planned = new Map<string, Faults.Fault>()

const faults = [
  undefined,
  Faults.reset({ processed: true }),
  Faults.reset({ processed: false }),
  // It was in a queue of somebody's.
  Faults.reset({ processed: { after: "300 millis" } })
]

const takePlanned = (requestId = ""): Faults.Fault | undefined => {
  const fault = planned.get(requestId)
  planned.delete(requestId)
  return fault
}
const logless = Logger.layer([])

/** A local PayKKa, and the services over its client. */
const world = Effect.gen(function* () {
  const paykka = yield* Paykka.make({
    decidesAfterMillis: 20,
    send: async () => Response.json({}),
    // A confirmation needs five seconds of its quote.
    quoteLifetimeMillis: 8_000,
    // Whoever sends a payment again that was made, pays twice.
    repeatedRequestId: "second-object",
    faults: ({ operation, requestId }) => (operation === "payment.apply" ? takePlanned(requestId) : undefined)
  })
  const { variables, server } = paykka
  const signingKey = { keyId: variables["PAYKKA_KEY_ID"] ?? "", privateKey: variables["PAYKKA_PRIVATE_KEY"] ?? "" }
  const client = PaykkaClient.layer({
    environment: Environment.local(server.baseUrl),
    merchId: Paykka.merchId,
    undocumentedPaths: "allow"
  }).pipe(
    Layer.provide([Layer.provide(Signer.layer, KeyStore.layer({ signingKey })), FetchHttpClient.layer]),
    Layer.provideMerge(Layer.succeed(RetryPolicy.Current, { ...RetryPolicy.standard, baseDelay: "5 millis" }))
  )
  const services = yield* Layer.build(
    Layer.mergeAll(Balance.layer, Forex.layer, Payment.layer).pipe(
      Layer.provideMerge(client),
      Layer.merge(Layer.succeed(Settings.Current, Result.getOrThrow(Settings.read({ ...variables, ...times })))),
      Layer.merge(layerMemory)
    )
  )
  return { paykka, services }
}).pipe(Effect.provide(logless))

type World = Effect.Success<typeof world>

/** A process that dies at its nth write, before it or after it: all its later ones fail too. */
const dyingAt = (store: PayoutStore["Service"], nth: number, isWritten: boolean): PayoutStore["Service"] => {
  let writes = 0
  const dead = Effect.fail(new StoreUnavailable({ detail: "the process has died" }))
  return {
    ...store,
    save: (payout) =>
      Effect.suspend(() => {
        writes++
        if (writes < nth) return store.save(payout)
        return writes === nth && isWritten ? Effect.andThen(store.save(payout), dead) : dead
      })
  }
}

/** One process of the service, on the store that all share. */
const process = ({ services }: World, change: (store: PayoutStore["Service"]) => PayoutStore["Service"] = (s) => s) =>
  Effect.map(
    Layer.build(
      Payouts.layer.pipe(
        Layer.provide(Layer.succeed(PayoutStore, change(Context.get(services, PayoutStore)))),
        Layer.provide(Layer.succeedContext(services))
      )
    ),
    Context.get(Payouts.Payouts)
  )

const settle = (payouts: Payouts.Service, requestId: string): Effect.Effect<Payout.Payout, StoreUnavailable> =>
  Effect.gen(function* () {
    for (;;) {
      const payout = yield* payouts.advance(requestId)
      if (payout !== undefined && Payout.isAtRest(payout)) return payout
      yield* Effect.sleep("20 millis")
    }
  })

const order = ({ paykka }: World, request_id: string, amount: string, source?: object) =>
  Result.getOrThrow(
    Payout.read({
      request_id,
      amount,
      currency: source === undefined ? "EUR" : "USD",
      beneficiary_id: source === undefined ? paykka.payees.EUR : paykka.payees.USD,
      source
    })
  )

const paid = ({ paykka }: World, amount: string) =>
  Effect.map(
    paykka.sandbox.ledger,
    (entries) =>
      entries.filter(
        ({ what, account, amount: booked }) =>
          what === "payment begun" &&
          account === `${Paykka.merchId} held` &&
          Amount.compare(booked, Amount.make(amount)) === 0
      ).length
  )

describe("the service", () => {
  it.live("pays once, at whichever of its writes the process dies", () =>
    Effect.gen(function* () {
      const stage = yield* world
      const survivor = yield* process(stage)
      const cases = [undefined, { currency: "EUR", max_amount: "1000" }].flatMap((source) =>
        faults.flatMap((fault) =>
          Array.from({ length: source === undefined ? 4 : 8 }, (_, index) => index + 1).flatMap((nth) =>
            [false, true].map((isWritten) => ({ source, fault, nth, isWritten }))
          )
        )
      )
      const seen = yield* Effect.forEach(
        cases,
        ({ source, fault, nth, isWritten }, index) =>
          Effect.gen(function* () {
            const [requestId, amount] = [`R-${index}`, `${100 + index}.01`]
            if (fault !== undefined) planned.set(requestId, fault)
            yield* survivor.submit(order(stage, requestId, amount, source))
            const victim = yield* process(stage, (store) => dyingAt(store, nth, isWritten))
            yield* Effect.ignore(settle(victim, requestId))
            const { state, problem } = yield* settle(survivor, requestId)
            // A quote whose confirmation was recorded and never sent looks like one that was: a person decides.
            if (state === "held") assert.match(problem ?? "", /nobody knows whether the quote/)
            else assert.strictEqual(state, "paid", `${requestId}: ${problem}`)
            return { isQuoted: source !== undefined, amount, nth, isWritten, state }
          }),
        { concurrency: 96 }
      )
      // What was in a queue has come out of it by now.
      yield* Effect.sleep("500 millis")
      for (const { amount, nth, isWritten, state } of seen) {
        const payments = yield* paid(stage, amount)
        assert.strictEqual(payments, state === "paid" ? 1 : 0, `${amount}, dead at write ${nth}, written: ${isWritten}`)
      }
      // Where the process died between the record of the confirmation and its sending; elsewhere only if the machine was too slow to send it.
      for (const { isQuoted, nth, isWritten, state } of seen) {
        if (isQuoted && nth === 2 && isWritten) assert.strictEqual(state, "held")
        if (!isQuoted) assert.strictEqual(state, "paid")
      }
    }).pipe(Effect.scoped, Effect.provide(logless))
  )

  it.live("rejects what is refused for its own sake only, and holds what PayKKa may have already", () =>
    Effect.gen(function* () {
      const stage = yield* world
      const refusing = (code: string) => Faults.platformError(code, { processed: false })
      const cases = [
        // Our key, limits and paths are put right by somebody; the order is good.
        { fault: refusing("010100"), state: "paid" },
        { fault: refusing("010001"), state: "paid" },
        { fault: Faults.gateway(404, { processed: false }), state: "paid" },
        { fault: refusing("010000"), state: "rejected" },
        { fault: refusing("010003"), state: "rejected" },
        { fault: refusing("010004"), state: "held" }
      ]
      const survivor = yield* process(stage)
      const settled = yield* Effect.forEach(
        cases,
        ({ fault }, index) =>
          Effect.gen(function* () {
            planned.set(`F-${index}`, fault)
            yield* survivor.submit(order(stage, `F-${index}`, `${500 + index}.02`))
            const { state } = yield* settle(survivor, `F-${index}`)
            assert.strictEqual(yield* paid(stage, `${500 + index}.02`), state === "paid" ? 1 : 0)
            return state
          }),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        settled,
        cases.map(({ state }) => state)
      )
    }).pipe(Effect.scoped, Effect.provide(logless))
  )

  it.live("tries again what it was too slow to send", () =>
    Effect.gen(function* () {
      const stage = yield* world
      let isSlow = true
      const slow = yield* process(stage, (store) => ({
        ...store,
        save: (payout) =>
          Effect.tap(store.save(payout), () => {
            const wait = isSlow && payout.state === "paying" ? "400 millis" : 0
            if (payout.state === "paying") isSlow = false
            return Effect.sleep(wait)
          })
      }))
      yield* slow.submit(order(stage, "slow", "600.03"))
      assert.strictEqual((yield* settle(slow, "slow")).state, "paid")
      assert.isFalse(isSlow)
      assert.strictEqual(yield* paid(stage, "600.03"), 1)
    }).pipe(Effect.scoped, Effect.provide(logless))
  )
})
