/** What the processes that handle did, in a file to which they only append. */
import { appendFileSync, closeSync, openSync, readSync, writeFileSync } from "node:fs"

/** What may happen to a notification in a process that handles. */
export type What = "taken" | "handled" | "failed" | "given up" | "acknowledged"

/** One line. */
export interface Entry {
  readonly what: What
  /** The notification's id. */
  readonly id: string
  /** Which attempt at it, as the queue counts. */
  readonly attempt: number
  /** The process. */
  readonly pid: number
  /** When, in milliseconds, by a clock that all processes of the machine share and nobody sets. */
  readonly at: number
}

/** See `at` of an entry. */
export const now = (): number => Number(process.hrtime.bigint() / 1_000_000n)

/** Writes lines. */
export interface Journal {
  readonly note: (what: What, id: string, attempt: number) => void
}

/** A line is there before the next step is taken: it outlives the process. */
export const open = (file: string): Journal => ({
  note: (what, id, attempt) =>
    appendFileSync(file, `${JSON.stringify({ what, id, attempt, pid: process.pid, at: now() })}\n`)
})

/** Makes an empty one. */
export const create = (file: string): void => writeFileSync(file, "")

/** Gives all lines so far that are whole; those that it has read before it does not read again. */
export const follow = (file: string): (() => ReadonlyArray<Entry>) => {
  const entries: Array<Entry> = []
  const chunk = Buffer.alloc(64 * 1024)
  let read = 0
  return () => {
    const fd = openSync(file, "r")
    for (;;) {
      const lines = chunk.subarray(0, readSync(fd, chunk, 0, chunk.length, read)).toString("latin1")
      const whole = lines.slice(0, lines.lastIndexOf("\n") + 1)
      if (whole === "") break
      read += whole.length
      for (const line of whole.trimEnd().split("\n")) entries.push(JSON.parse(line) as Entry)
    }
    closeSync(fd)
    return entries
  }
}
