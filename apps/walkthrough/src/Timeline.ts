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
  | { readonly step: "log"; readonly of: "merchant" | "PayKKa"; readonly message: string }
  | {
      readonly step: "asking"
      readonly base_url: string
      readonly merch_id: string | undefined
      readonly request_id: string
    }
  | { readonly step: "inquiry"; readonly base_url: string; readonly outcome: string; readonly millis: number }
  | { readonly step: "error"; readonly message: string }
  | {
      readonly step: "summary"
      readonly calls: number
      readonly verified: number
      readonly refused: number
      readonly millis: number
    }

const width = 126

const columns = (time: string, who: string, what: string, http: string, tries: string, details: string): string =>
  `${time.padStart(7)}  ${who.padEnd(18)}  ${what.padEnd(15)}  ${http.padEnd(4)}  ${tries.padEnd(5)}  ${details}`.trimEnd()

/** Where the last column begins. */
const indent = columns("", "", "", "", "", "|").length - 1

/** Breaks a text between words so that it fits into the last column. */
const wrap = (text: string): string =>
  text
    .split(/\s+/)
    .reduce<ReadonlyArray<string>>((lines, word) => {
      const last = lines.at(-1)
      if (last === undefined) return [word]
      return indent + last.length + 1 + word.length <= width
        ? [...lines.slice(0, -1), `${last} ${word}`]
        : [...lines, word]
    }, [])
    .join(`\n${" ".repeat(indent)}`)

const seconds = (millis: number): string => `${(millis / 1000).toFixed(2)} s`

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

/** One line for a person, or a few where it is long. */
export const line = (step: Step, elapsedMillis: number): string => {
  const time = seconds(elapsedMillis)
  switch (step.step) {
    case "start":
      return [
        "A merchant applies for a collection account. All of it is real but PayKKa itself: HTTP, RSA keys, signatures.",
        "",
        `  PayKKa    ${step.sandbox}  (a local one, from @paykka/sandbox)`,
        `  merchant  ${step.webhook}  (its webhook; merchant number ${step.merch_id})`,
        "",
        columns("time", "who calls whom", "what", "HTTP", "tries", "")
      ].join("\n")
    case "call": {
      const undecided = step.operation.endsWith(".inquiry") ? "no status" : ""
      const status = step.status === undefined ? undecided : `status ${step.status}`
      const facts = [step.request_id === undefined ? "" : `request_id ${step.request_id}`, status, `${step.millis} ms`]
      const details = facts.filter((fact) => fact !== "").join(", ")
      return columns(
        time,
        "merchant -> PayKKa",
        step.operation,
        String(step.http_status),
        String(step.attempts),
        details
      )
    }
    case "notification": {
      const status = step.status === undefined ? "" : `, status ${step.status}`
      const from = step.verdict === "verified" ? "PayKKa -> merchant" : "forger -> merchant"
      const by = step.verdict === "verified" ? ` (${step.key_id}${status})` : ""
      const details = `${step.verdict}: ${step.what}${by}`
      return columns(time, from, step.kind, String(step.http_status), "", wrap(details))
    }
    case "log":
      return columns("", `${step.of}'s log`, "", "", "", wrap(step.message))
    case "asking": {
      const merchant = step.merch_id === undefined ? "" : `, as merchant ${step.merch_id}`
      return `va.inquiry to ${step.base_url}${merchant}, request_id ${step.request_id}`
    }
    case "inquiry":
      return `answered after ${seconds(step.millis)}: ${step.outcome}`
    case "error":
      return `FAILED: ${step.message}`
    case "summary":
      return [
        "",
        `${plural(step.calls, "signed call")} answered, ${plural(step.verified, "notification")} verified and acknowledged, ` +
          `${step.refused} tampered copy refused, in ${seconds(step.millis)}.`,
        "The same against PayKKa's own sandbox, with one harmless inquiry: apps/walkthrough/README.md says how."
      ].join("\n")
  }
}
