/** Request numbers for calls whose caller gives none. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { hex } from "./internal/hex.ts"

/**
 * A number of 32 lower-case hexadecimal digits: 12 of milliseconds since the epoch, 20 random. Sorts by the time
 * of its making and fits the documented limit of 32 characters.
 */
export const make: Effect.Effect<string> = /*#__PURE__*/ Effect.map(Clock.currentTimeMillis, (millis) => {
  // A clock of one's own may stand between two milliseconds.
  const time = Math.floor(millis).toString(16).padStart(12, "0")
  return time + hex(crypto.getRandomValues(new Uint8Array(10)))
})
