/** A client of some domains, with promises. */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import type * as Operation from "@paykka/schemas/Operation"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { AnyDomain, Domain } from "./Domain.ts"
import { type CallOptions, type Promised, promised } from "./Promised.ts"
import { type Settings, layer } from "./Settings.ts"

/** Domains under the names that the client is to have them. */
export type Domains = Readonly<Record<string, AnyDomain>>

/** What every client has. */
export interface Base {
  /**
   * Resolves when the settings have been checked and the keys read; rejects with what is wrong with them. Not needed: the first call does
   * the same.
   */
  readonly ready: () => Promise<void>
  /** Calls an endpoint that the SDK does not know yet, signed and checked like all others. */
  readonly request: <S extends Operation.Codec>(
    request: PaykkaClient.Request<S>,
    options?: CallOptions
  ) => Promise<PaykkaClient.Reply<S["Type"]>>
  /** Ends what is under way and releases what the client holds. Also by `await using`. */
  readonly dispose: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

type DomainLayer = Layer.Layer<never, never, PaykkaClient.PaykkaClient>

/** A client of these domains. */
export type Client<D extends Domains> = Base & {
  readonly [Name in keyof D]: D[Name] extends Domain<infer S, infer _Identifier> ? Promised<S> : never
}

/** Makes a client of the domains that are named; no other is bundled. Nothing is sent and no key is read before it is needed. */
export const createClient = <const D extends Domains>(settings: Settings & { readonly domains: D }): Client<D> => {
  const { domains, ...rest } = settings
  const entries = Object.entries(domains)
  // Which domains there are is known to the type of the client, not to the types within.
  const layers = entries.map(([, domain]) => domain.layer) as unknown as readonly [DomainLayer, ...Array<DomainLayer>]
  const runtime = ManagedRuntime.make(Layer.provideMerge(Layer.mergeAll(...layers), layer(rest as Settings)))
  const run = async <A>(
    effect: Effect.Effect<A, unknown, PaykkaClient.PaykkaClient>,
    signal: AbortSignal | undefined
  ): Promise<A> => {
    signal?.throwIfAborted()
    try {
      return await runtime.runPromise(effect, signal === undefined ? {} : { signal })
    } catch (error) {
      // As fetch does: what the signal was aborted with, not that a fiber was interrupted.
      signal?.throwIfAborted()
      throw error
    }
  }
  const dispose = () => runtime.dispose()
  const base: Base = {
    ready: () => run(Effect.void, undefined),
    request: (request, { signal, ...options } = {}) =>
      run(
        PaykkaClient.PaykkaClient.use((client) => client.request(request, options)),
        signal
      ),
    dispose,
    [Symbol.asyncDispose]: dispose
  }
  const made = entries.map(([name, { service, functions }]) => [
    name,
    promised(functions, service as Effect.Effect<object>, run)
  ])
  return { ...Object.fromEntries(made), ...base } as Client<D>
}
