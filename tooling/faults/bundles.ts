/** The programs as bundles: many processes are started, and each starts four times as fast so. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { rolldown } from "rolldown"

const build = async (folder: string): Promise<void> => {
  const bundle = await rolldown({
    input: ["receive", "handle"].map((name) => fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url))),
    platform: "node",
    logLevel: "silent"
  })
  await bundle.write({ dir: folder, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs" })
  await bundle.close()
}

/** A folder with `receive.mjs` and `handle.mjs`, for the time of the scope. */
export const bundles: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "paykka-faults-programs-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
).pipe(Effect.tap((folder) => Effect.promise(() => build(folder))))
