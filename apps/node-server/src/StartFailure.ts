/** Why the service cannot start, in one line that names the variable and the rule, and no secret. */
import type { InvalidConfiguration } from "@paykka/core/Environment"
import type { StoreUnavailable } from "@paykka/payouts/PayoutStore"
import type { InvalidSetting } from "@paykka/payouts/Settings"
import type { InvalidKeyStore } from "@paykka/signing/KeyStore"
import type { InboxQueueUnavailable } from "@paykka/webhook/InboxQueue"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import type { ServeError } from "effect/http/HttpServerError"
import * as SchemaIssue from "effect/SchemaIssue"

/** Why. */
export type StartFailure =
  | Config.ConfigError
  | InvalidConfiguration
  | InvalidKeyStore
  | InvalidSetting
  | InboxQueueUnavailable
  | ServeError
  | StoreUnavailable

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** The variables behind options of the client. */
const variables: Readonly<Record<string, string>> = {
  "environment.baseUrl": "PAYKKA_BASE_URL",
  merchId: "PAYKKA_MERCH_ID",
  timeout: "PAYKKA_TIMEOUT"
}

const reasonOf = (failure: StartFailure): string => {
  switch (failure._tag) {
    case "ConfigError":
      return failure.cause._tag === "SchemaError"
        ? issuesOf(failure.cause.issue)
            .issues.map(({ path = [], message }) => `${path.map(String).join(".")}: ${message}`)
            .join("; ")
        : failure.cause.message
    case "InvalidConfiguration": {
      const { option, detail } = failure
      const variable = option.startsWith("overrides") ? `PAYKKA_OVERRIDES: ${option}` : (variables[option] ?? option)
      return `${variable}: ${detail}`
    }
    case "InvalidSetting":
      return `${failure.variable}: ${failure.rule}`
    case "ServeError":
      return `HOST, PORT: cannot listen there (${(failure.cause as NodeJS.ErrnoException).code})`
    default:
      return failure.message
  }
}

/** In one line; a defect with its trace. Effect's own layers die of a variable that cannot be read. */
export const describe = (cause: Cause.Cause<StartFailure>): string => {
  const error = Cause.squash(cause)
  const isTold = cause.reasons.some(({ _tag }) => _tag === "Fail") || error instanceof Config.ConfigError
  return isTold ? reasonOf(error as StartFailure) : Cause.pretty(cause)
}
