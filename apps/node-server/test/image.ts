/** What the container image holds, made anew for a test file. */
import { spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll } from "vitest"

/** What makes it. */
export const script = fileURLToPath(new URL("../image.ts", import.meta.url))

/** A folder with what the image holds. */
export const folder = join(tmpdir(), `paykka-node-server-${randomBytes(6).toString("hex")}`)

beforeAll(() => {
  const { status, stderr } = spawnSync(process.execPath, [script, folder], { encoding: "utf8" })
  if (status !== 0) throw new Error(stderr)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))
