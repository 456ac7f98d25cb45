/**
 * Collection accounts: an application is taken, opened after a while, and notified.
 *
 * Documented are the notification and its status `ENABLED`. The state before it has no known name: the account is
 * then answered without a status.
 */
import * as Va from "@paykka/schemas/Va"
import { refuse } from "./refusal.ts"
import { type Route, type World, route } from "./world.ts"

/** What was applied for, and from its opening on the account. */
interface StoredAccount extends Va.ApplyRequest {
  readonly merch_id: string
  readonly status?: string
}

/** The domain. */
export interface Accounts {
  readonly routes: ReadonlyArray<Route>
  /** Whether a merchant has an open account of a currency. */
  readonly isOpen: (merchId: string, currency: string) => boolean
}

/** The domain, over a state of its own. */
export const make = (world: World): Accounts => {
  const accounts: Array<StoredAccount> = []

  const openLater = (account: StoredAccount): void =>
    world.later(() => {
      if (world.decide("va").as === "leave") return
      Object.assign(account, {
        status: "ENABLED",
        // A number that nobody can mistake for a real one, different for each account.
        account_no: world.number("SANDBOX"),
        bic_swift_code: "SANDBOXX",
        bank_name: "PayKKa Sandbox Bank",
        bank_address: "1 Loopback Road"
      })
      world.notify(Va.notification, account.merch_id, { ...account })
    })

  return {
    routes: [
      route(Va.apply, (call) =>
        world.once(Va.apply, call, () => {
          const { merchId, input } = call
          const account = { ...input, merch_id: merchId, type: input.type ?? "LOCAL" }
          accounts.push(account)
          openLater(account)
          return { request_id: input.request_id }
        })
      ),
      route(
        Va.inquiry,
        ({ merchId, input }) =>
          accounts.findLast(({ merch_id, request_id }) => merch_id === merchId && request_id === input.request_id) ??
          refuse("010002", "the merchant has not applied with this request_id")
      )
    ],
    isOpen: (merchId, currency) =>
      accounts.some(
        ({ merch_id, status, currencies = [] }) =>
          merch_id === merchId && status === "ENABLED" && currencies.includes(currency)
      )
  }
}
