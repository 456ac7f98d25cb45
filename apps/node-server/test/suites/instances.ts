/**
 * Three instances on one database take orders and notifications in turn. One of them is killed the moment it has made a payment, before it
 * hears so. Every payout is paid once, every notification handled.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Paykka from "@paykka/payouts/local/Paykka"
import * as Balance from "@paykka/schemas/Balance"
import * as Payment from "@paykka/schemas/Payment"
import * as SqlDeadLetters from "@paykka/store-sql/SqlDeadLetters"
import { DeadLetters } from "@paykka/webhook/DeadLetters"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { SqlClient } from "effect/sql/SqlClient"
import * as Database from "../../src/Database.ts"
import * as Environment from "../../src/Environment.ts"
import { hasPostgres, postgres, sqlite } from "../databases.ts"
import { between } from "../proxy.ts"
import { type Service, type Variables, startService } from "../service.ts"

const token = "the-token-of-the-instances"

const settings = {
  PAYOUTS_TOKEN: token,
  PAYOUTS_SEND_TIME: "3 seconds",
  PAYOUTS_SETTLE_TIME: "30 seconds",
  PAYOUTS_FIRST_PAUSE: "50 millis",
  PAYOUTS_LONGEST_PAUSE: "200 millis",
  PAYOUTS_INBOX_LOCK_TIME: "3 seconds",
  PAYOUTS_SHUTDOWN_TIME: "2 minutes"
}

/** At least so many payouts, and as many more as come before the victim is dead. */
const payouts = 24

const authorized = { authorization: `Bearer ${token}`, "content-type": "application/json" }

/** Asks until it is so. */
const until = <A, E>(ask: Effect.Effect<A, E>, isSo: (answer: A) => boolean): Effect.Effect<A, E> =>
  Effect.filterOrElse(ask, isSo, () => Effect.andThen(Effect.sleep("20 millis"), until(ask, isSo)))

const play = (variables: Variables) =>
  Effect.gen(function* () {
    let alive: ReadonlyArray<Service> = []
    let turn = 0
    let answered = 0
    const next = () => alive[turn++ % alive.length]!

    const paykka = yield* Paykka.make({
      decidesAfterMillis: 30,
      // Whoever sends a payment again that was made, pays twice.
      repeatedRequestId: "second-object",
      // To each in turn. Where that is dead PayKKa sends it again.
      send: async (request) => {
        const { headers } = request
        const body = await request.text()
        const response = await fetch(`${next().url}/hooks/payment`, { method: "POST", headers, body })
        if (response.status === 200) answered++
        return response
      }
    })
    // A payout of that it is not known whether it was sent is believed to be unsent only after half a minute, for busy machines. So
    // the victim dies, if it can be, while none is between its record and its sending, that is after the answer of the balance.
    let [begun, made] = [0, 0]
    let strike = () => {}
    const proxy = yield* between(paykka.server.baseUrl, (path) => {
      if (path === Balance.inquiry.path) begun++
      if (path !== Payment.apply.path) return undefined
      begun--
      made++
      if (made < 4 || (begun > 0 && made < 16)) return undefined
      strike()
      return new Promise(() => undefined)
    })
    const environment = { ...paykka.variables, ...settings, ...variables }
    const [victim, ...others] = yield* Effect.all(
      [startService({ ...environment, PAYKKA_BASE_URL: proxy }), startService(environment), startService(environment)],
      { concurrency: 3 }
    )
    alive = [victim, ...others]
    strike = () => void victim.child.kill("SIGKILL")
    void victim.ended.then(() => (alive = others))

    /** Orders it of one instance after the other, until one has answered. */
    const order = async (nth: number) => {
      const body = JSON.stringify({
        request_id: `R-${nth}`,
        amount: `${100 + nth}.01`,
        currency: "EUR",
        beneficiary_id: paykka.payees.EUR
      })
      for (;;) {
        try {
          const response = await fetch(`${next().url}/payouts`, { method: "POST", headers: authorized, body })
          await response.arrayBuffer()
          assert.include([200, 202], response.status)
          return
        } catch (error) {
          // It has died.
          if (!(error instanceof TypeError)) throw error
        }
      }
    }
    let ordered = 0
    const buyer = async () => {
      while (ordered < payouts || alive.includes(victim)) await order(ordered++)
    }
    yield* Effect.promise(() => Promise.all(Array.from({ length: 8 }, buyer)))
    assert.strictEqual(yield* Effect.promise(() => victim.ended), "SIGKILL")

    for (let nth = 0; nth < ordered; nth++) {
      const ask = Effect.promise(async () => {
        const response = await fetch(`${next().url}/payouts/R-${nth}`, { headers: authorized })
        return (await response.json()) as { readonly state: string; readonly problem?: string }
      })
      const { state, problem } = yield* until(ask, (payout) =>
        ["paid", "failed", "rejected", "held"].includes(payout.state)
      )
      assert.strictEqual(state, "paid", problem)
    }

    // PayKKa's books: each once, nothing else.
    const entries = yield* paykka.sandbox.ledger
    const booked = entries
      .filter(({ what, account }) => what === "payment begun" && account === `${Paykka.merchId} held`)
      .map(({ amount }) => amount)
    const expected = Array.from({ length: ordered }, (_, nth) => `${100 + nth}.01`)
    assert.sameMembers(booked, expected)
    assert.strictEqual(booked.length, ordered)

    // PayKKa has got rid of each notification, and all that was taken is handled. What was taken and not answered has come twice.
    const told = Effect.map(
      paykka.sandbox.log,
      (log) =>
        log.filter(
          (entry) =>
            entry.kind === "notification" &&
            entry.notification === "payment.notification" &&
            entry.failure === undefined
        ).length
    )
    yield* until(told, (count) => count === ordered)
    const context = yield* Layer.build(
      SqlDeadLetters.layer().pipe(Layer.provideMerge(Database.layer), Layer.provide(Environment.layer(environment)))
    )
    const sql = Context.get(context, SqlClient)
    const kept = sql<{ readonly state: string; readonly n: unknown }>`
      SELECT state, count(*) AS n FROM paykka_inbox GROUP BY state`
    const [handled] = yield* until(kept, (states) => states.every(({ state }) => state === "completed"))
    assert.isAtLeast(Number(handled?.n), answered)
    assert.deepStrictEqual(yield* Context.get(context, DeadLetters).list(), [])

    // They have nothing left to do.
    for (const { child, ended, written } of others) {
      child.kill("SIGTERM")
      assert.strictEqual(yield* Effect.promise(() => ended), 0, written.stderr)
    }
  }).pipe(Effect.scoped, Effect.provide(Logger.layer([])))

const suite = (engine: string, variables: Variables, skip = false) =>
  describe.skipIf(skip)(`three instances on ${engine}`, () => {
    it.live("lose nothing and pay nothing twice when one is killed", () => play(variables))
  })

const inPostgres = postgres()

/** Declares them. */
export const instances = () => {
  suite("SQLite", sqlite())
  suite("PostgreSQL", inPostgres, !hasPostgres)
}
