/** Balances. What PayKKa answers is not known: the one member is called so that nobody takes it for PayKKa's. */
import * as Balance from "@paykka/schemas/Balance"
import * as Json from "@paykka/schemas/Json"
import { type Pocket, pocket } from "./ledger.ts"
import { type Route, type World, route } from "./world.ts"

/** The routes of the domain. */
export const make = ({ ledger }: World): ReadonlyArray<Route> => [
  route(Balance.inquiry, ({ merchId, input }) => {
    const currencies = input.currency === undefined ? ledger.currencies(merchId) : [input.currency]
    const of = (name: Pocket, currency: string) => Json.rawNumber(ledger.balance(pocket(merchId, name), currency))
    return {
      merch_id: merchId,
      sandbox_balances: currencies.map((currency) => ({
        currency,
        available: of("available", currency),
        held: of("held", currency),
        unsettled: of("unsettled", currency)
      }))
    }
  })
]
