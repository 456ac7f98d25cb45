/** The Durable Object of a payout: keeps it, makes its signed calls, and wakes up by its alarm when it has to look again. */
import * as Api from "@paykka/payouts/Api"
import * as Payouts from "@paykka/payouts/Payouts"
import { PayoutStore } from "@paykka/payouts/PayoutStore"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { open } from "./App.ts"
import type { Env } from "./Env.ts"
import * as ObjectStore from "./ObjectStore.ts"
import type { Question } from "./Objects.ts"

// It outlives the request: an object's work goes on while the object lives, and its alarm stands behind it.
const background = <R>(work: Effect.Effect<unknown, never, R>) => Effect.flatMap(Effect.forkDetach(work), Fiber.join)

const answer = (question: Question): Effect.Effect<Api.Answer, never, Payouts.Payouts> => {
  switch (question.op) {
    case "post":
      return Api.post(question.order, background)
    case "get":
      return Api.get(question.requestId)
    case "told":
      return Api.told(question.requestId, question.told)
  }
}

/** How long after an alarm the next one comes, if nothing else is known: the object died in between, or a variable cannot be used. */
const again = 60_000

/** Export it from the worker, and name it in the wrangler configuration: a binding, and a migration with `new_sqlite_classes`. */
export class PayoutObject {
  readonly #storage: ObjectStore.Storage
  readonly #env: Env

  constructor({ storage }: { readonly storage: ObjectStore.Storage }, env: Env) {
    this.#storage = storage
    this.#env = env
  }

  /** Answers the worker. */
  async fetch(request: Request): Promise<Response> {
    const question = (await request.json()) as Question
    const { status, body } = (await this.#run(answer(question))) ?? Api.unavailable
    return Response.json(body, { status })
  }

  /**
   * Advances what is due. Cloudflare runs an alarm at least once, and none again that has failed too often: so the next one is set before
   * anything else, and none fails.
   */
  async alarm(): Promise<void> {
    await this.#storage.setAlarm(Date.now() + again)
    const advanced = await this.#run(
      Payouts.Payouts.use(({ advanceDue }) => advanceDue(1)).pipe(
        Effect.catchCause((cause) => Effect.as(Effect.logError("a payout was not advanced", cause), undefined))
      )
    )
    if (advanced !== undefined) await ObjectStore.arm(this.#storage)
  }

  async #run<A>(use: Effect.Effect<A, never, Payouts.Payouts>): Promise<A | undefined> {
    const app = await open(this.#env)
    if (app === undefined) return undefined
    const payouts = Payouts.layer.pipe(
      Layer.provide(Layer.succeed(PayoutStore, ObjectStore.make(this.#storage))),
      Layer.provide(Layer.succeedContext(app.services))
    )
    return Effect.runPromise(Effect.provide(use, payouts))
  }
}
