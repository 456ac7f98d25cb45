/** Settings of all engines. */
import * as Schedule from "effect/Schedule"

/** How long a process that died keeps what it had taken, in milliseconds. Short, so that the tests end. */
export const lockMillis = 2000

export const guard = { lease: "1500 millis", timeout: "2 seconds" } as const

export const queue = {
  lockExpiration: lockMillis,
  pollInterval: "100 millis",
  retry: Schedule.spaced("10 millis"),
  timeout: "2 seconds"
} as const

export const deadLetters = { timeout: "2 seconds" } as const
