/** A domain of the API as a value: what a client is put together of. */
import type { PaykkaClient } from "@paykka/core/PaykkaClient"
import type * as Context from "effect/Context"
import type * as Layer from "effect/Layer"

/** A domain: only those that a program names are bundled. */
export interface Domain<S, Identifier = never> {
  readonly service: Context.Key<Identifier, S>
  readonly layer: Layer.Layer<Identifier, never, PaykkaClient>
  /** The names of its functions. */
  readonly functions: ReadonlyArray<keyof S & string>
}

/** A domain of whatever service. */
export interface AnyDomain {
  readonly service: object
  readonly layer: object
  readonly functions: ReadonlyArray<string>
}

/** Makes a domain; every function of the service must be named. */
export const make = <S, Identifier>(
  service: Context.Key<Identifier, S>,
  layer: Layer.Layer<Identifier, never, PaykkaClient>,
  functions: { readonly [Name in keyof S & string]: true }
): Domain<S, Identifier> => ({
  service,
  layer,
  functions: Object.keys(functions) as Array<never>
})
