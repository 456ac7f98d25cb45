/** Services of Effect as objects of functions that give promises. */
import { invalidRequest } from "@paykka/core/PaykkaError"
import type * as RetryPolicy from "@paykka/core/RetryPolicy"
import * as Effect from "effect/Effect"
import { type CallOptions, forEngine } from "../CallOptions.ts"
import type { Arity } from "../Domain.ts"

/** Runs an effect of a client. */
export type Run = <A>(effect: Effect.Effect<A, unknown>, signal: AbortSignal | undefined) => Promise<A>

type Callable = (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, unknown>

/** Also one of another realm, or of a library. */
const isSignal = (signal: unknown): signal is AbortSignal =>
  typeof signal === "object" && signal !== null && "aborted" in signal && "addEventListener" in signal

const notASignal = [{ path: "options.signal", rule: "must be an AbortSignal, such as controller.signal" }]

/**
 * Makes an object of promises of a service that is there only when it is first called.
 *
 * @param domain its name, for errors
 * @param policy the retry policy of the client
 */
export const promised = (
  domain: string,
  service: Effect.Effect<object, unknown>,
  functions: Readonly<Record<string, Arity>>,
  policy: RetryPolicy.RetryPolicy,
  run: Run
): object => {
  const method =
    (name: string, before: number, select: (service: object) => Callable) =>
    (...args: ReadonlyArray<unknown>): Promise<unknown> => {
      const options = (args[before] ?? {}) as CallOptions
      const { signal } = options
      return signal === undefined || isSignal(signal)
        ? run(
            Effect.flatMap(service, (made) => select(made)(...args.slice(0, before), forEngine(options, policy))),
            signal
          )
        : run(Effect.fail(invalidRequest(`${domain}.${name}`, notASignal)), undefined)
    }
  const methods = Object.entries(functions).map(([name, arity]) => {
    const of = (made: object) =>
      (made as Readonly<Record<string, Callable & { readonly withResponse: Callable }>>)[name]!
    return arity === "call"
      ? [name, Object.assign(method(name, 1, of), { withResponse: method(name, 1, (made) => of(made).withResponse) })]
      : [name, method(name, arity, of)]
  })
  return Object.fromEntries(methods) as object
}
