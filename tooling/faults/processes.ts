/** The two processes of an inbox: one that receives, one that handles; each is started again when it was killed. */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import * as Effect from "effect/Effect"
import { areSettled } from "./counts.ts"
import type { Engine } from "./engines.ts"
import * as Journal from "./journal.ts"

/** A program that is started again whenever SIGKILL has ended it. Any other end is a failure. */
class Immortal {
  readonly #program: string
  readonly #env: Readonly<Record<string, string>>
  readonly #log: string
  #child: ChildProcess | undefined
  #ready = Promise.withResolvers<string>()
  #stopped = true
  /** How often it was killed. */
  deaths = 0
  /** Why it ended, where it should not. */
  failure: string | undefined

  constructor(program: string, env: Readonly<Record<string, string>>, log: string) {
    this.#program = program
    this.#env = env
    this.#log = log
  }

  /** The line that the program writes when it is ready; of its next life, while it is dead. */
  get ready(): Promise<string> {
    return this.#ready.promise
  }

  start(): void {
    this.#stopped = false
    const log = openSync(this.#log, "a")
    const child = spawn(process.execPath, [this.#program], {
      env: { ...process.env, ...this.#env },
      // Its standard input ends with this process, whatever ends this one.
      stdio: ["pipe", "pipe", log]
    })
    closeSync(log)
    this.#child = child
    const { resolve } = this.#ready
    createInterface({ input: child.stdout! }).once("line", resolve)
    child.once("exit", (code, signal) => {
      this.#child = undefined
      this.#ready = Promise.withResolvers()
      if (signal === "SIGKILL") this.deaths++
      else
        this.failure = `${this.#program} ended with ${signal ?? code}:\n${readFileSync(this.#log, "utf8").slice(-4000)}`
      if (signal === "SIGKILL" && !this.#stopped) this.start()
    })
  }

  /** Kills it, and leaves it dead. */
  async kill(): Promise<void> {
    this.#stopped = true
    const child = this.#child
    if (child === undefined) return
    const ended = new Promise((resolve) => child.once("exit", resolve))
    child.kill("SIGKILL")
    await ended
  }
}

/** An inbox that runs in two processes. */
export interface Inbox {
  readonly receiver: Immortal
  readonly handler: Immortal
  /** The folder of the marks: see `steps.ts`. */
  readonly marks: string
  /** Where notifications are sent to. */
  readonly origin: () => Promise<string>
  /** Waits until it is so, a minute at most; then it rejects, as when a process has failed. */
  readonly until: (what: string, isSo: () => boolean) => Promise<void>
  /** The journal when nothing more is to come of these notifications, or after a minute: whatever is still to come is lost. */
  readonly settled: (ids: ReadonlyArray<string>) => Promise<ReadonlyArray<Journal.Entry>>
}

/** Starts both processes, whose programs are in the given folder; the scope ends them. */
export const start = (
  programs: string,
  engine: Engine,
  publicKey: string,
  env: Readonly<Record<string, string>> = {}
) =>
  Effect.acquireRelease(
    Effect.sync((): Inbox & { readonly folder: string } => {
      const folder = mkdtempSync(join(tmpdir(), "paykka-faults-"))
      const journal = join(folder, "journal")
      const marks = join(folder, "marks")
      Journal.create(journal)
      const variables = {
        ENGINE: JSON.stringify(engine),
        PLATFORM_PUBLIC_KEY: publicKey,
        MARKS: marks,
        JOURNAL: journal,
        ...env
      }
      const receiver = new Immortal(join(programs, "receive.mjs"), variables, join(folder, "receiver.log"))
      const handler = new Immortal(join(programs, "handle.mjs"), variables, join(folder, "handler.log"))
      receiver.start()
      handler.start()
      const follow = Journal.follow(journal)
      const comes = async (isSo: () => boolean): Promise<boolean> => {
        for (const deadline = Date.now() + 60_000; !isSo(); await sleep(50)) {
          const failure = receiver.failure ?? handler.failure
          if (failure !== undefined) throw new Error(failure)
          if (Date.now() > deadline) return false
        }
        return true
      }
      return {
        folder,
        receiver,
        handler,
        marks,
        origin: async () => `http://127.0.0.1:${await receiver.ready}`,
        until: async (what, isSo) => {
          if (!(await comes(isSo))) throw new Error(`${engine.kind}: never ${what}`)
        },
        settled: async (ids) => {
          await comes(() => areSettled(ids, follow()))
          return follow()
        }
      }
    }),
    ({ folder, receiver, handler }) =>
      Effect.promise(async () => {
        await Promise.all([receiver.kill(), handler.kill()])
        rmSync(folder, { recursive: true, force: true })
      })
  )
