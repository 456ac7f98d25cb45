/** A process that only encodes and decodes, with Effect's compiler of schemas where `JIT` is `on`. */
import { account, application } from "./messages.ts"

/** What it is told: which of its tasks to do for how long. It answers with the microseconds of one. */
export interface Order {
  readonly task: string
  readonly millis: number
}

// Before anything that may use a schema.
if (process.env["JIT"] === "on") await import("effect/schema/SchemaJITCompiler/enable")
const Onboarding = await import("@paykka/schemas/Onboarding")
const Operation = await import("@paykka/schemas/Operation")
const Va = await import("@paykka/schemas/Va")
const Result = await import("effect/Result")
const SchemaParser = await import("effect/SchemaParser")

/** An onboarding application as an answer would be read, which has the largest schema that there is. */
const received = { response: Onboarding.ApplyRequest, aliases: {} }

const accountOf = SchemaParser.decodeUnknownResult(Va.InquiryResponse, { errors: "all" })
const applicationOf = SchemaParser.decodeUnknownResult(Onboarding.ApplyRequest, { errors: "all" })

/** Each tells whether the message fits. */
const tasks: Readonly<Record<string, () => boolean>> = {
  "va.inquiry: decode the answer": () => Result.isSuccess(Operation.decodeResponse(Va.inquiry, account)),
  "va.inquiry: its schema alone": () => Result.isSuccess(accountOf(account)),
  "onboarding.apply: encode the request": () =>
    Result.isSuccess(Operation.encodeRequest(Onboarding.apply, application)),
  "onboarding.apply: decode the request": () => Result.isSuccess(Operation.decodeResponse(received, application)),
  "onboarding.apply: its schema alone": () => Result.isSuccess(applicationOf(application))
}

const measure = ({ task, millis }: Order): number => {
  const run = tasks[task]
  if (run === undefined) throw new Error(`there is no task ${task}`)
  const begin = performance.now()
  let count = 0
  let elapsed: number
  do {
    for (let i = 0; i < 100; i++) {
      if (!run()) throw new Error(`${task}: the message does not fit`)
    }
    count += 100
    elapsed = performance.now() - begin
  } while (elapsed < millis)
  return (elapsed * 1000) / count
}

process.on("message", (order: Order) => process.send?.(measure(order)))
process.once("disconnect", () => process.exit())
process.send?.(Object.keys(tasks))
