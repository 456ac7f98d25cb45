/** Failures of others, kept from whoever prints an error: they may hold an address or a password. */
import * as Redacted from "effect/Redacted"

/** What an error says, and the failure that caused it. */
export interface Told {
  readonly detail: string
  readonly cause?: unknown
}

/** The same with its cause hidden. `Redacted.value` shows it. */
export const hidden = ({
  detail,
  cause
}: Told): { readonly detail: string; readonly cause?: Redacted.Redacted<unknown> } =>
  cause === undefined
    ? { detail }
    : { detail, cause: Redacted.isRedacted(cause) ? cause : Redacted.make(cause, { label: "cause" }) }
