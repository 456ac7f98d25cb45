/** Lengths of time, as settings have them. */

/** A length of time: milliseconds, or a text such as `"30 seconds"`. */
export type Duration =
  | number
  | `${number} ${"millis" | "second" | "seconds" | "minute" | "minutes" | "hour" | "hours" | "day" | "days"}`
