import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { configDefaults, defineConfig } from "vitest/config"

// A machine reads this report (see .ci/run): exact counts do not have to be guessed from the printed text.
const report = process.env.PAYKKA_TEST_REPORT

const root = fileURLToPath(new URL("..", import.meta.url))

const workspaces = ["packages", "apps", "tooling"]
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((name) => existsSync(join(root, name, "test")))

// These start processes and databases of their own, which need the machine: one file at a time. All others are computation: on both
// cores, and modules are loaded once for all files of a worker.
const isHeavy = (name: string): boolean => !name.startsWith("packages/") || name.startsWith("packages/store-")

// One vitest for the workspace: one summary, and one scheduler for the two cores of a small machine.
export default defineConfig({
  root,
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "**/dist/**"],
    // A limit that only a hang reaches: a slow machine must not fail a test.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    projects: workspaces.map((name) => ({
      extends: true as const,
      root: join(root, name),
      test: {
        name,
        ...(isHeavy(name) ? { maxWorkers: 1, sequence: { groupOrder: 1 } } : { maxWorkers: 2, isolate: false })
      }
    }))
  }
})
