/** Lower-case hexadecimal digits. `effect/encoding/Hex` would add its decoder to every client. */
export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
