/** Asks the object of a payout. */
import type { Order } from "@paykka/payouts/Payout"
import type { Told } from "@paykka/schemas/LifeCycle"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { Env } from "./Env.ts"

/** What is asked: calls of the service. */
export type Question =
  | { readonly op: "post"; readonly order: Order }
  | { readonly op: "get"; readonly requestId: string }
  | { readonly op: "told"; readonly requestId: string; readonly told: Told }

/** The object did not answer. What was asked may be done all the same; it may be asked again. */
export class ObjectUnavailable extends Data.TaggedError("ObjectUnavailable")<{ readonly detail: string }> {
  override get message(): string {
    return `the object of the payout is not available: ${this.detail}`
  }
}

/** Gives the object's answer to the caller of the service. */
export const ask = ({ PAYOUT }: Env, question: Question): Effect.Effect<Response, ObjectUnavailable> =>
  Effect.tryPromise({
    try: () => {
      const requestId = question.op === "post" ? question.order.request_id : question.requestId
      const stub = PAYOUT.get(PAYOUT.idFromName(requestId))
      return stub.fetch("https://payout.invalid/", { method: "POST", body: JSON.stringify(question) })
    },
    catch: (cause) => new ObjectUnavailable({ detail: cause instanceof Error ? cause.message : "unknown error" })
  })

/** Tells the object what PayKKa has told. */
export const tell = (env: Env, requestId: string, told: Told): Effect.Effect<void, ObjectUnavailable> =>
  Effect.flatMap(ask(env, { op: "told", requestId, told }), ({ status }) =>
    status === 200 ? Effect.void : Effect.fail(new ObjectUnavailable({ detail: `it answered ${status}` }))
  )
