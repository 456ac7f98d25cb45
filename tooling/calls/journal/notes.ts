/** What the paying processes note of their writes, in a file to which they only append: what a program of one's own keeps too. */
import { appendFileSync, existsSync, readFileSync } from "node:fs"
import type { Step } from "./steps.ts"

/** One line. */
export interface Note {
  /** The `request_id`. */
  readonly id: string
  /** The process. */
  readonly pid: number
  /**
   * `begun` and `ended` are what the program goes by: the write is about to be called, and it is known that it is made. The
   * rest is for the counts: a step, what the journal's recovery told, what the platform told when it was asked.
   */
  readonly what: "begun" | "ended" | Step | "Processed" | "NotProcessed" | "Undecided" | "there" | "not there"
}

/** All lines so far. */
export const read = (file: string): ReadonlyArray<Note> =>
  existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Note)
    : []

/** A line is there before the next step is taken: it outlives the process. */
export const writer =
  (file: string) =>
  (what: Note["what"], id: string): void =>
    appendFileSync(file, `${JSON.stringify({ id, pid: process.pid, what })}\n`)
