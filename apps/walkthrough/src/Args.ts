/** What the command line and the environment ask for. */
import { parseArgs } from "node:util"
import * as Result from "effect/Result"

export const usage = `Usage: npm start [-- --json] [-- --request-id ID]

  --json           one JSON object a line
  --request-id ID  the application to inquire; needs a host: set PAYKKA_KEY_ID, PAYKKA_PRIVATE_KEY and PAYKKA_MERCH_ID`

export interface Args {
  readonly json: boolean
  /** The application to inquire. */
  readonly requestId: string | undefined
  /** Whether a host is meant, and not a local PayKKa. */
  readonly toHost: boolean
}

// Any of these says that a host is meant; what else is missing is then told as an error.
const hostVariables = [
  "PAYKKA_ENVIRONMENT",
  "PAYKKA_BASE_URL",
  "PAYKKA_MERCH_ID",
  "PAYKKA_KEY_ID",
  "PAYKKA_PRIVATE_KEY",
  "PAYKKA_PRIVATE_KEY_FILE"
]

/** Reads the arguments, or says what is wrong with them. */
export const read = (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string | undefined>>
): Result.Result<Args, string> => {
  try {
    const options = { json: { type: "boolean" }, "request-id": { type: "string" } } as const
    const { json = false, "request-id": requestId } = parseArgs({ args: [...args], options }).values
    const toHost = hostVariables.some((name) => env[name] !== undefined)
    return requestId === undefined || toHost
      ? Result.succeed({ json, requestId, toHost })
      : Result.fail("--request-id is for an inquiry against a host, and no PAYKKA_* variable names one")
  } catch (error) {
    return Result.fail(error instanceof Error ? error.message : "the arguments cannot be read")
  }
}
