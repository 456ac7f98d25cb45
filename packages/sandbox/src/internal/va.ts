/**
 * Collection accounts: an application is taken, opened after a while, and notified.
 *
 * Documented are the notification and its status `ENABLED`. The state before it has no known name: the account is
 * then answered without a status.
 */
import * as Va from "@paykka/schemas/Va"
import { refuse } from "./refusal.ts"
import { type Route, type World, route } from "./world.ts"

/** The domain. */
export interface Accounts {
  readonly routes: ReadonlyArray<Route>
  /** Whether a merchant has an open account of a currency. */
  readonly isOpen: (merchId: string, currency: string) => boolean
}

/** The domain, over a state of its own. */
export const make = (world: World): Accounts => {
  const accounts = new Map<string, Va.Account>()
  // A header value holds no line feed, so no two pairs give the same key.
  const keyOf = (merchId: string, requestId: string): string => `${merchId}\n${requestId}`

  const openLater = (key: string, account: Va.Account): void =>
    world.later(() => {
      if (world.decide("va").as === "leave") return
      // A number that nobody can mistake for a real one, different for each account.
      const opened = {
        ...account,
        status: "ENABLED",
        account_no: world.number("SANDBOX"),
        bic_swift_code: "SANDBOXX",
        bank_name: "PayKKa Sandbox Bank",
        bank_address: "1 Loopback Road"
      }
      accounts.set(key, opened)
      world.notify(Va.notification, account.merch_id!, opened)
    })

  return {
    routes: [
      route(Va.apply, (call) =>
        world.once(Va.apply, call, () => {
          const { merchId, input } = call
          const account = { ...input, merch_id: merchId, type: input.type ?? "LOCAL" } as Va.Account
          const key = keyOf(merchId, input.request_id)
          accounts.set(key, account)
          openLater(key, account)
          return { request_id: input.request_id }
        })
      ),
      route(
        Va.inquiry,
        ({ merchId, input }) =>
          accounts.get(keyOf(merchId, input.request_id)) ??
          refuse("010002", "the merchant has not applied with this request_id")
      )
    ],
    isOpen: (merchId, currency) =>
      [...accounts.values()].some(
        (account) =>
          account.merch_id === merchId &&
          account.status === "ENABLED" &&
          account.currencies?.includes(currency) === true
      )
  }
}
