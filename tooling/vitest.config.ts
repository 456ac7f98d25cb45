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

// Packages whose tests compute run first, on both cores, and load modules once for all files of a worker. Then the stores and the apps, whose
// tests wait for databases, workers and payouts. What else starts processes of its own needs the machine: one file at a time.
const settingsOf = (name: string) => {
  if (name.startsWith("packages/store-") || name.startsWith("apps/"))
    return { maxWorkers: 2, sequence: { groupOrder: 1 } }
  if (name.startsWith("packages/")) return { maxWorkers: 2, isolate: false, sequence: { groupOrder: 0 } }
  return { maxWorkers: 1, sequence: { groupOrder: 2 } }
}

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
      test: { name, ...settingsOf(name) }
    }))
  }
})
