/** Calls an object of ours. Every call may be made twice without harm. */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { ObjectNamespace } from "../Bindings.ts"

/** A call had no answer. */
export class ObjectFailed
  extends /*#__PURE__*/ Data.TaggedError("ObjectFailed")<{
    readonly detail: string
    readonly cause?: unknown
  }> {}

// What Cloudflare and our own objects throw says what is wrong, and holds neither an address nor a password.
const failed = (cause: unknown): ObjectFailed =>
  new ObjectFailed({
    detail: `its Durable Object failed: ${(cause instanceof Error ? cause.message : String(cause)).slice(0, 300)}`,
    cause
  })

// Cloudflare says so where it pays to ask again, as when the object was just moved or its code replaced.
const isPassing = ({ cause }: ObjectFailed): boolean => {
  const { retryable, overloaded } = (cause ?? {}) as { readonly retryable?: unknown; readonly overloaded?: unknown }
  return retryable === true && overloaded !== true
}

/** Posts a request to the object of that name. Fails after `timeout`; what was asked may be done all the same. */
export const ask = (
  namespace: ObjectNamespace,
  name: string,
  request: object,
  timeout: Duration.Input
): Effect.Effect<unknown, ObjectFailed> =>
  Effect.tryPromise({
    try: async (): Promise<unknown> => {
      // A stub that has failed once stays broken, and none may be kept for another request.
      const stub = namespace.get(namespace.idFromName(name))
      const response = await stub.fetch("https://object.invalid/", { method: "POST", body: JSON.stringify(request) })
      const text = await response.text()
      if (response.status !== 200) throw new Error(`it answered ${response.status}; is its class the right one?`)
      return JSON.parse(text)
    },
    catch: failed
  }).pipe(
    Effect.retry({ schedule: Schedule.exponential("100 millis"), times: 2, while: isPassing }),
    Effect.timeoutOrElse({
      duration: timeout,
      orElse: () => Effect.fail(new ObjectFailed({ detail: "its Durable Object did not answer in time" }))
    })
  )

/** Throws where it is no Durable Object namespace: a defect of the program or of its configuration. */
export const checkNamespace = (namespace: ObjectNamespace, what: string): void => {
  const given = namespace as unknown as Readonly<Record<string, unknown>> | null | undefined
  if (given === undefined || given === null) {
    throw new Error(
      `${what} has no Durable Object namespace: the wrangler configuration lacks the binding, or names it otherwise`
    )
  }
  if (typeof given["idFromName"] === "function") return
  if (typeof given["getWithMetadata"] === "function") {
    throw new Error(
      `${what} was given a KV namespace, which is not atomic: two deliveries that arrive together would both find nothing, ` +
        "and elsewhere a write shows up to a minute later; give it a Durable Object namespace"
    )
  }
  throw new Error(`${what} was given something that is no Durable Object namespace`)
}
