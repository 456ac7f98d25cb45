/** What the command line and the environment ask for. */
import { parseArgs } from "node:util"
import * as Result from "effect/Result"
import { type Part, isPart, parts } from "./Part.ts"

export const usage = `Usage: npm start [-- --json] [-- --only PART,...] [-- --request-id ID]

  --json           one JSON object a line
  --only PART,...  tells these parts of the story; what they need happens first, untold. Parts: ${parts.join(", ")}
  --request-id ID  the application to inquire; needs a host: set PAYKKA_KEY_ID, PAYKKA_PRIVATE_KEY and PAYKKA_MERCH_ID`

export interface Args {
  readonly json: boolean
  /** The parts to tell; all where none is named. */
  readonly only: ReadonlyArray<Part>
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

const readParts = (only: string | undefined): Result.Result<ReadonlyArray<Part>, string> => {
  if (only === undefined) return Result.succeed(parts)
  const names = only
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
  const unknown = names.filter((name) => !isPart(name))
  if (names.length === 0) return Result.fail(`--only needs a part; there are: ${parts.join(", ")}`)
  return unknown.length > 0
    ? Result.fail(`--only: there is no part ${JSON.stringify(unknown[0])}; there are: ${parts.join(", ")}`)
    : Result.succeed(names.filter(isPart))
}

/** Reads the arguments, or says what is wrong with them. */
export const read = (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string | undefined>>
): Result.Result<Args, string> => {
  try {
    const options = { json: { type: "boolean" }, only: { type: "string" }, "request-id": { type: "string" } } as const
    const { json = false, only: named, "request-id": requestId } = parseArgs({ args: [...args], options }).values
    const toHost = hostVariables.some((name) => env[name] !== undefined)
    if (requestId !== undefined && !toHost) {
      return Result.fail("--request-id is for an inquiry against a host, and no PAYKKA_* variable names one")
    }
    if (named !== undefined && toHost) {
      return Result.fail("--only is for the story on a local PayKKa, and a PAYKKA_* variable names a host")
    }
    return Result.map(readParts(named), (only) => ({ json, only, requestId, toHost }))
  } catch (error) {
    return Result.fail(error instanceof Error ? error.message : "the arguments cannot be read")
  }
}
