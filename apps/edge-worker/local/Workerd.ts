/** The worker in workerd, the runtime of Workers, with the bindings of wrangler.jsonc. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Log, LogLevel, Miniflare, type MiniflareOptions } from "miniflare"

/** What is read of wrangler.jsonc. */
interface Config {
  readonly main: string
  readonly compatibility_date: string
  readonly durable_objects: { readonly bindings: ReadonlyArray<{ readonly name: string; readonly class_name: string }> }
  readonly queues: {
    readonly producers: ReadonlyArray<{ readonly binding: string; readonly queue: string }>
    readonly consumers: ReadonlyArray<{
      readonly queue: string
      readonly max_retries: number
      readonly dead_letter_queue?: string
    }>
  }
}

const file = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8")

/** The wrangler configuration. Its comments have lines of their own. */
export const config = JSON.parse(file("wrangler.jsonc").replace(/^ *\/\/.*$/gm, "")) as Config

/** Settings. */
export interface Options {
  /** Variables and secrets. */
  readonly variables: Readonly<Record<string, string>>
  /** Another worker than the one that was built, which it may import as `./main.js`. */
  readonly script?: string | undefined
  /** Default: a free one. */
  readonly port?: number | undefined
  /** Where what the objects store is kept. Default: until the scope ends. */
  readonly folder?: string | undefined
  /** Takes what the worker logs. */
  readonly onLog?: ((text: string) => void) | undefined
}

/** The worker that runs. */
export interface Workerd {
  readonly url: string
  readonly miniflare: Miniflare
}

/** The code of the worker that was built. */
export const built = (): string => {
  try {
    return file(config.main)
  } catch {
    throw new Error(`${fileURLToPath(new URL(`../${config.main}`, import.meta.url))} is not there: npm run build`)
  }
}

const moduleOf = (path: string, contents: string) => ({ type: "ESModule" as const, path, contents })

const optionsOf = ({ variables, script, port = 0, folder, onLog = () => {} }: Options): MiniflareOptions => ({
  modules: [...(script === undefined ? [] : [moduleOf("script.js", script)]), moduleOf("main.js", built())],
  host: "127.0.0.1",
  port,
  compatibilityDate: config.compatibility_date,
  bindings: { ...variables },
  durableObjects: Object.fromEntries(
    config.durable_objects.bindings.map(({ name, class_name: className }) => [name, { className, useSQLite: true }])
  ),
  queueProducers: Object.fromEntries(config.queues.producers.map(({ binding, queue }) => [binding, queue])),
  queueConsumers: Object.fromEntries(
    config.queues.consumers.map(({ queue, max_retries, dead_letter_queue }) => [
      queue,
      {
        // Here nobody pays for batches, and somebody waits for them.
        maxBatchTimeout: 0,
        maxRetries: max_retries,
        ...(dead_letter_queue === undefined ? {} : { deadLetterQueue: dead_letter_queue })
      }
    ])
  ),
  ...(folder === undefined ? {} : { durableObjectsPersist: folder }),
  handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
    for (const stream of [stdout, stderr]) stream.on("data", (chunk) => onLog(String(chunk)))
  }
})

/** Miniflare with its temporary files in that folder: it does not wait for their removal, and a process may end before. */
const inFolder = (folder: string, options: MiniflareOptions): Miniflare => {
  const { TMPDIR = tmpdir() } = process.env
  process.env["TMPDIR"] = folder
  try {
    return new Miniflare(options)
  } finally {
    process.env["TMPDIR"] = TMPDIR
  }
}

/** Starts workerd, which is killed when the scope ends. */
export const run = (options: MiniflareOptions): Effect.Effect<Workerd, never, Scope.Scope> =>
  Effect.gen(function* () {
    const temporary = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const path = mkdtempSync(join(tmpdir(), "payouts-workerd-"))
        const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 10 })
        // Miniflare ends the process itself on Ctrl-C.
        process.once("exit", remove)
        return { path, remove }
      }),
      ({ remove }) =>
        Effect.sync(() => {
          process.off("exit", remove)
          remove()
        })
    )
    const miniflare = yield* Effect.acquireRelease(
      Effect.sync(() =>
        inFolder(temporary.path, {
          // It would ask Cloudflare for an example.
          cf: false,
          log: new Log(LogLevel.NONE),
          ...options
        })
      ),
      (started) => Effect.promise(() => started.dispose())
    )
    const { origin } = yield* Effect.promise(() => miniflare.ready)
    return { url: origin, miniflare }
  })

/** Starts the worker. */
export const start = (options: Options): Effect.Effect<Workerd, never, Scope.Scope> =>
  Effect.suspend(() => run(optionsOf(options)))
