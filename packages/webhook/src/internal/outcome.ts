/** What became of a request: the answer to its sender, a line in the log, a count. */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

/** What to answer the platform. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The answer of a status. The caller learns nothing else: 200 done, 401 not genuine, 500 and 503 try again. */
export const answer = (status: number): Answer => ({
  status,
  headers: { "Content-Type": "application/json", ...(status === 405 ? { Allow: "POST" } : {}) },
  body: "{}"
})

/** The counter's attribute `outcome`. */
export type Outcome = "handled" | "stored" | "duplicate" | "refused" | "failed" | "unavailable"

const counter = /*#__PURE__*/ Metric.counter("paykka_webhook_requests", {
  description: "Requests to the webhook, by outcome and reason",
  incremental: true
})

/** Counts a request, and answers it. The reason is one of few words, never anything that came. */
export const count = (outcome: Outcome, status: number, reason = "none"): Effect.Effect<Answer> =>
  Effect.as(Metric.update(Metric.withAttributes(counter, { outcome, reason }), 1), answer(status))
