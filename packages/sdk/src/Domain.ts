/** A domain of the API as a value: what a client is put together of. */
import type * as PaykkaClient from "@paykka/core/PaykkaClient"
import type * as Operation from "@paykka/schemas/Operation"
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { CallOptions } from "./CallOptions.ts"
import type { Method } from "./Calls.ts"

/** How a function is called: `call` for an operation, else how many arguments stand before the options. */
export type Arity = "call" | number

/** A domain with these calls: only those that a program names are bundled. */
export interface Domain<out Calls> {
  readonly service: object
  readonly layer: object
  readonly functions: Readonly<Record<string, Arity>>
  /** Of types only. */
  readonly calls?: Calls
}

/** The options of the engine as a program without Effect gives them. */
type Given<Options> = Omit<Options, "retry"> & Pick<CallOptions, "signal" | "retry">

type WithGiven<Arguments extends ReadonlyArray<unknown>> =
  Required<Arguments> extends readonly [...infer Others, infer Options] ? [...Others, options?: Given<Options>] : never

type Promised<F> =
  F extends PaykkaClient.Method<infer O>
    ? Method<Operation.Input<O>, Operation.Output<O>>
    : F extends {
          (...first: infer A): Effect.Effect<infer B, unknown>
          (...second: infer C): Effect.Effect<infer D, unknown>
        }
      ? // One that is declared once is inferred twice.
        { (...args: WithGiven<A>): Promise<B>; (...args: WithGiven<C>): Promise<D> }
      : never

type Arities<S> = {
  readonly [Name in keyof S]: S[Name] extends { readonly withResponse: unknown } ? "call" : number
}

/** Makes a domain of a service; every function must be named. The type tells what becomes of them. */
export const make = <S, Identifier>(
  service: Context.Key<Identifier, S>,
  layer: Layer.Layer<Identifier, never, PaykkaClient.PaykkaClient>,
  functions: Arities<S>
): Domain<{ readonly [Name in keyof S]: Promised<S[Name]> }> => ({ service, layer, functions: { ...functions } })
