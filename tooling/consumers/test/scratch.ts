/** A project with made-up packages of ours, for one test. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"

/** The files of packages by name. A manifest is made of what is given, where it is. */
export const project = (packages: Readonly<Record<string, Readonly<Record<string, string | object>>>>): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "paykka-matrix-")))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, { manifest, ...files }] of Object.entries(packages)) {
    const exports = { ".": "./dist/index.js", "./*": "./dist/*.js", "./internal/*": null, "./index": null }
    const whole = { name, version: "0.0.0", type: "module", sideEffects: false, exports, ...(manifest as object) }
    for (const [path, text] of Object.entries({ ...files, "package.json": JSON.stringify(whole) })) {
      const file = join(folder, "node_modules", name, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
  }
  return folder
}
