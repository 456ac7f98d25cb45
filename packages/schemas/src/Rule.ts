/** Rules about several fields of a message, and the types that say the same to a compiler. */
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"

type Given = Readonly<Record<string, unknown>>

const rule = (
  names: ReadonlyArray<string>,
  holds: (given: number) => boolean,
  description: string
): SchemaAST.Filter<Given> =>
  Schema.makeFilter(
    (value) =>
      holds(names.filter((name) => value[name] !== undefined).length)
        ? undefined
        : { path: [names[0]!], issue: description },
    { description }
  )

/** One of the fields must be given, and not a second one. */
export const exactlyOneOf = (...names: ReadonlyArray<string>): SchemaAST.Filter<Given> =>
  rule(names, (given) => given === 1, `give exactly one of ${names.join(" and ")}`)

/** One of the fields must be given; all may be. */
export const atLeastOneOf = (...names: ReadonlyArray<string>): SchemaAST.Filter<Given> =>
  rule(names, (given) => given >= 1, `give ${names.join(" or ")}`)

type Simplify<A> = { readonly [K in keyof A]: A[K] } & {}
// Without -? a field stays optional, and what is indexed by it may be undefined.
type Present<A, K extends keyof A> = { readonly [P in K]-?: Exclude<A[P], undefined> }

/** `A` with exactly one of the fields `K`. */
export type ExactlyOneOf<A, K extends keyof A> = {
  [One in K]-?: Simplify<
    Omit<A, K> & Present<A, One> & { readonly [Other in keyof Pick<A, Exclude<K, One>>]?: undefined }
  >
}[K]

/** `A` with at least one of the fields `K`. */
export type AtLeastOneOf<A, K extends keyof A> = {
  [One in K]-?: Simplify<Omit<A, One> & Present<A, One>>
}[K]
