/** Where log lines go. */
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"

/** One line of the log. It never holds a key, a signature or the content of a message. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error"
  readonly message: string
  /** Operation, request id, attempts, duration, status, reason and the like. */
  readonly facts: Readonly<Record<string, unknown>>
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
  if (log === undefined) return Logger.layer([Logger.defaultLogger])
  if (log === false) return Logger.layer([])
  const logger = Logger.make(({ logLevel, message, fiber }) => {
    const facts = fiber.getRef(References.CurrentLogAnnotations)
    log({ level: levels[logLevel], message: [message].flat().map(String).join(" "), facts })
  })
  return Layer.merge(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, "Debug"))
}
