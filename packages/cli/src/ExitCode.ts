/** What `paykka` ends with. */

/** Done. */
export const ok = 0

/** What was asked for failed: a refusal of the platform, a key that does not fit, a check of the doctor. */
export const failed = 1

/** The command line, the configuration or the input is wrong. Nothing was sent. */
export const usage = 2

/** It is not known whether the platform processed a write. Ask before it is sent again. */
export const outcomeUnknown = 3

/** A defect of `paykka` itself. */
export const defect = 70

/** Ended by Ctrl-C. */
export const interrupted = 130

/** All of them, with what they mean. */
export const table: ReadonlyArray<readonly [code: number, meaning: string]> = [
  [ok, "done"],
  [failed, "what was asked for failed: refused by the platform, a key that does not fit, a failed check"],
  [usage, "the command line, the configuration or the input is wrong; nothing was sent"],
  [outcomeUnknown, "it is not known whether the platform processed a write: ask before it is sent again"],
  [defect, "a defect of paykka itself"],
  [interrupted, "ended by Ctrl-C"]
]
