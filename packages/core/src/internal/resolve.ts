/** Asks what became of a write. */
import * as Json from "@paykka/schemas/Json"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Resolution, Undecided } from "../Outcome.ts"
import type { PaykkaError } from "../PaykkaError.ts"
import * as Poll from "../Poll.ts"
import type { Query } from "../Query.ts"
import * as ResolvePolicy from "../ResolvePolicy.ts"

/** What an answer to the question holds. */
interface Answer {
  readonly value: unknown
  readonly raw: unknown
}

/** Asks a question: a read, with the retries of its own. */
export type Ask = (query: Query) => Effect.Effect<Answer, PaykkaError>

const undecided = (why: string, rest: Partial<Undecided> = {}): Undecided => ({
  _tag: "Undecided",
  why,
  answer: undefined,
  lastFailure: undefined,
  ...rest
})

/** What an answer says of the write. */
const judge = ({ isDecisive, input }: Query, { value, raw }: Answer): Resolution => {
  if (!isDecisive)
    return undecided("the answer does not tell whether this call has changed the object", { answer: value })
  const members = Json.isObject(raw) ? Object.entries(raw).filter(([, member]) => member !== null) : []
  const named = members.find(([name]) => Object.hasOwn(input, name))
  if (named !== undefined && named[1] !== input[named[0]])
    return undecided(`the answer is about another ${named[0]}`, { answer: value })
  // Whether an answer about nothing means that there is nothing, nobody has documented.
  if (members.length === (named === undefined ? 0 : 1)) return undecided("the answer is empty", { answer: value })
  return { _tag: "Processed", answer: value, raw }
}

/**
 * Asks until it is known whether the write was processed, or the time is over. With a policy that cannot be used it asks nothing.
 *
 * @param givenUpAt when the last request of the write was given up
 */
export const resolve = (
  ask: Ask,
  query: Query,
  givenUpAt: number,
  policy: ResolvePolicy.ResolvePolicy
): Effect.Effect<Resolution> => {
  const faults = ResolvePolicy.faults(policy)
  if (faults.length > 0) {
    return Effect.succeed(undecided(faults.map(({ path, rule }) => `${path} ${rule}`).join("; ")))
  }
  const settledAt = givenUpAt + Duration.toMillis(Duration.fromInputUnsafe(policy.settle))
  const once = Effect.gen(function* (): Effect.fn.Return<Resolution | undefined, PaykkaError> {
    const askedAt = yield* Clock.currentTimeMillis
    const result = yield* Effect.result(ask(query))
    if (Result.isSuccess(result)) return judge(query, result.success)
    if (result.failure.reason._tag !== "NotFound") return yield* result.failure
    if (!query.isDecisive) return undecided("the object is not found", { lastFailure: result.failure })
    return askedAt >= settledAt ? { _tag: "NotProcessed" } : undefined
  })
  return Poll.untilOutcome({
    operation: query.operation,
    key: Object.values(query.input).join(),
    ask: once,
    isOutcome: (resolution) => resolution !== undefined,
    status: () => undefined,
    policy: policy.poll
  }).pipe(
    Effect.map((resolution) => resolution!),
    Effect.catch((error) => {
      const isLate = error._tag === "OutcomePending"
      const lastFailure = isLate ? error.lastFailure : error
      return Effect.succeed(undecided(isLate ? "no clear answer in time" : "the question failed", { lastFailure }))
    })
  )
}
