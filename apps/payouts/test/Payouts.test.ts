/**
 * The service over a store in memory, before a local PayKKa in this process: what it does when it dies at any point. Time passes only where
 * the service waits, for PayKKa too, so no request is late because the machine is slow.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Balance from "@paykka/balance/Balance"
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Forex from "@paykka/forex/Forex"
import * as Payment from "@paykka/payment/Payment"
import * as Faults from "@paykka/sandbox/Faults"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as SandboxTransport from "@paykka/sandbox/SandboxTransport"
import * as Amount from "@paykka/schemas/Amount"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Simulated from "@paykka/tooling-calls/clock.ts"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Paykka from "../src/local/Paykka.ts"
import * as Payout from "../src/Payout.ts"
import * as Payouts from "../src/Payouts.ts"
import { PayoutStore, StoreUnavailable, layerMemory } from "../src/PayoutStore.ts"
import * as Settings from "../src/Settings.ts"

const times = {
  // Its half is a timeout that really lasts: see the clock.
  PAYOUTS_SEND_TIME: "59998 millis",
  PAYOUTS_LONGEST_PAUSE: "1 minute"
}

/** What happens to the first request of a payment, by its `request_id`. */
const planned = new Map<string, Faults.Fault>()

const faults = [
  undefined,
  Faults.reset({ processed: true }),
  Faults.reset({ processed: false }),
  // It was in a queue of somebody's.
  Faults.reset({ processed: { after: "1 minute" } })
]

const takePlanned = (requestId = ""): Faults.Fault | undefined => {
  const fault = planned.get(requestId)
  planned.delete(requestId)
  return fault
}
const logless = Logger.layer([])

/** A local PayKKa, the services over its client, and the time of both. */
const world = Effect.gen(function* () {
  const paykka = yield* Paykka.make({
    send: async () => Response.json({}),
    // Whoever sends a payment again that was made, pays twice.
    repeatedRequestId: "second-object",
    // Signatures are judged by the real time.
    tolerance: "3650 days"
  })
  const { variables, sandbox } = paykka
  const signingKey = { keyId: variables["PAYKKA_KEY_ID"] ?? "", privateKey: variables["PAYKKA_PRIVATE_KEY"] ?? "" }
  const transport = SandboxTransport.layerWith({
    faults: ({ operation, requestId }) => (operation === "payment.apply" ? takePlanned(requestId) : undefined)
  }).pipe(Layer.provide(Layer.succeed(Sandbox.Sandbox, sandbox)))
  const client = PaykkaClient.layer({
    environment: Environment.local(SandboxTransport.baseUrl),
    merchId: Paykka.merchId,
    timeout: Simulated.requestTimeout,
    undocumentedPaths: "allow"
  }).pipe(
    Layer.provide([
      Layer.provide(Signer.layer, KeyStore.layer({ signingKey })),
      Layer.provide(Simulated.onItsOwnTime, transport)
    ])
  )
  const services = yield* Layer.build(
    Layer.mergeAll(Balance.layer, Forex.layer, Payment.layer).pipe(
      Layer.provideMerge(client),
      Layer.merge(Layer.succeed(Settings.Current, Result.getOrThrow(Settings.read({ ...variables, ...times })))),
      Layer.merge(layerMemory)
    )
  )
  const own = yield* Clock.Clock
  const { run } = Simulated.make(Date.now(), (millis) =>
    // What PayKKa then begins, such as deliveries, takes its own time.
    Effect.provideService(sandbox.advance(millis), Clock.Clock, own)
  )
  return { paykka, services, run }
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
      const now = yield* Clock.currentTimeMillis
      yield* Effect.sleep(Math.max(1, (payout?.next_at ?? now) - now))
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

/** A test in a world of its own, on its time. */
const test = (name: string, play: (stage: World) => Effect.Effect<void, StoreUnavailable, Scope.Scope>): void =>
  it.live(name, () =>
    Effect.flatMap(world, (stage) => stage.run(play(stage))).pipe(Effect.scoped, Effect.provide(logless))
  )

describe("the service", () => {
  test("pays once, at whichever of its writes the process dies", (stage) =>
    Effect.gen(function* () {
      const survivor = yield* process(stage)
      const cases = [undefined, { currency: "EUR", max_amount: "1000" }].flatMap((source) =>
        faults.flatMap((fault) =>
          Array.from({ length: source === undefined ? 4 : 8 }, (_, index) => index + 1).flatMap((nth) =>
            [false, true].map((isWritten) => ({ source, fault, nth, isWritten }))
          )
        )
      )
      for (const [index, { source, fault, nth, isWritten }] of cases.entries()) {
        const [requestId, amount] = [`R-${index}`, `${100 + index}.01`]
        const what = `${amount}, dead at write ${nth}, written: ${isWritten}`
        if (fault !== undefined) planned.set(requestId, fault)
        yield* survivor.submit(order(stage, requestId, amount, source))
        const victim = yield* process(stage, (store) => dyingAt(store, nth, isWritten))
        yield* Effect.ignore(settle(victim, requestId))
        const { state, problem } = yield* settle(survivor, requestId)
        // What was in a queue has come out of it by then.
        yield* Effect.sleep("5 minutes")
        // A quote whose confirmation was recorded and never sent looks like one that was: a person decides.
        const isHeld = source !== undefined && nth === 2 && isWritten
        assert.strictEqual(state, isHeld ? "held" : "paid", `${what}: ${problem}`)
        assert.strictEqual(yield* paid(stage, amount), isHeld ? 0 : 1, what)
      }
    }))

  test("rejects what is refused for its own sake only, and holds what PayKKa may have already", (stage) =>
    Effect.gen(function* () {
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
      const settled = yield* Effect.forEach(cases, ({ fault }, index) =>
        Effect.gen(function* () {
          planned.set(`F-${index}`, fault)
          yield* survivor.submit(order(stage, `F-${index}`, `${500 + index}.02`))
          const { state } = yield* settle(survivor, `F-${index}`)
          assert.strictEqual(yield* paid(stage, `${500 + index}.02`), state === "paid" ? 1 : 0)
          return state
        })
      )
      assert.deepStrictEqual(
        settled,
        cases.map(({ state }) => state)
      )
    }))

  test("tries again what it was too slow to send", (stage) =>
    Effect.gen(function* () {
      let isSlow = true
      const slow = yield* process(stage, (store) => ({
        ...store,
        save: (payout) =>
          Effect.tap(store.save(payout), () => {
            const wait = isSlow && payout.state === "paying" ? "40 seconds" : 0
            if (payout.state === "paying") isSlow = false
            return Effect.sleep(wait)
          })
      }))
      yield* slow.submit(order(stage, "slow", "600.03"))
      assert.strictEqual((yield* settle(slow, "slow")).state, "paid")
      assert.isFalse(isSlow)
      assert.strictEqual(yield* paid(stage, "600.03"), 1)
    }))
})
