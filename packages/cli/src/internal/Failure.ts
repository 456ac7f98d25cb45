/** The one error of the commands: what `paykka` says when it does not do what was asked for. */
import * as Data from "effect/Data"
import * as ExitCode from "../ExitCode.ts"

export class Failure
  extends /*#__PURE__*/ Data.TaggedError("Failure")<{
    readonly exit: number
    /** One line, without a secret. */
    readonly message: string
    /** More of it, a line each: all faults of an input. */
    readonly lines?: ReadonlyArray<string> | undefined
    /** What to do about it. */
    readonly hint?: string | undefined
    /** Further members of the error that `--json` prints. */
    readonly details?: Readonly<Record<string, unknown>> | undefined
  }> {}

/** What was asked for failed. */
export const failed = (message: string, hint?: string, details?: Failure["details"]): Failure =>
  new Failure({ exit: ExitCode.failed, message, hint, details })

/** The command line, the configuration or the input is wrong. */
export const usage = (message: string, hint?: string, details?: Failure["details"]): Failure =>
  new Failure({ exit: ExitCode.usage, message, hint, details })
