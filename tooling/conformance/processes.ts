/** What must hold over several processes: one notification that arrives many times at once is handled once. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { notification as va } from "@paykka/schemas/Va"
import * as Testing from "@paykka/webhook/testing"
import * as Effect from "effect/Effect"

/** A program that calls `serve` of `server.ts` with its guard. */
export interface Program {
  readonly file: URL
  readonly env?: Readonly<Record<string, string>>
  readonly skip?: boolean
}

const portOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const { port } = JSON.parse(line) as { readonly port?: number }
      if (port !== undefined) resolve(port)
    })
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)))
  })

/** Starts the program; ends it with the scope. */
const startServer = (program: Program, env: Readonly<Record<string, string>>) =>
  Effect.flatMap(
    Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, [fileURLToPath(program.file)], {
          env: { ...process.env, ...program.env, ...env },
          stdio: ["ignore", "pipe", "inherit"]
        })
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    ),
    (child) => Effect.promise(() => portOf(child))
  )

/** Declares the test of a guard that several processes share. */
export const processesSuite = (engine: string, program: Program): void => {
  describe.skipIf(program.skip === true)(`four processes over ${engine}`, () => {
    it.live("64 deliveries of each of two notifications: handled once each, all answered 200", () =>
      Effect.gen(function* () {
        const folder = mkdtempSync(join(tmpdir(), "paykka-processes-"))
        yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true, force: true })))
        const handled = join(folder, "handled")
        writeFileSync(handled, "")
        const key = yield* Testing.generateKeyPair()
        const start = startServer(program, { HANDLED: handled, PLATFORM_PUBLIC_KEY: key.publicKey })
        const ports = yield* Effect.all([start, start, start, start], { concurrency: 4 })
        const signed = yield* Effect.all(
          ["one", "two"].map((request_id) =>
            Testing.sign(va, { request_id, status: "ENABLED" }, { key, merchId: "M1" })
          )
        )
        const statuses = yield* Effect.all(
          Array.from({ length: 128 }, (_, nth) =>
            Effect.promise(async () => {
              const response = await fetch(signed[nth % 2]!.request(`http://127.0.0.1:${ports[(nth >> 1) % 4]}`))
              await response.arrayBuffer()
              return response.status
            })
          ),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual([...new Set(statuses)], [200])
        const lines = readFileSync(handled, "utf8").trim().split("\n")
        const names = lines.map((line) => line.split(" ", 1)[0] ?? "")
        assert.deepStrictEqual(
          names.toSorted((a, b) => a.localeCompare(b)),
          ["one", "two"]
        )
      }).pipe(Effect.scoped)
    )
  })
}
