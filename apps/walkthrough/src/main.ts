/**
 * `npm start`: the walkthrough on a local PayKKa; with `PAYKKA_*` variables set, an inquiry against that host instead.
 *
 * Ends with 0 when all went as it must, 1 when not, 2 when the arguments are wrong.
 */
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import * as Args from "./Args.ts"
import * as Inquiry from "./Inquiry.ts"
import { type Step, line } from "./Timeline.ts"
import * as Walkthrough from "./Walkthrough.ts"

const args = Args.read(process.argv.slice(2), process.env)
if (Result.isFailure(args)) {
  console.error(`${args.failure}\n${Args.usage}`)
  process.exit(2)
}
const { json, only, requestId, toHost } = args.success
const startedAt = performance.now()

const tell = (step: Step): void => {
  const at_millis = Math.round(performance.now() - startedAt)
  if (json) console.log(JSON.stringify({ at_millis, ...step }))
  else if (step.step === "error") console.error(line(step, at_millis))
  else console.log(line(step, at_millis))
}

const program: Effect.Effect<void, { readonly message: string }> = toHost
  ? Inquiry.run(tell, requestId)
  : Effect.scoped(Walkthrough.run(only, tell))

// The timeline tells everything; Effect's own logger would write into it.
const exitCode = await Effect.runPromise(
  program.pipe(
    Effect.as(0),
    Effect.catch((error) =>
      Effect.sync(() => {
        tell({ step: "error", message: error.message })
        return 1
      })
    ),
    Effect.provide(Logger.layer([]))
  )
)
process.exitCode = exitCode
