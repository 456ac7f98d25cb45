/** What the walkthrough tells, for people or as one JSON object a line. */

/** One thing that happened. */
export type Step =
  | { readonly step: "start"; readonly sandbox: string; readonly webhook: string; readonly merch_id: string }
  | {
      readonly step: "call"
      readonly operation: string
      readonly http_status: number
      readonly millis: number
      readonly attempts: number
      readonly request_id: string | undefined
      readonly status: string | undefined
    }
  | {
      readonly step: "notification"
      readonly kind: string
      readonly verdict: "verified" | "refused"
      readonly http_status: number
      readonly key_id: string
      readonly path: string
      readonly request_id: string | undefined
      readonly status: string | undefined
      readonly what: string
    }
  | { readonly step: "log"; readonly message: string }
  | {
      readonly step: "inquiry"
      readonly base_url: string
      readonly outcome: string
      readonly millis: number
    }
  | { readonly step: "error"; readonly message: string }
  | {
      readonly step: "summary"
      readonly calls: number
      readonly verified: number
      readonly refused: number
      readonly millis: number
    }

const seconds = (millis: number): string => `${(millis / 1000).toFixed(2)} s`.padStart(8)

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

/** One line for a person. */
export const line = (step: Step, elapsedMillis: number): string => {
  switch (step.step) {
    case "start":
      return [
        `A merchant (${step.merch_id}) applies for a collection account on a local PayKKa.`,
        `  PayKKa   ${step.sandbox}`,
        `  merchant ${step.webhook}`,
        ""
      ].join("\n")
    case "call": {
      const facts = `${step.http_status} ${String(step.millis).padStart(4)} ms  ${plural(step.attempts, "attempt").padEnd(10)}`
      const id = step.request_id === undefined ? "" : ` request_id ${step.request_id}`
      return `${seconds(elapsedMillis)}  merchant -> PayKKa  ${step.operation.padEnd(16)} ${facts} ${id}  ${step.status ?? ""}`.trimEnd()
    }
    case "notification": {
      const status = step.status === undefined ? "" : `, status ${step.status}`
      const facts = `${step.http_status} ${step.verdict}: ${step.what} (key ${step.key_id}, path ${step.path}${status})`
      const from = step.verdict === "verified" ? "PayKKa -> merchant" : "forger -> merchant"
      return `${seconds(elapsedMillis)}  ${from}  ${step.kind.padEnd(16)} ${facts}`
    }
    case "log":
      return `${" ".repeat(10)}merchant's log      ${step.message}`
    case "inquiry":
      return `${seconds(step.millis)}  ${step.base_url} answered: ${step.outcome}`
    case "error":
      return `FAILED: ${step.message}`
    case "summary":
      return `\n${plural(step.calls, "signed call")} answered, ${plural(step.verified, "notification")} verified and acknowledged, ${step.refused} tampered copy refused, in ${(step.millis / 1000).toFixed(1)} s.`
  }
}
