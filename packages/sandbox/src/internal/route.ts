/** What a domain adds to the sandbox: for each of its operations, what the platform does. */
import type { Operation } from "@paykka/schemas/Operation"
import type * as Effect from "effect/Effect"
import type { Refusal } from "./refusal.ts"

/** A checked call. */
export interface Call<O extends Operation> {
  /** The merchant that signed; the value of `X-Merch-Id`, empty where the operation forbids it. */
  readonly merchId: string
  readonly input: O["request"]["Type"]
}

/** An operation and its behaviour. */
export interface Route {
  readonly operation: Operation
  readonly handle: (call: Call<Operation>) => Effect.Effect<unknown, Refusal>
}

/** Makes a route; the call is typed by the operation. */
export const route = <O extends Operation>(
  operation: O,
  handle: (call: Call<O>) => Effect.Effect<unknown, Refusal>
): Route => ({ operation, handle: handle as Route["handle"] })

/** What a domain may ask of the sandbox. */
export interface Platform {
  /** Runs an effect after the time that the platform takes for its decisions, in the sandbox's scope. */
  readonly later: (effect: Effect.Effect<void>) => Effect.Effect<void>
  /** Signs and posts a notification, again and again until it is acknowledged or given up. */
  readonly notify: (merchId: string, data: Readonly<Record<string, unknown>>) => Effect.Effect<void>
}
