/** The worker in workerd, before a local PayKKa over HTTP: what can happen to it alone. What it shares with the Node server are the scenarios. */
import { assert, layer } from "@effect/vitest"
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Payment from "@paykka/payment/Payment"
import * as Stage from "@paykka/payouts/scenarios/Stage"
import * as Faults from "@paykka/sandbox/Faults"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Restarting from "../Restarting.ts"

class Worker extends Context.Service<Worker, Restarting.Restarting>()("@paykka/edge-worker/test/Worker") {}

const running = Layer.effectContext(
  Effect.gen(function* () {
    let started: Restarting.Restarting | undefined
    const stage = yield* Layer.build(
      Stage.layer((variables) =>
        Effect.map(Restarting.make(variables), (restarting) => {
          started = restarting
          return restarting.url
        })
      )
    )
    if (started === undefined) return yield* Effect.die(new Error("there is no worker"))
    return Context.add(stage, Worker, started)
  })
)

const both = Effect.all([Stage.Stage, Worker])

/** Asks again until it is so. A limit that only a hang reaches is that of the test. */
const until = (is: Effect.Effect<boolean>): Effect.Effect<void> =>
  Effect.flatMap(is, (done) => (done ? Effect.void : Effect.andThen(Effect.sleep("20 millis"), until(is))))

const eur = ({ paykka }: Stage.Service, request_id: string, amount: string) => ({
  request_id,
  amount,
  currency: "EUR",
  beneficiary_id: paykka.payees.EUR
})

/** Orders a payout, and waits until its payment has arrived, which gets no answer. The order's own answer comes later. */
const payWithoutAnswer = (stage: Stage.Service, requestId: string, amount: string, processed: boolean) =>
  Effect.gen(function* () {
    stage.failNext("payment.apply", Faults.silence({ processed }))
    const posting = yield* Effect.forkChild(Effect.exit(stage.post(eur(stage, requestId, amount))))
    yield* until(
      Effect.map(stage.paykka.sandbox.log, (log) =>
        log.some((entry) => entry.kind === "fault" && entry.requestId === requestId)
      )
    )
    return posting
  })

/** A payment that the merchant makes elsewhere. The worker hears of it, and says so in its log. */
const payElsewhere = ({ paykka }: Stage.Service, request_id: string) =>
  Payment.Payment.use((payment) =>
    payment.apply({ request_id, amount: "1", currency: "EUR", beneficiary_id: paykka.payees.EUR })
  ).pipe(
    Effect.provide(
      Payment.layer.pipe(
        Layer.provide(
          PaykkaClient.layerFetch({
            environment: Environment.local(paykka.server.baseUrl),
            merchId: paykka.variables["PAYKKA_MERCH_ID"]
          })
        ),
        Layer.provide(Signer.layer),
        Layer.provide(
          KeyStore.layer({
            signingKey: {
              keyId: paykka.variables["PAYKKA_KEY_ID"] ?? "",
              privateKey: paykka.variables["PAYKKA_PRIVATE_KEY"] ?? ""
            }
          })
        )
      )
    ),
    Effect.orDie
  )

/** How often the worker has heard of a payment that is not its own. */
const heard = ({ log }: Restarting.Restarting, requestId: string): number =>
  log()
    .split("\n")
    .filter((line) => line.includes("not ours") && line.includes(`'${requestId}'`)).length

const untilHeard = (worker: Restarting.Restarting, requestId: string) =>
  until(Effect.sync(() => heard(worker, requestId) > 0))

const call = ({ url }: Stage.Service, method: string, path: string) =>
  Effect.promise(async () => {
    const response = await fetch(url + path, { method, headers: { authorization: `Bearer ${Stage.token}` } })
    return { status: response.status, body: await response.json() }
  })

