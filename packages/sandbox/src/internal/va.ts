/**
 * Collection accounts: an application is taken, opened after a while, and notified.
 *
 * Documented are the notification and its status `ENABLED`. The state before it has no known name: the account is
 * then answered without a status.
 */
import * as Va from "@paykka/schemas/Va"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { Refusal } from "./refusal.ts"
import { type Platform, type Route, route } from "./route.ts"

type Accounts = ReadonlyMap<string, Va.Account>

const keyOf = (merchId: string, requestId: string): string => `${merchId} ${requestId}`

// A number that nobody can mistake for a real one, different for each account.
const open = (account: Va.Account, serial: number): Va.Account => ({
  ...account,
  status: "ENABLED",
  account_no: `SANDBOX${String(serial).padStart(9, "0")}`,
  bic_swift_code: "SANDBOXX",
  bank_name: "PayKKa Sandbox Bank",
  bank_address: "1 Loopback Road"
})

/** The routes of the domain, over a state of their own. */
export const make: (platform: Platform) => Effect.Effect<ReadonlyArray<Route>> = Effect.fnUntraced(function* (platform) {
  const accounts = yield* Ref.make<Accounts>(new Map())
  const put = (key: string, account: Va.Account) => Ref.update(accounts, (map) => new Map(map).set(key, account))

  const enable = (merchId: string, requestId: string): Effect.Effect<void> =>
    Effect.gen(function* () {
      const map = yield* Ref.get(accounts)
      const key = keyOf(merchId, requestId)
      const serial = [...map.keys()].indexOf(key) + 1
      const account = open(map.get(key)!, serial)
      yield* put(key, account)
      yield* platform.notify(merchId, account)
    })

  return [
    route(Va.apply, ({ merchId, input }) =>
      Effect.gen(function* () {
        const key = keyOf(merchId, input.request_id)
        // What the platform does with a repeated request_id is not known; the sandbox gives the first answer again.
        if (!(yield* Ref.get(accounts)).has(key)) {
          yield* put(key, { ...input, merch_id: merchId, type: input.type ?? "LOCAL" } as Va.Account)
          yield* platform.later(enable(merchId, input.request_id))
        }
        return { request_id: input.request_id }
      })
    ),
    route(Va.inquiry, ({ merchId, input }) =>
      Effect.flatMap(Ref.get(accounts), (map) => {
        const account = map.get(keyOf(merchId, input.request_id))
        return account === undefined ? Effect.fail(new Refusal({ code: "010002" })) : Effect.succeed(account)
      })
    )
  ]
})
