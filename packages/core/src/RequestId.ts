/** Request numbers for calls whose caller gives none. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0")

/**
 * A number of 32 lower-case hexadecimal digits: 12 of milliseconds since the epoch, 20 random. Sorts by the time
 * of its making and fits the documented limit of 32 characters.
 */
export const make: Effect.Effect<string> = /*#__PURE__*/ Effect.map(Clock.currentTimeMillis, (millis) => {
  // A clock of one's own may stand between two milliseconds.
  let text = hex(Math.floor(millis), 12)
  for (const byte of crypto.getRandomValues(new Uint8Array(10))) text += hex(byte, 2)
  return text
})
