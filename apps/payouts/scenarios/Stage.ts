/** An app before a local PayKKa, and what a scenario does with both. */
import * as Faults from "@paykka/sandbox/Faults"
import * as Amount from "@paykka/schemas/Amount"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import * as Paykka from "../src/local/Paykka.ts"

/** The bearer token of callers. */
export const token = "the-token-of-the-scenarios"

/** Starts an app with these variables; gives its address. It ends with the scope. */
export type Start = (variables: Readonly<Record<string, string>>) => Effect.Effect<string, never, Scope.Scope>

/** What came back. */
export interface Reply {
  readonly status: number
  // JSON, of which a scenario asserts parts.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}

/** A delivery of a notification. */
export interface Delivery {
  readonly path: string
  readonly headers: Headers
  readonly body: string
}

/** The service. */
export interface Service {
  readonly paykka: Paykka.Paykka
  readonly url: string
  readonly post: (order: unknown) => Effect.Effect<Reply>
  readonly get: (requestId: string) => Effect.Effect<Reply>
  /** Asks for a payout until it is in this state. */
  readonly until: (requestId: string, state: string) => Effect.Effect<Reply>
  /** The next requests of these operations have these faults, one after the other. */
  readonly failNext: (operation: string, ...faults: ReadonlyArray<Faults.Fault>) => void
  /** Delivers a notification to the app. */
  readonly deliver: (delivery: Delivery) => Effect.Effect<number>
  /** What PayKKa has sent of a payment; waits for the first. */
  readonly delivered: (requestId: string) => Effect.Effect<Delivery>
  /** How often a payment was made with this amount, in PayKKa's books. */
  readonly payments: (amount: string) => Effect.Effect<number>
  /** What the merchant has to use. */
  readonly available: (currency: string) => Effect.Effect<Amount.Amount>
}

/** See {@link Service}. */
export class Stage extends Context.Service<Stage, Service>()("@paykka/payouts/scenarios/Stage") {}

const authorized = { authorization: `Bearer ${token}`, "content-type": "application/json" }

const replyOf = async (response: Response): Promise<Reply> => {
  const text = await response.text()
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) }
}

/** Short times, so that what lasts minutes lasts moments. */
const times = {
  PAYOUTS_SEND_TIME: "1 second",
  // Longer than a request can lie about in a busy machine.
  PAYOUTS_SETTLE_TIME: "4 seconds",
  PAYOUTS_FIRST_PAUSE: "50 millis",
  PAYOUTS_LONGEST_PAUSE: "200 millis"
}

/** An app on its stage. */
export const layer = (start: Start): Layer.Layer<Stage> =>
  Layer.effect(
    Stage,
    Effect.gen(function* () {
      let url: string | undefined
      const deliveries: Array<Delivery> = []
      const planned = new Map<string, Array<Faults.Fault>>()
      const deliver = async ({ path, headers, body }: Delivery) => {
        const response = await fetch(url + path, { method: "POST", headers, body })
        await response.arrayBuffer()
        return response.status
      }
      const paykka = yield* Paykka.make({
        decidesAfterMillis: 50,
        // Whoever sends a payment again that was made, pays twice.
        repeatedRequestId: "second-object",
        faults: ({ operation }) => planned.get(operation ?? "")?.shift(),
        send: async (request) => {
          const delivery = {
            path: new URL(request.url).pathname,
            headers: request.headers,
            body: await request.text()
          }
          deliveries.push(delivery)
          return new Response("{}", { status: await deliver(delivery) })
        }
      })
      url = yield* start({ ...paykka.variables, ...times, PAYOUTS_TOKEN: token })

      const get = (requestId: string) =>
        Effect.promise(() => fetch(`${url}/payouts/${requestId}`, { headers: authorized }).then(replyOf))
      const until = (requestId: string, state: string): Effect.Effect<Reply> =>
        Effect.flatMap(get(requestId), (reply) => {
          const { body } = reply
          if (body.state === state) return Effect.succeed(reply)
          // Nothing follows these.
          return body.state === "rejected" || body.state === "held"
            ? Effect.die(new Error(`${requestId} is ${body.state} (${body.problem}), not ${state}`))
            : Effect.andThen(Effect.sleep("20 millis"), until(requestId, state))
        })
      const delivered = (requestId: string): Effect.Effect<Delivery> =>
        Effect.suspend(() => {
          const found = deliveries.find(({ body }) => body.includes(requestId))
          return found === undefined
            ? Effect.andThen(Effect.sleep("20 millis"), delivered(requestId))
            : Effect.succeed(found)
        })
      return {
        paykka,
        url,
        post: (order) =>
          Effect.promise(() =>
            fetch(`${url}/payouts`, { method: "POST", headers: authorized, body: JSON.stringify(order) }).then(replyOf)
          ),
        get,
        until,
        failNext: (operation, ...faults) => {
          planned.set(operation, [...faults])
        },
        deliver: (delivery) => Effect.promise(() => deliver(delivery)),
        delivered,
        payments: (amount) =>
          Effect.map(
            paykka.sandbox.ledger,
            (entries) =>
              entries.filter(
                (entry) =>
                  entry.what === "payment begun" &&
                  entry.account === `${Paykka.merchId} held` &&
                  Amount.compare(entry.amount, Amount.make(amount)) === 0
              ).length
          ),
        available: (currency) =>
          Effect.map(paykka.sandbox.ledger, (entries) =>
            Amount.sum(
              entries
                .filter((entry) => entry.account === `${Paykka.merchId} available` && entry.currency === currency)
                .map(({ amount }) => amount)
            )
          )
      }
    })
    // The sandbox warns of what it refuses.
  ).pipe(Layer.provide(Logger.layer([])))
