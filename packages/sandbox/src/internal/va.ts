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

// A header value holds no line feed, so no two pairs give the same key.
const keyOf = (merchId: string, requestId: string): string => `${merchId}\n${requestId}`

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
export const make: (platform: Platform) => Effect.Effect<ReadonlyArray<Route>> = /*#__PURE__*/ Effect.fnUntraced(
  function* (platform) {
    const accounts = yield* Ref.make<Accounts>(new Map())

    /** Takes an application; false when there is one with its number. */
    const take = (key: string, account: Va.Account): Effect.Effect<boolean> =>
      Ref.modify(accounts, (map) => (map.has(key) ? [false, map] : [true, new Map(map).set(key, account)]))

    const enable = (merchId: string, key: string): Effect.Effect<void> =>
      Ref.modify(accounts, (map) => {
        const account = open(map.get(key)!, [...map.keys()].indexOf(key) + 1)
        return [account, new Map(map).set(key, account)]
      }).pipe(Effect.flatMap((account) => platform.notify(merchId, account)))

    return [
      route(Va.apply, ({ merchId, input }) =>
        Effect.gen(function* () {
          const key = keyOf(merchId, input.request_id)
          const account = { ...input, merch_id: merchId, type: input.type ?? "LOCAL" } as Va.Account
          // What the platform does with a repeated request_id is not known; the sandbox gives the first answer again.
          if (yield* take(key, account)) yield* platform.later(enable(merchId, key))
          return { request_id: input.request_id }
        })
      ),
      route(Va.inquiry, ({ merchId, input }) =>
        Effect.flatMap(Ref.get(accounts), (map) => {
          const account = map.get(keyOf(merchId, input.request_id))
          if (account !== undefined) return Effect.succeed(account)
          const explanation = "the merchant has not applied with this request_id"
          return Effect.fail(new Refusal({ code: "010002", explanation }))
        })
      )
    ]
  }
)
