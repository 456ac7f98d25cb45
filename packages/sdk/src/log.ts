/** Where log lines go. */
import * as Cause from "effect/Cause"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"

/** One line of the log. It never holds a key, a signature or the content of a message. */
export interface LogLine {
  /** How serious it is. */
  readonly level: "debug" | "info" | "warn" | "error"
  /** What has happened. */
  readonly message: string
  /** Operation, request id, attempts, duration, status, reason and the like. */
  readonly facts: Readonly<Record<string, unknown>>
  /** What a handler or a function of yours has thrown, where that is what has happened. */
  readonly error?: unknown
}

/** Takes lines; `false`: nothing is logged; left out: what Effect logs goes to the console. */
export type Log = ((line: LogLine) => void) | false | undefined

const levels = {
  All: "debug",
  Trace: "debug",
  Debug: "debug",
  Info: "info",
  Warn: "warn",
  Error: "error",
  Fatal: "error",
  None: "debug"
} as const

/** The logger. */
export const loggerOf = (log: Log): Layer.Layer<never> => {
  if (typeof log !== "function") return Logger.layer(log === false ? [] : [Logger.defaultLogger])
  const logger = Logger.make(({ logLevel, message, cause, fiber }) => {
    try {
      log({
        level: levels[logLevel],
        message: [message].flat().map(String).join(" "),
        facts: fiber.getRef(References.CurrentLogAnnotations),
        ...(cause.reasons.length === 0 ? {} : { error: Cause.squash(cause) })
      })
    } catch {
      // A log that fails must not fail a call, nor have a notification sent again.
    }
  })
  return Layer.merge(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, "Debug"))
}
