/**
 * What both apps must do, told once and run against each of them: over HTTP, before a local PayKKa that has bad moments.
 *
 * Every scenario pays an amount that no other one pays, so that PayKKa's books tell how often it was paid.
 */
import { assert, layer } from "@effect/vitest"
import * as Faults from "@paykka/sandbox/Faults"
import * as Amount from "@paykka/schemas/Amount"
import * as Effect from "effect/Effect"
import * as Stage from "./Stage.ts"

interface Scenario {
  readonly name: string
  readonly play: (stage: Stage.Service) => Effect.Effect<unknown>
}

const eur = ({ paykka }: Stage.Service, request_id: string, amount: string) => ({
  request_id,
  amount,
  currency: "EUR",
  beneficiary_id: paykka.payees.EUR
})

const usd = ({ paykka }: Stage.Service, request_id: string, amount: string, max_amount: string) => ({
  request_id,
  amount,
  currency: "USD",
  beneficiary_id: paykka.payees.USD,
  source: { currency: "EUR", max_amount }
})

const scenarios: ReadonlyArray<Scenario> = [
  {
    name: "pays a payout once, and tells its way",
    play: (stage) =>
      Effect.gen(function* () {
        const before = yield* stage.available("EUR")
        const { status, body } = yield* stage.post({ ...eur(stage, "same-1", "11.01"), postscript: "invoice 4711" })
        assert.include([200, 202], status)
        assert.strictEqual(body.request_id, "same-1")
        const paid = yield* stage.until("same-1", "paid")
        assert.strictEqual(paid.body.amount, "11.01")
        assert.strictEqual(paid.body.status, "SANDBOX_PAID")
        assert.strictEqual(yield* stage.payments("11.01"), 1)
        assert.strictEqual(yield* stage.available("EUR"), Amount.sum([before, Amount.make("-11.01")]))
        // What is for the payee's eyes only.
        assert.notInclude(JSON.stringify(paid.body), "invoice")
      })
  },
  {
    name: "converts first where it is paid from another currency, within the limit",
    play: (stage) =>
      Effect.gen(function* () {
        yield* stage.post(usd(stage, "convert-1", "22.02", "30"))
        const { body } = yield* stage.until("convert-1", "paid")
        assert.isString(body.conversion_order_no)
        assert.strictEqual(yield* stage.payments("22.02"), 1)
      })
  },
  {
    name: "converts nothing beyond the limit",
    play: (stage) =>
      Effect.gen(function* () {
        const before = yield* stage.available("EUR")
        yield* stage.post(usd(stage, "limit-1", "33.03", "0.01"))
        const { body } = yield* stage.until("limit-1", "rejected")
        assert.match(body.problem, /sell_amount is .*, the limit is at most 0.01/)
        assert.strictEqual(yield* stage.available("EUR"), before)
        assert.strictEqual(yield* stage.payments("33.03"), 0)
      })
  },
  {
    name: "pays nothing that the balance does not cover",
    play: (stage) =>
      Effect.gen(function* () {
        yield* stage.post(eur(stage, "poor-1", "99999999.04"))
        const { body } = yield* stage.until("poor-1", "rejected")
        assert.match(body.problem, /balance in EUR does not cover it/)
        assert.strictEqual(yield* stage.payments("99999999.04"), 0)
      })
  },
  {
    name: "takes the same order again for the same payout, however often and at once",
    play: (stage) =>
      Effect.gen(function* () {
        const order = eur(stage, "again-1", "44.04")
        const replies = yield* Effect.all(
          Array.from({ length: 8 }, () => stage.post(order)),
          { concurrency: 8 }
        )
        for (const { status } of replies) assert.include([200, 202], status)
        yield* stage.until("again-1", "paid")
        assert.strictEqual((yield* stage.post({ ...order, amount: "44.040" })).status, 200)
        assert.strictEqual(yield* stage.payments("44.04"), 1)
      })
  },
  {
    name: "refuses another order under a number that is taken",
    play: (stage) =>
      Effect.gen(function* () {
        yield* stage.post(eur(stage, "other-1", "55.05"))
        const { status, body } = yield* stage.post(eur(stage, "other-1", "55.06"))
        assert.strictEqual(status, 409)
        assert.strictEqual(body.error.code, "other_order")
        yield* stage.until("other-1", "paid")
        assert.strictEqual(yield* stage.payments("55.06"), 0)
      })
  },
  {
    name: "names every fault of an order, and sends nothing of it",
    play: (stage) =>
      Effect.gen(function* () {
        // What is sent of a new order; of older ones something may still be on its way.
        const sent = Effect.map(
          stage.paykka.sandbox.log,
          (log) =>
            log.filter(
              (entry) =>
                entry.kind === "request" &&
                ["balance.inquiry", "forex.preorder", "payment.apply"].includes(entry.operation ?? "")
            ).length
        )
        const sentBefore = yield* sent
        const { status, body } = yield* stage.post({
          request_id: "no blanks",
          amount: 1.5,
          currency: "euro",
          beneficary_id: "misspelt"
        })
        assert.strictEqual(status, 400)
        const paths = body.error.faults.map(({ path }: { readonly path: string }) => path)
        assert.includeMembers(paths, ["request_id", "amount", "currency", "beneficary_id", "beneficiary_id"])
        for (const order of [
          { ...eur(stage, "zero-1", "0") },
          { ...eur(stage, "less-1", "-1") },
          { ...usd(stage, "zero-2", "1", "0") },
          { ...eur(stage, "self-1", "1"), source: { currency: "EUR", max_amount: "2" } },
          [],
          null,
          "text"
        ]) {
          assert.strictEqual((yield* stage.post(order)).status, 400, JSON.stringify(order))
        }
        assert.strictEqual(yield* sent, sentBefore)
      })
  },
  {
    name: "pays once where the answer to a payment that was made is lost",
    play: (stage) =>
      Effect.gen(function* () {
        stage.failNext("payment.apply", Faults.reset({ processed: true }))
        yield* stage.post(eur(stage, "lost-1", "66.06"))
        yield* stage.until("lost-1", "paid")
        assert.strictEqual(yield* stage.payments("66.06"), 1)
      })
  },
  {
    name: "pays once where a payment and its question are both cut off",
    play: (stage) =>
      Effect.gen(function* () {
        stage.failNext("payment.apply", Faults.reset({ processed: false }))
        stage.failNext("payment.inquiry", Faults.gateway(502, { processed: false }))
        yield* stage.post(eur(stage, "cut-1", "77.07"))
        yield* stage.until("cut-1", "paid")
        assert.strictEqual(yield* stage.payments("77.07"), 1)
      })
  },
  {
    name: "tries again what a busy platform did not take",
    play: (stage) =>
      Effect.gen(function* () {
        const busy = Faults.platformError("010001", { processed: false })
        stage.failNext("payment.apply", busy, busy, busy, busy)
        yield* stage.post(eur(stage, "busy-1", "88.08"))
        yield* stage.until("busy-1", "paid")
        assert.strictEqual(yield* stage.payments("88.08"), 1)
      })
  },
  {
    name: "keeps an order while PayKKa is away, and pays it later",
    play: (stage) =>
      Effect.gen(function* () {
        yield* Effect.orDie(stage.paykka.server.listen(false))
        const { status, body } = yield* stage.post(eur(stage, "away-1", "12.12"))
        assert.strictEqual(status, 202)
        assert.strictEqual(body.state, "accepted")
        yield* Effect.orDie(stage.paykka.server.listen(true))
        yield* stage.until("away-1", "paid")
        assert.strictEqual(yield* stage.payments("12.12"), 1)
      })
  },
  {
    name: "tells of a payment that failed, and of one that came back",
    play: (stage) =>
      Effect.gen(function* () {
        yield* stage.paykka.sandbox.decide("payment", "fail", "the account is closed")
        yield* stage.post(eur(stage, "fail-1", "13.13"))
        const failed = yield* stage.until("fail-1", "failed")
        assert.strictEqual(failed.body.status, "SANDBOX_FAILED")
        yield* stage.paykka.sandbox.decide("payment", "return", "the account is closed")
        yield* stage.post(eur(stage, "return-1", "14.14"))
        const returned = yield* stage.until("return-1", "failed")
        assert.strictEqual(returned.body.status, "SANDBOX_RETURNED")
      })
  },
  {
    name: "takes a notification twice, and believes no older one and no forged one",
    play: (stage) =>
      Effect.gen(function* () {
        yield* stage.post(eur(stage, "news-1", "15.15"))
        yield* stage.until("news-1", "paid")
        const genuine = yield* stage.delivered("news-1")
        assert.strictEqual(yield* stage.deliver(genuine), 200)
        assert.strictEqual(
          yield* stage.deliver({ ...genuine, body: genuine.body.replace("SANDBOX_PAID", "SANDBOX_FAILED") }),
          401
        )
        assert.strictEqual(yield* stage.deliver({ ...genuine, headers: new Headers() }), 401)
        assert.strictEqual((yield* stage.get("news-1")).body.state, "paid")
      })
  },
  {
    name: "shows nothing to who has no token, and says what is not there",
    play: (stage) =>
      Effect.promise(async () => {
        const call = async (path: string, init?: RequestInit) => {
          const response = await fetch(stage.url + path, init)
          await response.arrayBuffer()
          return response.status
        }
        const authorization = `Bearer ${Stage.token}`
        assert.strictEqual(await call("/payouts/same-1"), 401)
        assert.strictEqual(await call("/payouts/same-1", { headers: { authorization: "Bearer wrong" } }), 401)
        assert.strictEqual(await call("/payouts", { method: "POST", body: "{}" }), 401)
        assert.strictEqual(await call("/payouts/nobody", { headers: { authorization } }), 404)
        assert.strictEqual(await call("/nothing", { headers: { authorization } }), 404)
        assert.strictEqual(await call("/payouts", { headers: { authorization } }), 405)
        assert.strictEqual(await call("/payouts", { method: "POST", headers: { authorization }, body: "{" }), 400)
        const large = JSON.stringify({ postscript: "x".repeat(20_000) })
        assert.strictEqual(await call("/payouts", { method: "POST", headers: { authorization }, body: large }), 413)
        assert.strictEqual(await call("/health"), 200)
        assert.strictEqual(await call("/ready"), 200)
      })
  }
]

/** Plays all scenarios against an app. */
export const play = (app: string, start: Stage.Start): void => {
  layer(Stage.layer(start), { excludeTestServices: true })(`scenarios of ${app}`, (it) => {
    for (const { name, play: scene } of scenarios) {
      it.effect(name, () => Effect.flatMap(Stage.Stage, scene))
    }
  })
}
