/** The scenarios that both apps share, against the worker in workerd. */
import { play } from "@paykka/payouts/scenarios/scenarios"
import * as Effect from "effect/Effect"
import * as Workerd from "../../local/Workerd.ts"

/** Declares them. */
export const scenarios = (): void =>
  play("the worker", (variables) => Effect.map(Workerd.start({ variables }), ({ url }) => url))
