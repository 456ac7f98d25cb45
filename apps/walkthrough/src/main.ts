/**
 * `npm start`: the walkthrough on a local PayKKa; with `PAYKKA_*` variables set, an inquiry against that host instead.
 *
 * `--json` prints one JSON object a line, `--request-id ID` is the application to inquire.
 */
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Inquiry from "./Inquiry.ts"
import { type Step, line } from "./Timeline.ts"
import * as Walkthrough from "./Walkthrough.ts"

const usage = "npm start [-- --json] [-- --request-id ID]"

const readArgs = () => {
  try {
    return parseArgs({ options: { json: { type: "boolean" }, "request-id": { type: "string" } } }).values
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : "invalid arguments"}\nUsage: ${usage}`)
    process.exit(2)
  }
}

const { json = false, "request-id": requestId } = readArgs()
const startedAt = Date.now()

const tell = (step: Step): void => {
  const at_millis = Date.now() - startedAt
  console.log(json ? JSON.stringify({ at_millis, ...step }) : line(step, at_millis))
}

// Any of these says that a real host is meant; what else is missing is then told as an error.
const hostVariables = ["PAYKKA_ENVIRONMENT", "PAYKKA_BASE_URL", "PAYKKA_KEY_ID", "PAYKKA_PRIVATE_KEY", "PAYKKA_PRIVATE_KEY_FILE"]
const toHost = hostVariables.some((name) => process.env[name] !== undefined)

const program: Effect.Effect<void, Error> = toHost ? Inquiry.run(tell, requestId) : Effect.scoped(Walkthrough.run(tell))

// The timeline tells everything; Effect's own logger would write into it.
const exitCode = await Effect.runPromise(
  program.pipe(
    Effect.as(0),
    Effect.catch((error) => Effect.sync(() => (tell({ step: "error", message: error.message }), 1))),
    Effect.provide(Logger.layer([]))
  )
)
process.exitCode = exitCode
