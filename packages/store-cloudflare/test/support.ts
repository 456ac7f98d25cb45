/** Runs `worker.ts` in workerd. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as Testing from "@paykka/webhook/testing"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { Log, LogLevel, Miniflare, type MiniflareOptions } from "miniflare"
import { rolldown } from "rolldown"
import type { GuardStep, LettersStep, Seen } from "./worker.ts"

const bundle = async (): Promise<string> => {
  const build = await rolldown({
    input: fileURLToPath(new URL("worker.ts", import.meta.url)),
    platform: "neutral",
    logLevel: "silent"
  })
  const { output } = await build.generate({ format: "esm", codeSplitting: false })
  await build.close()
  const [{ code, imports }] = output
  if (imports.length > 0) throw new Error(`the worker imports ${imports.join(", ")}`)
  return code
}

const script = await bundle()
const key = await Effect.runPromise(Testing.generateKeyPair())

/** A worker that runs. */
export interface Running {
  readonly url: string
  /** What it has written to its log. */
  readonly log: () => string
  /** Kills workerd. */
  readonly stop: () => Promise<void>
  /** Sends a notification to a path of the worker. */
  readonly notify: (signed: Testing.Signed) => Effect.Effect<number>
  readonly seen: Effect.Effect<Seen>
  /** Posts JSON, gives what is answered, and dies where that is no 200. */
  readonly json: (path: string, body?: unknown) => Effect.Effect<unknown>
}

/** Miniflare with its temporary files in that folder: it does not wait for their removal, and a test's process ends before. */
const inFolder = (folder: string, options: MiniflareOptions): Miniflare => {
  const { TMPDIR = tmpdir() } = process.env
  process.env["TMPDIR"] = folder
  try {
    return new Miniflare(options)
  } finally {
    process.env["TMPDIR"] = TMPDIR
  }
}

/** Starts workerd, without `nodejs_compat`. What its objects store is kept in the folder, if there is one. */
export const start = async (folder?: string): Promise<Running> => {
  let log = ""
  const temporary = mkdtempSync(join(tmpdir(), "paykka-workerd-"))
  const miniflare = inFolder(temporary, {
    modules: true,
    script,
    compatibilityDate: "2026-07-01",
    // It would ask Cloudflare for an example.
    cf: false,
    bindings: { PLATFORM_PUBLIC_KEY: key.publicKey },
    durableObjects: {
      GUARD: { className: "InspectedGuardObject", useSQLite: true },
      LETTERS: { className: "DeadLettersObject", useSQLite: true }
    },
    kvNamespaces: ["KV"],
    queueProducers: { INBOX: "inbox", STUBBORN: "stubborn" },
    queueConsumers: {
      inbox: { maxBatchSize: 10, maxBatchTimeout: 0, maxRetries: 4, deadLetterQueue: "inbox-dead" },
      "inbox-dead": { maxBatchSize: 10, maxBatchTimeout: 0, maxRetries: 4 },
      stubborn: { maxBatchSize: 10, maxBatchTimeout: 0, maxRetries: 1 }
    },
    ...(folder === undefined ? {} : { durableObjectsPersist: folder }),
    log: new Log(LogLevel.NONE),
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      for (const stream of [stdout, stderr]) stream.on("data", (chunk) => (log += String(chunk)))
    }
  })
  const url = (await miniflare.ready).origin
  const json = (path: string, body: unknown = {}): Effect.Effect<unknown> =>
    Effect.promise(async () => {
      const response = await fetch(url + path, { method: "POST", body: JSON.stringify(body) })
      const text = await response.text()
      if (!response.ok) throw new Error(`${path} answered ${response.status} ${text}`)
      return text === "" ? undefined : JSON.parse(text)
    })
  return {
    url,
    log: () => log,
    stop: async () => {
      await miniflare.dispose()
      rmSync(temporary, { recursive: true, force: true, maxRetries: 10 })
    },
    notify: (signed) =>
      Effect.promise(async () => {
        const response = await fetch(signed.request(url))
        await response.arrayBuffer()
        return response.status
      }),
    seen: json("/seen") as Effect.Effect<Seen>,
    json
  }
}

/** A signed notification of an account, for a path of the worker; with so many bytes more. */
export const account = (request_id: string, path: string, bytes = 0): Effect.Effect<Testing.Signed, unknown> =>
  Testing.signBody(
    JSON.stringify({ type: "MERCH", data: { request_id, status: "ENABLED", padding: "x".repeat(bytes) } }),
    { key, path, merchId: "M1" }
  )

/** Asks again until the answer is as it should be. The limit is one that only a fault reaches. */
export const until = <A, E>(ask: Effect.Effect<A, E>, isDone: (answer: A) => boolean): Effect.Effect<A> =>
  Effect.orDie(ask).pipe(
    Effect.filterOrFail(isDone, (last) => last),
    Effect.retry({ schedule: Schedule.spaced("20 millis"), times: 1500 }),
    Effect.catch((last) => Effect.die(new Error(`still ${JSON.stringify(last)}`)))
  )

interface Outcome<A> {
  readonly success?: A
  readonly failure?: string
  readonly defect?: string
}

const step = <A, E>(ask: Effect.Effect<unknown>, fail: (detail: string) => E): Effect.Effect<A, E> =>
  Effect.flatMap(ask as Effect.Effect<Outcome<A>>, ({ success, failure, defect }) => {
    if (defect !== undefined) return Effect.die(new Error(defect))
    return failure === undefined ? Effect.succeed(success as A) : Effect.fail(fail(failure))
  })

/** The guard of the worker, asked by HTTP. */
export const guardOf =
  ({ json }: Running, shards = 16) =>
  (options: ReplayGuard.Options = {}): Layer.Layer<ReplayGuard.ReplayGuard> => {
    const { leaseMillis: lease, retentionMillis: retention } = ReplayGuard.settings(options)
    const ask = <A>(op: GuardStep["op"], argument: unknown) =>
      step<A, ReplayGuard.ReplayGuardUnavailable>(
        json("/guard", { options: { lease, retention, shards }, op, argument }),
        (detail) => new ReplayGuard.ReplayGuardUnavailable({ detail })
      )
    return Layer.succeed(ReplayGuard.ReplayGuard, {
      lease: Duration.millis(lease),
      claim: (delivery) => ask("claim", delivery),
      commit: (claimed) => ask("commit", claimed),
      release: (claimed) => ask("release", claimed)
    })
  }

/** The dead letters of the worker, asked by HTTP. */
export const lettersOf = ({ json }: Running): DeadLetters.Service => {
  const ask = <A>(op: LettersStep["op"], argument: unknown) =>
    step<A, DeadLetters.DeadLettersUnavailable>(
      json("/letters", { op, argument }),
      (detail) => new DeadLetters.DeadLettersUnavailable({ detail })
    )
  return {
    put: (letter) => ask("put", letter),
    list: (page) => ask("list", page),
    get: (id) => Effect.map(ask<DeadLetters.DeadLetter | null>("get", id), Option.fromNullishOr),
    remove: (id) => ask("remove", id)
  }
}
