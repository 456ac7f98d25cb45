/**
 * What a sandbox has done, kept outside of it: a sandbox that is built with the same options and this tape has the state that the earlier
 * one had. An entry is one line of JSON: a call that was let in (with its body, and of a file its size and digest), a decision, money that
 * arrived. Who keeps it keeps what was sent: personal data, if that was real.
 *
 * Not kept are signatures, nonces, the log, and notifications that were on their way.
 */

/** Keeps entries. What it throws keeps the sandbox from doing what it was to keep. */
export interface Tape {
  /** All entries, in their order. */
  readonly entries: () => ReadonlyArray<string>
  /** Keeps one more: it survives whatever this tape survives when the function has returned. */
  readonly append: (entry: string) => void
}

/** In memory: for a sandbox that is built again by the same program. */
export const makeMemory = (): Tape => {
  const entries: Array<string> = []
  return { entries: () => [...entries], append: (entry) => void entries.push(entry) }
}
