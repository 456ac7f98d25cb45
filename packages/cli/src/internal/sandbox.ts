/** `paykka sandbox`: a local PayKKa. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { usage } from "./Failure.ts"
import * as Port from "./port.ts"
import * as SandboxOptions from "./sandboxOptions.ts"

export const command = () =>
  Command.make(
    "sandbox",
    SandboxOptions.flags(),
    Effect.fnUntraced(function* (given) {
      if (given.env && given.port === 0) return yield* usage("--env needs a --port that is known: 0 is any")
      const keys = yield* SandboxOptions.keysOf(given)
      if (given.env) {
        return yield* SandboxOptions.printSettings(SandboxOptions.settingsOf(given, keys, Port.originOf(given)))
      }
      const { serve } = yield* Effect.promise(() => import("./sandboxServer.ts"))
      return yield* Effect.scoped(serve(given, keys))
    })
  ).pipe(
    Command.withDescription(
      "Run a local PayKKa until Ctrl-C: it verifies signatures, keeps state, takes each object through its life and sends signed notifications. Prints the settings for a shell on stdout, and on stderr each request as it comes; of a refused signature also why. /debugger explains signatures in a browser, /docs describes the API."
    ),
    Command.withShortDescription("Run a local PayKKa"),
    Command.withExamples([
      {
        command: "paykka sandbox --env --folder sandbox",
        description: "make keys, and print the settings of the sandbox"
      },
      { command: `eval "$(paykka sandbox --env --folder sandbox)"`, description: "take the settings into a shell" },
      { command: "paykka sandbox --help", description: "all flags" }
    ])
  )
