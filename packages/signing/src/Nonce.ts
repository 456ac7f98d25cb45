/** Random text against replay, made anew for every attempt. */
import * as Effect from "effect/Effect"

/**
 * A nonce of 32 lower-case hexadecimal digits, 128 random bits from WebCrypto.
 *
 * The alphabet is not documented; third-party clients use hexadecimal digits or letters and digits.
 */
export const make: Effect.Effect<string> = /*#__PURE__*/ Effect.sync(() => {
  let text = ""
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) text += byte.toString(16).padStart(2, "0")
  return text
})
