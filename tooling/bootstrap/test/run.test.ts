import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { tasks } from "../tasks.mjs"
import { ended, goodInstall, makeWorkspace, printed } from "./workspace.ts"

describe("the task", () => {
  it("gets the arguments, and stdout belongs to it alone", async () => {
    const workspace = makeWorkspace(goodInstall)
    const { code, stdout, stderr } = await workspace.run(["start", "--json", "two words", "a'b\"$c"])
    expect(stderr).toContain("Dependencies installed in")
    expect(stdout).toBe(JSON.stringify(["--json", "two words", "a'b\"$c"]))
    expect(code).toBe(0)
  })

  it("passes its exit code through", async () => {
    const workspace = makeWorkspace(goodInstall)
    workspace.write("apps/walkthrough/src/main.ts", "process.exitCode = 42\n")
    expect((await workspace.run(["start"])).code).toBe(42)
  })

  it("does not run when its preparation fails, whose output is shown", async () => {
    const workspace = makeWorkspace(goodInstall)
    const { code, stdout, stderr } = await workspace.run(["start"], { TURBO_EXIT: "3" })
    expect(stderr).toContain("noise of turbo")
    expect(stdout).toBe("")
    expect(code).toBe(3)
  })

  it("is stopped by the signal that stops the bootstrap, and says itself how it ended", async () => {
    const workspace = makeWorkspace(goodInstall)
    workspace.write(
      "apps/walkthrough/src/main.ts",
      `process.on("SIGTERM", () => process.exit(7)); setInterval(() => {}, 1000); console.log("ready")`
    )
    const child = workspace.start(["start"])
    child.stdout?.once("data", () => child.kill("SIGTERM"))
    expect((await ended(child)).code).toBe(7)
  })

  it("that does not exist is answered with the names of those that do", async () => {
    const { code, stderr } = await makeWorkspace(goodInstall).run(["strat"])
    expect(stderr).toBe(`Unknown task "strat"; there are: ${Object.keys(tasks).join(", ")}.\n`)
    expect(code).toBe(1)
  })

  it("is refused by an old Node in one sentence", async () => {
    const workspace = makeWorkspace(goodInstall)
    const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.4" } })`
    workspace.write("pretend.mjs", pretend)
    const { code, stderr } = await workspace.run(["start"], { NODE_OPTIONS: `--import=${workspace.root}/pretend.mjs` })
    expect(stderr).toMatch(/^Node 18\.20\.4 is too old: .*\n$/)
    expect(code).toBe(1)
    expect(workspace.installs()).toBe(0)
  })

  it("is refused when only an old Node would run it", async () => {
    const workspace = makeWorkspace(
      `${goodInstall}\nprintf '#!/bin/sh\\necho v20.20.2\\n' > node_modules/.bin/node; chmod +x node_modules/.bin/node\n`
    )
    const { code, stderr } = await workspace.run(["start"])
    expect(stderr).toContain("The tasks need Node 22.19 or newer and found Node v20.20.2")
    expect(code).toBe(1)
  })
})

describe("the install", () => {
  it("uses the pnpm of packageManager and the lock file as it is, and keeps pnpm's own output to itself", async () => {
    const workspace = makeWorkspace(goodInstall)
    const { stderr } = await workspace.run(["start"])
    expect(workspace.read("installs")).toBe("-y pnpm@12.21.0 install --frozen-lockfile --trust-lockfile\n")
    expect(stderr).not.toContain("noise of pnpm")
    rmSync(join(workspace.root, "node_modules"), { recursive: true })
    const verbose = await workspace.run(["start"], { PAYKKA_VERBOSE: "1" })
    expect(verbose.stderr).toContain("noise of pnpm")
    expect(verbose.stdout).toBe("[]")
  })

  it("happens once, and again when what decides it has changed or node_modules is gone", async () => {
    const workspace = makeWorkspace(goodInstall)
    const installsAfter = async (change: () => void) => {
      change()
      expect((await workspace.run(["start"])).code).toBe(0)
      return workspace.installs()
    }
    expect(await installsAfter(() => {})).toBe(1)
    expect(await installsAfter(() => {})).toBe(1)
    expect(await installsAfter(() => workspace.write("packages/one/src/index.ts", "export {}"))).toBe(1)
    expect(await installsAfter(() => workspace.write("packages/one/package.json", `{"name":"uno"}`))).toBe(2)
    expect(await installsAfter(() => workspace.write("apps/two/package.json", `{"name":"two"}`))).toBe(3)
    expect(await installsAfter(() => workspace.write("pnpm-lock.yaml", "lockfileVersion: '9.1'\n"))).toBe(4)
    expect(await installsAfter(() => rmSync(join(workspace.root, "node_modules"), { recursive: true }))).toBe(5)
  })

  it("that failed is shown and tried again by the next start", async () => {
    const workspace = makeWorkspace(
      `#!/bin/sh\necho one >> installs; mkdir -p node_modules; echo "disk full" >&2; exit 1\n`
    )
    const { code, stderr } = await workspace.run(["start"])
    expect(stderr).toContain("disk full\nInstalling the dependencies failed (pnpm@12.21.0, exit code 1).\n")
    expect(code).toBe(1)
    await workspace.run(["start"])
    expect(workspace.installs()).toBe(2)
  })

  it.each(["OUTDATED_LOCKFILE", "LOCKFILE_CONFIG_MISMATCH", "NO_LOCKFILE", "PACKAGE_MANAGER_NO_IMPORTER"])(
    "says how to mend a lock file that is out of date (%s)",
    async (code) => {
      const workspace = makeWorkspace(`#!/bin/sh\necho "Error: ERR_PNPM_${code}"; exit 1\n`)
      const result = await workspace.run(["test"])
      expect(result.stderr).toContain("run `npx -y pnpm@12.21.0 install` and commit the lock file.\n")
      expect(result.stderr).not.toContain("ERR_PNPM")
      expect(result.code).toBe(1)
    }
  )

  it("says in one sentence that there is no network", async () => {
    const workspace = makeWorkspace()
    mkdirSync(join(workspace.root, "home"))
    const registry = "http://127.0.0.1:9/"
    const { code, stderr } = await workspace.run(["test"], {
      npm_config_registry: registry,
      npm_config_fetch_retries: "0"
    })
    expect(stderr.split("\n")).toEqual([
      expect.stringContaining("Installing the dependencies"),
      expect.stringContaining("the npm registry cannot be reached"),
      ""
    ])
    expect(code).toBe(1)
  })

  it("is done by one of two concurrent starts, and the other waits", async () => {
    const workspace = makeWorkspace(`${goodInstall}\nwhile [ ! -e go ]; do sleep 0.05; done\n`)
    const first = workspace.start(["start"])
    const firstEnded = ended(first)
    await printed(first, "Installing")
    const second = workspace.start(["start"])
    const secondEnded = ended(second)
    await printed(second, "Another start is installing the dependencies")
    workspace.write("go", "")
    expect((await firstEnded).code).toBe(0)
    expect((await secondEnded).code).toBe(0)
    expect(workspace.installs()).toBe(1)
  })

  it("is not stopped by the lock of a start that was killed", async () => {
    const workspace = makeWorkspace(goodInstall)
    // Above every process id that Linux and macOS give out.
    workspace.write(".bootstrap/install.lock", "99999999")
    expect((await workspace.run(["start"])).code).toBe(0)
  })
})
