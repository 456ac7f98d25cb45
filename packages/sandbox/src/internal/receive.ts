/** Takes requests with faults: asks which fault one has, and has it processed when the fault says so. */
import * as Json from "@paykka/schemas/Json"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Faults from "../Faults.ts"
import type { Delivery } from "../Sandbox.ts"
import { toResponse } from "./delivery.ts"

/** A request, read. */
export interface Arrived {
  readonly request: Request
  readonly path: string
  /** Undefined where it did not come to its end. */
  readonly body: Uint8Array<ArrayBuffer> | undefined
}

/** What the sandbox gives. */
export interface Options {
  /** Requests are processed in it, since a caller may go away. */
  readonly scope: Scope.Scope
  readonly operationOf: (path: string) => string | undefined
  /** Notes a fault in the log. */
  readonly note: (facts: Faults.Facts, fault: Faults.Fault) => void
  readonly process: (arrived: Arrived) => Effect.Effect<Response>
  /** Processes a request so many milliseconds after the start of the effect, which ends before. */
  readonly processLater: (arrived: Arrived, after: number) => Effect.Effect<void>
  /** Answers a request for which the source of faults failed. */
  readonly fail: (path: string, operation: string | undefined, detail: string) => Effect.Effect<Response>
}

/** A fault as it is carried out, with its times in milliseconds. */
interface Plan {
  readonly fault: Faults.Fault | undefined
  readonly latency: number
  /** When the request is processed, counted from its arrival. */
  readonly processed: "at once" | "never" | number
  readonly cutAfter: number | undefined
  readonly interval: number | undefined
}

const millis = (name: string, input: Duration.Input): number => {
  const value = Duration.toMillis(Duration.fromInputUnsafe(input))
  if (!Number.isFinite(value)) throw new Error(`${name} must be finite`)
  return value
}

/** Reads a fault. Throws where it has no meaning. */
const planOf = (fault: Faults.Fault | undefined): Plan => {
  const { latency: given, cutAfter, interval, processed = true } = { ...fault } as Partial<Omit<Faults.Other, "_tag">>
  const latency = millis("latency", given ?? 0)
  if (cutAfter !== undefined && !(Number.isInteger(cutAfter) && cutAfter >= 0)) {
    throw new Error("cutAfter must be a whole number from 0")
  }
  const when = (): Plan["processed"] => {
    if (typeof processed === "boolean") return processed ? "at once" : "never"
    return latency + millis("processed.after", processed.after)
  }
  return {
    fault,
    latency,
    processed: when(),
    cutAfter,
    interval: interval === undefined ? undefined : millis("interval", interval)
  }
}

const requestIdOf = (body: Uint8Array): string | undefined => {
  const json = Result.getOrUndefined(Json.parse(new TextDecoder().decode(body)))
  const given = Json.isObject(json) ? json["request_id"] : undefined
  return typeof given === "string" ? given.slice(0, 40) : undefined
}

/** What is delivered: nothing; an answer in place of the sandbox's own; or that, which is there if it was processed. */
const deliveryOf = ({ fault, cutAfter, interval }: Plan, own: Response | undefined): Delivery => {
  if (fault?._tag === "Reset" || fault?._tag === "Silence") return { _tag: fault._tag }
  const response = fault?._tag === "Other" ? toResponse(fault.answer) : own!
  if (fault !== undefined) response.headers.set("x-sandbox-fault", Faults.describe(fault))
  if (fault?._tag === "Other") response.headers.set("x-sandbox-provenance", "unknown")
  return { _tag: "Answer", response, cutAfter, interval }
}

/** Makes what takes requests. */
export const make = (options: Options): ((arrived: Arrived, faults: Faults.Source) => Effect.Effect<Delivery>) => {
  const { scope, operationOf, note, process, processLater, fail } = options
  const asked = new WeakMap<Faults.Source, number>()

  const ask = ({ request: { method }, path, body }: Arrived, faults: Faults.Source): Plan => {
    // A caller that went away while it wrote does not hear of faults.
    if (body === undefined) return planOf(undefined)
    const nth = (asked.get(faults) ?? 0) + 1
    asked.set(faults, nth)
    const facts = { method, path, operation: operationOf(path), requestId: requestIdOf(body), nth }
    const plan = planOf(faults(facts))
    if (plan.fault !== undefined) note(facts, plan.fault)
    return plan
  }

  const begin = (arrived: Arrived, { processed }: Plan): Effect.Effect<Response | undefined> => {
    if (processed === "never") return Effect.undefined
    if (processed === "at once") return process(arrived)
    return Effect.as(processLater(arrived, processed), undefined)
  }

  return (arrived, faults) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const question = Result.try(() => ask(arrived, faults))
        if (Result.isFailure(question)) {
          const { path } = arrived
          const detail = `the source of faults failed: ${String(question.failure)}`
          return { _tag: "Answer", response: yield* fail(path, operationOf(path), detail) }
        }
        const plan = question.success
        const { latency } = plan
        // From the question to the sleep nothing waits: all times run when a program that waited for it goes on.
        const processing = yield* Effect.forkIn(begin(arrived, plan), scope, { startImmediately: true })
        if (latency > 0) yield* restore(Effect.sleep(latency))
        return deliveryOf(plan, yield* restore(Fiber.join(processing)))
      })
    )
}
