/** Runs a command, and is the one place that turns how it ends into words and an exit code. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as ExitCode from "../ExitCode.ts"
import { Failure, usage } from "./Failure.ts"
import { AsJson, isColoured, note, print } from "./output.ts"
import type { Module } from "./table.ts"
import { version } from "./version.ts"

/** The words of an error: one line, and what to do. With `--json` an object. */
const describe = ({ message, lines = [], hint, details = {} }: Failure, asJson: boolean): string =>
  asJson
    ? JSON.stringify({ error: { message, ...(hint === undefined ? {} : { hint }), ...details } })
    : [`error: ${message}`, ...lines.map((line) => `  ${line}`), ...(hint === undefined ? [] : [`hint: ${hint}`])].join(
        "\n"
      )

const ofDefect = (cause: Cause.Cause<unknown>): Failure => {
  const [first = ""] = String(Cause.squash(cause)).split("\n")
  const hint =
    process.env["PAYKKA_DEBUG"] === "1"
      ? Cause.pretty(cause)
      : "this is a defect of paykka; PAYKKA_DEBUG=1 shows the stack"
  return new Failure({ exit: ExitCode.defect, message: first, hint })
}

const presenter = (asJson: boolean): CliOutput.Presenter => ({
  present: (event) =>
    Effect.flatMap(CliOutput.Formatter, (formatter) => {
      switch (event._tag) {
        case "Version":
          return print(event.version)
        case "Help": {
          const text = formatter.formatHelpDoc(event.helpDoc)
          return event.reason === "Requested" ? print(text) : note(text)
        }
        case "InvalidInvocation": {
          const message = event.errors.map((error) => error.message.replaceAll(/\s+/g, " ")).join("; ")
          return note(describe(usage(message, `see ${event.commandPath.join(" ")} --help`), asJson))
        }
      }
    })
})

// Warnings of the call engine.
const logger = /*#__PURE__*/ Logger.make(({ logLevel, message }) => {
  const text = (Array.isArray(message) ? message : [message]).map(String).join(" ")
  process.stderr.write(`${logLevel.toLowerCase()}: ${text}\n`)
})

/** Runs the command that the arguments name, of those that are loaded. */
export const run = (modules: ReadonlyArray<Module>, args: ReadonlyArray<string>): void => {
  const asJson = args.includes("--json")
  const root = Command.make("paykka").pipe(
    Command.withSubcommands(modules.map(({ command }) => command(args))),
    Command.withGlobalFlags([AsJson])
  ) as Command.Command<"paykka", unknown, unknown, unknown>
  const services = Layer.mergeAll(
    NodeServices.layer,
    CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] }),
    CliOutput.layer(CliOutput.defaultFormatter({ colors: isColoured(process.stdout) })),
    CliOutput.layerPresenter(presenter(asJson)),
    Logger.layer([logger])
  )
  const program = Command.runWith(root, { version: version() })(args).pipe(
    Effect.as(ExitCode.ok),
    Effect.catchCause((cause) => {
      const error = Cause.squash(cause)
      if (Cause.hasInterruptsOnly(cause)) return Effect.succeed(ExitCode.interrupted)
      // The presenter has told it.
      if (CliError.isCliError(error) && error._tag === "ShowHelp") return Effect.succeed(ExitCode.usage)
      const failure = error instanceof Failure ? error : ofDefect(cause)
      return Effect.as(note(describe(failure, asJson)), failure.exit)
    }),
    Effect.provide(services)
  )
  NodeRuntime.runMain(program, {
    disableErrorReporting: true,
    teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? (exit.value as number) : ExitCode.interrupted)
  })
}
