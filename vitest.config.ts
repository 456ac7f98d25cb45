import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { configDefaults, defineConfig } from "vitest/config"

// A machine reads this report (see .ci/run): exact counts do not have to be guessed from the printed text.
const report = process.env.PAYKKA_TEST_REPORT

const workspaces = ["packages", "apps", "tooling"].flatMap((folder) =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
)

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "**/dist/**"],
    // A limit that only a hang reaches: a slow machine must not fail a test.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    projects: workspaces
      .filter((root) => existsSync(join(root, "test")))
      .map((root) => ({ extends: true as const, root, test: { name: root } }))
  }
})
