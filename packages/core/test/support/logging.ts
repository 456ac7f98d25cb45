/** What a program logs, at any level. */
import { inspect } from "node:util"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"

/** Collects all log lines, each printed with everything in it. */
export const logging = () => {
  const lines: Array<string> = []
  const logger = Logger.make((entry) => {
    lines.push(
      inspect([entry.logLevel, entry.message, entry.cause, entry.fiber.getRef(References.CurrentLogAnnotations)], {
        depth: 9,
        breakLength: Infinity
      })
    )
  })
  return { lines, layer: Layer.merge(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, "All")) }
}
