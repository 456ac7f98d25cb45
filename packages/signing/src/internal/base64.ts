/** Base64 of RFC 4648, strict: standard alphabet, padded, unused bits zero, so that bytes have one spelling. */

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
const equals = 61
const invalid = 255

const values = /*#__PURE__*/ (() => {
  const table = new Uint8Array(256).fill(invalid)
  for (let value = 0; value < 64; value++) table[alphabet.charCodeAt(value)] = value
  return table
})()

// A character outside Latin-1 is no index of the table; invalid has a bit that no value has, so it shows in any sum of bits.
const valueAt = (text: string, index: number): number => values[text.charCodeAt(index)] ?? invalid

/** The bytes; undefined for anything but the one spelling of at least one byte. */
export const decode = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  const { length } = text
  if (length === 0 || length % 4 !== 0) return undefined
  const padding = text.charCodeAt(length - 1) !== equals ? 0 : text.charCodeAt(length - 2) !== equals ? 1 : 2
  const bytes = new Uint8Array((length / 4) * 3 - padding)
  const whole = padding === 0 ? length : length - 4
  let seen = 0
  let offset = 0
  for (let index = 0; index < whole; index += 4) {
    const a = valueAt(text, index)
    const b = valueAt(text, index + 1)
    const c = valueAt(text, index + 2)
    const d = valueAt(text, index + 3)
    seen |= a | b | c | d
    bytes[offset++] = (a << 2) | (b >> 4)
    bytes[offset++] = (b << 4) | (c >> 2)
    bytes[offset++] = (c << 6) | d
  }
  if (padding > 0) {
    const a = valueAt(text, whole)
    const b = valueAt(text, whole + 1)
    const c = padding === 1 ? valueAt(text, whole + 2) : 0
    const unused = padding === 1 ? c & 0b11 : b & 0b1111
    if (unused !== 0) return undefined
    seen |= a | b | c
    bytes[offset++] = (a << 2) | (b >> 4)
    if (padding === 1) bytes[offset] = (b << 4) | (c >> 2)
  }
  return seen > 63 ? undefined : bytes
}

// So many arguments every engine takes.
const piece = 4096

/** The text of bytes. */
export const encode = (bytes: Uint8Array): string => {
  let binary = ""
  for (let at = 0; at < bytes.length; at += piece) {
    binary += String.fromCharCode.apply(null, bytes.subarray(at, at + piece) as unknown as Array<number>)
  }
  return btoa(binary)
}
