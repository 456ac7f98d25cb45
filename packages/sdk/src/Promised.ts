/** Services of Effect as objects of promises. */
import type * as Operation from "@paykka/schemas/Operation"
import type * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Effect from "effect/Effect"

/** What a call takes besides its own options. */
export interface Abortable {
  /** Ends the call at once: it then rejects, and nobody tells what became of a write. */
  readonly signal?: AbortSignal | undefined
}

/** Settings of one call. */
export interface CallOptions extends PaykkaClient.CallOptions, Abortable {}

/** An operation as a method. */
export interface Method<O extends Operation.Operation> {
  /** Calls the operation. Rejects with `PaykkaError`. */
  (input: Operation.Input<O>, options?: CallOptions): Promise<Operation.Output<O>>
  /** Calls the operation; gives status, headers, `requestId`, the raw answer and the number of requests as well. */
  readonly withResponse: (
    input: Operation.Input<O>,
    options?: CallOptions
  ) => Promise<PaykkaClient.Reply<Operation.Output<O>>>
}

type WithSignal<Arguments extends ReadonlyArray<unknown>> =
  Required<Arguments> extends readonly [...infer Others, infer Options]
    ? [...Others, options?: Options & Abortable]
    : never

/** A function of a service: the same with a promise of its result. */
type PromisedFunction<F> =
  F extends PaykkaClient.Method<infer O>
    ? Method<O>
    : F extends {
          (...first: infer A): Effect.Effect<infer B, unknown>
          (...second: infer C): Effect.Effect<infer D, unknown>
        }
      ? // One that is declared once is inferred twice.
        [A, C] extends [C, A]
        ? (...args: WithSignal<A>) => Promise<B>
        : { (...args: WithSignal<A>): Promise<B>; (...args: WithSignal<C>): Promise<D> }
      : never

/** A service whose functions give promises. */
export type Promised<S> = { readonly [Name in keyof S]: PromisedFunction<S[Name]> }

type Run = <A>(effect: Effect.Effect<A, unknown>, signal: AbortSignal | undefined) => Promise<A>

/** Takes the signal out of the options, which are the last argument. */
const split = (
  args: ReadonlyArray<unknown>
): readonly [args: ReadonlyArray<unknown>, signal: AbortSignal | undefined] => {
  const last = args.at(-1)
  if (typeof last !== "object" || last === null || !("signal" in last)) return [args, undefined]
  const { signal, ...options } = last
  return signal instanceof AbortSignal || signal === undefined
    ? [[...args.slice(0, -1), options], signal]
    : [args, undefined]
}

type Callable = (...args: ReadonlyArray<unknown>) => Effect.Effect<unknown, unknown>

/**
 * Makes promises of a service that is there only when it is first called.
 *
 * @param names the names of its functions
 * @param service the service
 */
export const promised = <S>(
  names: ReadonlyArray<string>,
  service: Effect.Effect<S, unknown>,
  run: Run
): Promised<S> => {
  const call =
    (select: (service: S) => Callable) =>
    (...args: ReadonlyArray<unknown>): Promise<unknown> => {
      const [given, signal] = split(args)
      return run(
        Effect.flatMap(service, (made) => select(made)(...given)),
        signal
      )
    }
  const methods = names.map((name) => {
    const of = (made: S) => made[name as keyof S] as Callable & { readonly withResponse: Callable }
    return [name, Object.assign(call(of), { withResponse: call((made) => of(made).withResponse) })]
  })
  return Object.fromEntries(methods) as Promised<S>
}
