/** What the walkthrough tells, for people or as one JSON object a line. */
import type { Provenance } from "@paykka/schemas"
import type { Part } from "./Part.ts"

/** One thing that happened. */
export type Step =
  | { readonly step: "start"; readonly sandbox: string; readonly webhook: string; readonly merch_id: string }
  | {
      readonly step: "call"
      readonly part: Part
      readonly operation: string
      readonly http_status: number
      readonly millis: number
      readonly attempts: number
      readonly request_id: string | undefined
      /** How sure path, request and response are: as sure as the least sure of them. */
      readonly known: Provenance
      readonly what: string
    }
  | {
      readonly step: "notification"
      readonly part: Part
      readonly kind: string
      readonly verdict: "verified" | "refused"
      readonly http_status: number
      readonly key_id: string
      readonly path: string
      readonly known: Provenance
      readonly what: string
    }
  | { readonly step: "money"; readonly part: Part; readonly what: string }
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

const columns = (time: string, who: string, what: string, http: string, known: string, details: string): string =>
  `${time.padStart(7)}  ${who.padEnd(7)}  ${what.padEnd(24)}  ${http.padEnd(4)}  ${known.padEnd(11)}  ${details}`.trimEnd()

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
        "A merchant's story, from its first file to its first payout. All of it is real but PayKKa itself: HTTP, keys, signatures.",
        "",
        `  PayKKa    ${step.sandbox}  (a local one, from @paykka/sandbox)`,
        `  merchant  ${step.webhook}  (its webhook; merchant number ${step.merch_id})`,
        "  known     how sure path, request and response of PayKKa's API are; unknown: the answer is the sandbox's own",
        "",
        columns("time", "", "operation", "HTTP", "known", "")
      ].join("\n")
    case "call": {
      const tries = step.attempts === 1 ? "" : ` (${step.attempts} attempts)`
      return columns(time, "call", step.operation, String(step.http_status), step.known, wrap(step.what + tries))
    }
    case "notification": {
      const who = step.verdict === "verified" ? "notice" : "forgery"
      const details = wrap(`${step.verdict}: ${step.what}`)
      return columns(time, who, step.kind, String(step.http_status), step.known, details)
    }
    case "money":
      return columns(time, "money", "", "", "", wrap(step.what))
    case "log":
      return columns("", "log", `${step.of}'s`, "", "", wrap(step.message))
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
