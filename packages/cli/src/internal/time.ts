/** Lengths of time on the command line. */
import * as Effect from "effect/Effect"
import { type Failure, usage } from "./Failure.ts"

/** Milliseconds of a text such as 500ms, 2s or 1m. */
export const millisOf = (text: string): number | undefined => {
  const [, count, unit] = /^(\d{1,7})(ms|s|m)$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * { ms: 1, s: 1000, m: 60_000 }[unit as "ms" | "s" | "m"]
}

/** The value of a flag, in milliseconds. */
export const readTime = (flag: string, text: string): Effect.Effect<number, Failure> => {
  const found = millisOf(text)
  return found === undefined
    ? Effect.fail(usage(`${flag} must be a time such as 500ms, 2s or 1m, found ${JSON.stringify(text)}`))
    : Effect.succeed(found)
}
