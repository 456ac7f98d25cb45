/** A client of some domains, with promises. */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Schema from "effect/Schema"
import type { CallOptions } from "./CallOptions.ts"
import { Disposed } from "./Disposed.ts"
import type { Domain } from "./Domain.ts"
import { promised } from "./internal/promised.ts"
import { rejection } from "./internal/rejection.ts"
import { type Settings, layer, retryOf } from "./Settings.ts"

/** Domains under the names that the client is to have them. */
export type Domains = Readonly<Record<string, Domain<unknown>>>

/** A call to an endpoint that the SDK does not know yet. */
export interface EndpointRequest {
  /** The request path, without query. */
  readonly path: string
  /** The JSON object to send. A `request_id` in it is reported in results and errors. */
  readonly body: Readonly<Record<string, unknown>>
  /** Whether the call changes anything. Only a `read` is repeated after a doubtful failure. */
  readonly effect: "read" | "create" | "update"
  /** Whether `X-Merch-Id` is sent. Default: `required`. */
  readonly merchantHeader?: "required" | "optional" | "forbidden" | undefined
}

/** What every client has. */
export interface Base {
  /**
   * Resolves when the settings have been checked and the keys read; rejects with `InvalidConfiguration` where one cannot be used. Not needed:
   * the first call does the same.
   */
  readonly ready: () => Promise<void>
  /**
   * Calls an endpoint that the SDK does not know yet, signed and checked like all others. The `value` of the result is the business object,
   * as it came: read it with a schema of yours.
   */
  readonly request: (request: EndpointRequest, options?: CallOptions) => Promise<PaykkaClient.Reply<unknown>>
  /** Ends what is under way and releases what the client holds; also by `await using`. Later calls reject with `Disposed`. */
  readonly dispose: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** A client of these domains. */
export type Client<D extends Domains> = Base & {
  readonly [Name in keyof D]: D[Name] extends Domain<infer Calls> ? Calls : never
}

/** Settings of a client, and its domains. */
export type ClientSettings<D extends Domains> = Settings & {
  /** The domains that the client is to have, under names of your choice: `{ va, payment }`. */
  readonly domains: D
}

type DomainLayer = Layer.Layer<never, never, PaykkaClient.PaykkaClient>

/** Makes a client of the domains that are named; no other is bundled. Nothing is sent and no key is read before it is needed. */
export const createClient = <const D extends Domains>(settings: ClientSettings<D>): Client<D> => {
  const { domains, ...rest } = settings
  const entries = Object.entries(domains)
  // Which domains there are is known to the type of the client, not to the types within.
  const layers = entries.map(([, domain]) => domain.layer) as unknown as readonly [DomainLayer, ...Array<DomainLayer>]
  const runtime = ManagedRuntime.make(Layer.provideMerge(Layer.mergeAll(...layers), layer(rest as Settings)))
  let ended: Promise<void> | undefined
  const run = async <A>(
    effect: Effect.Effect<A, unknown, PaykkaClient.PaykkaClient>,
    signal: AbortSignal | undefined
  ): Promise<A> => {
    if (ended !== undefined) throw rejection(new Disposed({ wasUnderWay: false }), run)
    signal?.throwIfAborted()
    const exit = await runtime.runPromiseExit(effect, signal === undefined ? {} : { signal })
    if (Exit.isSuccess(exit)) return exit.value
    if (Cause.hasInterruptsOnly(exit.cause)) {
      // As fetch does: what the signal was aborted with, not that a fiber was interrupted.
      signal?.throwIfAborted()
      if (ended !== undefined) throw rejection(new Disposed({ wasUnderWay: true }), run)
    }
    throw rejection(Cause.squash(exit.cause), run)
  }
  const dispose = () => (ended ??= runtime.dispose())
  const policy = retryOf(settings.retry)
  const base: Base = {
    ready: () => run(Effect.void, undefined),
    ...(promised(
      "client",
      Effect.succeed({
        request: (request: EndpointRequest, options: PaykkaClient.CallOptions) =>
          PaykkaClient.PaykkaClient.use((client) => client.request({ ...request, schema: Schema.Unknown }, options))
      }),
      { request: 1 },
      policy,
      run
    ) as Pick<Base, "request">),
    dispose,
    [Symbol.asyncDispose]: dispose
  }
  const made = entries.map(([name, { service, functions }]) => [
    name,
    promised(name, service as Effect.Effect<object>, functions, policy, run)
  ])
  return { ...Object.fromEntries(made), ...base } as Client<D>
}
