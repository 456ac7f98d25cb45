/** `npm run dev` as its users start it, and the examples of the README in its other terminal. */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { says, startNode } from "../service.ts"

const program = fileURLToPath(new URL("../../src/dev.ts", import.meta.url))

const hasCurl = spawnSync("curl", ["--version"]).status === 0
if (!hasCurl) console.warn("skipped: there is no curl")

/** The fences of the README: each command, and the answer after it. */
const examples = [
  ...readFileSync(new URL("../../README.md", import.meta.url), "utf8").matchAll(
    /```sh\n(curl [^]*?)```\n\n```json\n([^]*?)```/g
  )
].map(([, command = "", answer = ""]) => ({ command, answer: JSON.parse(answer) as object }))

/** Runs a command in a shell; gives the JSON that it prints. */
const run = (command: string, env: Readonly<Record<string, string>>): Effect.Effect<object> =>
  Effect.promise(async () => {
    const child = spawn("sh", ["-c", command], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"]
    })
    const [printed] = await Promise.all([text(child.stdout), once(child, "close")])
    return JSON.parse(printed) as object
  })

/** The names of all parts. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf)
  if (typeof value !== "object" || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shapeOf(each)]))
}

/** Declares them. */
export const dev = () => {
  describe.skipIf(!hasCurl)("npm run dev", () => {
    it.live("tells how to try it out, which works, and leaves nothing behind", () =>
      Effect.gen(function* () {
        const folder = yield* Effect.acquireRelease(
          Effect.sync(() => mkdtempSync(join(tmpdir(), "paykka-dev-"))),
          (each) => Effect.sync(() => rmSync(each, { recursive: true, force: true }))
        )
        const running = yield* startNode([program], { PORT: "0", TMPDIR: folder })
        const told = yield* says(running, /\n(export [^]+)\n\nCtrl-C ends both/)
        const [exported = "", ...commands] = told.split("\n")
        const env = Object.fromEntries(
          [...exported.matchAll(/ (\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value])
        )
        assert.hasAllKeys(env, ["PAYOUTS_URL", "PAYOUTS_TOKEN", "EUR_PAYEE", "USD_PAYEE"])
        assert.strictEqual(commands.length, 2)
        for (const command of commands) {
          assert.deepInclude(yield* run(command, env), { request_id: "first", amount: "12.50" })
        }
        assert.strictEqual(examples.length, 4)
        for (const { command, answer } of examples) {
          assert.deepStrictEqual(shapeOf(yield* run(command, env)), shapeOf(answer), command)
        }
        assert.isAbove(readdirSync(folder).length, 0)
        running.child.kill("SIGINT")
        assert.strictEqual(yield* Effect.promise(() => running.ended), 0, running.written.stderr)
        assert.deepStrictEqual(readdirSync(folder), [])
      }).pipe(Effect.scoped)
    )
  })
}
