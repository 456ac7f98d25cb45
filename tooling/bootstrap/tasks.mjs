// What each root script runs, as data. The arguments after `--` go to the last command of a task.

/**
 * @typedef {object} Step
 * @property {readonly string[]} command
 * @property {string} [quietly] a step that is only preparation: this line on stderr, its own output only when it fails
 */

/** @type {Step} */
const build = {
  quietly: "Building the packages",
  command: ["turbo", "run", "build", "--output-logs=errors-only"]
}

/** The packages that an app needs. @param {string} app @returns {Step} */
const buildFor = (app) => ({ ...build, command: [...build.command, `--filter={./apps/${app}}^...`] })

/** @type {Readonly<Record<string, readonly Step[]>>} */
export const tasks = {
  start: [buildFor("walkthrough"), { command: ["node", "apps/walkthrough/src/main.ts"] }],
  test: [build, { command: ["vitest", "run", "--config", "tooling/vitest.config.ts"] }],
  build: [{ command: ["turbo", "run", "build"] }],
  typecheck: [{ command: ["turbo", "run", "typecheck"] }],
  lint: [build, { command: ["oxlint", "--deny-warnings"] }],
  format: [{ command: ["oxfmt"] }],
  check: [{ command: ["node", "tooling/checks/main.ts"] }],
  bundle: [build, { command: ["node", "tooling/bundle/main.ts"] }],
  bench: [build, { command: ["node", "tooling/bench/main.ts"] }],
  contract: [build, { command: ["node", "tooling/contract/main.ts"] }],
  api: [build, { command: ["node", "tooling/api/main.ts"] }],
  docs: [{ command: ["node", "tooling/site/main.ts"] }],
  changeset: [{ command: ["changeset"] }],
  "release:rehearse": [build, { command: ["node", "tooling/release/main.ts"] }],
  "dev:node": [buildFor("node-server"), { command: ["node", "apps/node-server/src/dev.ts"] }],
  "image:node": [buildFor("node-server"), { command: ["node", "apps/node-server/image.ts"] }],
  "dev:edge": [
    { ...build, command: [...build.command, "--filter={./apps/edge-worker}..."] },
    { command: ["node", "apps/edge-worker/local/dev.ts"] }
  ]
}
