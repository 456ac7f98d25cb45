/** The fixtures, what they may weigh, and what is said of a figure. */

/** A program of a user, and what it may weigh: minified by rolldown and gzipped, in kB of 1000 bytes. */
export interface Budget {
  readonly fixture: string
  /** The folder of a program of ours that is built already: what is deployed is weighed. Else the fixture is bundled from the packed packages. */
  readonly app?: string
  /** What we want. */
  readonly targetKb: number
  /** What `--check` enforces. */
  readonly limitKb: number
}

export const budgets: ReadonlyArray<Budget> = [
  { fixture: "verify-webhook", targetKb: 22, limitKb: 26 },
  { fixture: "webhook-va", targetKb: 40, limitKb: 46 },
  { fixture: "va-call", targetKb: 50, limitKb: 52 },
  { fixture: "va-call-http", targetKb: 60, limitKb: 61 },
  { fixture: "sdk-payment", targetKb: 54, limitKb: 58 },
  { fixture: "edge-worker", app: "apps/edge-worker", targetKb: 74, limitKb: 75 }
]

export type Verdict = "within target" | "over target" | "over limit"

/** Target and limit are themselves within. */
export const verdict = (gzBytes: number, { targetKb, limitKb }: Budget): Verdict => {
  if (gzBytes <= targetKb * 1000) return "within target"
  return gzBytes <= limitKb * 1000 ? "over target" : "over limit"
}

/** Bytes as kB of 1000 bytes, rounded up: 26 000 bytes are 26.0, 26 001 are 26.1, so no text looks better than its verdict. */
export const kb = (bytes: number): string => (Math.ceil(bytes / 100) / 10).toFixed(1)