/** Declares them. */
export const lives = (): void =>
  layer(running, { excludeTestServices: true })("a worker", (it) => {
    it.effect("is woken up for a payout by its alarm alone, when its object was thrown out of memory", () =>
      Effect.gen(function* () {
        const [stage, { evict }] = yield* both
        yield* Effect.orDie(stage.paykka.server.listen(false))
        const { body } = yield* stage.post(eur(stage, "evicted", "20.01"))
        assert.strictEqual(body.state, "accepted")
        yield* evict("evicted")
        yield* Effect.orDie(stage.paykka.server.listen(true))
        yield* until(Effect.map(stage.payments("20.01"), (payments) => payments > 0))
        yield* stage.until("evicted", "paid")
        assert.strictEqual(yield* stage.payments("20.01"), 1)
      })
    )

    it.effect("pays once when its object or workerd is killed before the answer to a payment, made or not", () =>
      Effect.gen(function* () {
        const [stage, { abort, restart }] = yield* both
        const payouts = [
          { requestId: "killed-1", amount: "21.01", processed: true },
          { requestId: "killed-2", amount: "21.02", processed: false },
          { requestId: "restarted-1", amount: "22.01", processed: true },
          { requestId: "restarted-2", amount: "22.02", processed: false }
        ]
        for (const { requestId, amount, processed } of payouts) {
          const posting = yield* payWithoutAnswer(stage, requestId, amount, processed)
          if (requestId.startsWith("restarted")) continue
          yield* abort(requestId)
          const { status, body } = yield* Effect.flatten(Fiber.join(posting))
          assert.strictEqual(status, 503)
          assert.strictEqual(body.error.code, "unavailable")
        }
        yield* restart
        for (const { requestId, amount } of payouts) {
          yield* stage.until(requestId, "paid")
          assert.strictEqual((yield* stage.post(eur(stage, requestId, amount))).status, 200)
          assert.strictEqual(yield* stage.payments(amount), 1)
        }
      })
    )

    it.effect("handles a notification once, however often it comes, and to another isolate as well", () =>
      Effect.gen(function* () {
        const [stage, worker] = yield* both
        yield* payElsewhere(stage, "elsewhere-1")
        const genuine = yield* stage.delivered("elsewhere-1")
        yield* untilHeard(worker, "elsewhere-1")
        const again = Effect.all(
          Array.from({ length: 4 }, () => stage.deliver(genuine)),
          { concurrency: 4 }
        )
        assert.deepStrictEqual(yield* again, [200, 200, 200, 200])
        yield* worker.restart
        assert.deepStrictEqual(yield* again, [200, 200, 200, 200])
        // What comes later is handled later.
        yield* payElsewhere(stage, "elsewhere-2")
        yield* untilHeard(worker, "elsewhere-2")
        assert.strictEqual(heard(worker, "elsewhere-1"), 1)
      })
    )

    it.effect("lays what is no notification aside, and handles what comes behind it", () =>
      Effect.gen(function* () {
        const [stage, worker] = yield* both
        const inbox = yield* Effect.promise(() => worker.miniflare().getQueueProducer("INBOX"))
        yield* Effect.promise(() => inbox.send("poison"))
        yield* Effect.promise(() => inbox.send({ id: "poison", body: 1 }))
        yield* payElsewhere(stage, "elsewhere-3")
        yield* untilHeard(worker, "elsewhere-3")
        const { body } = yield* call(stage, "GET", "/dead-letters")
        assert.strictEqual(body.dead_letters.length, 2)
        const [{ id, attempts, error }] = body.dead_letters
        assert.match(id, /^foreign-/)
        assert.strictEqual(attempts, 1)
        assert.match(error, /^not a notification/)
        // What holds no notification cannot become one.
        assert.strictEqual((yield* call(stage, "POST", `/dead-letters/replay?id=${id}`)).status, 503)
        assert.strictEqual((yield* call(stage, "GET", `/dead-letters?after=${id}`)).body.dead_letters.length, 1)
        assert.strictEqual((yield* call(stage, "POST", "/dead-letters/replay?id=nobody")).status, 404)
        assert.strictEqual((yield* Effect.promise(() => fetch(`${stage.url}/dead-letters`))).status, 401)
      })
    )

    it.effect("handles a dead letter when an operator says so", () =>
      Effect.gen(function* () {
        const [stage, worker] = yield* both
        yield* payElsewhere(stage, "elsewhere-4")
        const { path, headers, body } = yield* stage.delivered("elsewhere-4")
        yield* untilHeard(worker, "elsewhere-4")
        const id = "letter#1"
        const stored = {
          id,
          path,
          merchId: headers.get("x-merch-id"),
          authorization: JSON.parse(decodeURIComponent(headers.get("authorization") ?? "")),
          key: { fingerprint: "" },
          body: btoa(body),
          receivedAt: 0
        }
        const letter = JSON.stringify({ id, stored, error: "the ledger was closed", attempts: 20, failedAt: 1 })
        yield* Effect.promise(async () => {
          const letters = await worker.miniflare().getDurableObjectNamespace("DEAD_LETTERS")
          await letters
            .get(letters.idFromName("paykka-inbox"))
            .fetch("https://object.invalid/", { method: "POST", body: JSON.stringify({ op: "put", id, letter }) })
        })
        assert.strictEqual(
          (yield* call(stage, "POST", `/dead-letters/replay?id=${encodeURIComponent(id)}`)).status,
          200
        )
        yield* until(Effect.sync(() => heard(worker, "elsewhere-4") === 2))
        const { body: left } = yield* call(stage, "GET", "/dead-letters?after=l")
        assert.deepStrictEqual(left, { dead_letters: [] })
      })
    )

    it.effect("has shown no key, token or account in its log", () =>
      Effect.gen(function* () {
        const [{ paykka }, { log }] = yield* both
        assert.include(log(), "is no notification")
        const pems = ["PAYKKA_PRIVATE_KEY", "PAYKKA_PLATFORM_PUBLIC_KEY"].map((name) => paykka.variables[name] ?? "")
        const lines = pems.flatMap((pem) => pem.split("\n").filter((line) => line !== "" && !line.startsWith("---")))
        assert.isAbove(lines.length, 20)
        for (const secret of [...lines, Stage.token, ...Object.values(paykka.payees)]) assert.notInclude(log(), secret)
      })
    )
  })
