import { describe, expect, it } from "vitest"
import { ExitCode } from "@paykka/cli"
import { folder, main, paykka, start } from "./support/paykka.ts"

describe("paykka", () => {
  it("says what there is, and what a misspelt word was meant to be", async () => {
    const cwd = folder()
    const run = (...args: ReadonlyArray<string>) => paykka(args, { cwd })
    const [help, nothing, version, misspelt, unknown, noSubcommand, badFlag, subcommand] = await Promise.all([
      run("--help"),
      run(),
      run("--version"),
      run("oprations"),
      run("frobnicate"),
      run("keys"),
      run("operations", "--frobnicate", "--json"),
      run("keys", "generat")
    ])
    expect(
      [help, nothing, version, misspelt, unknown, noSubcommand, badFlag, subcommand].map(({ code }) => code)
    ).toEqual([0, 2, 0, 2, 2, 2, 2, 2])
    for (const [code, meaning] of ExitCode.table) expect(help.stdout).toContain(`${String(code).padEnd(3)}  ${meaning}`)
    expect([help.stderr, nothing.stdout, nothing.stderr]).toEqual(["", "", help.stdout])
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(misspelt.stderr).toBe('error: there is no command "oprations"; did you mean operations?\n')
    expect(unknown.stderr).toBe('error: there is no command "frobnicate"; see paykka --help\n')
    expect(noSubcommand.stderr).toContain("check-pair")
    expect(JSON.parse(badFlag.stderr)).toMatchObject({ error: { hint: "see paykka operations --help" } })
    expect(subcommand.stderr).toContain("generate")
    for (const { stdout, stderr } of [help, noSubcommand]) expect(stdout + stderr).not.toContain("\u001B")
  })

  it("completes commands, flags and operations in a shell", async () => {
    const cwd = folder()
    const { stdout, code } = await paykka(["--completions", "bash"], { cwd })
    expect(code).toBe(0)
    for (const word of ["check-pair", "--dry-run", "payment.apply", "trigger", "va.notification", "--other-key"])
      expect(stdout).toContain(word)
    expect(await start("bash", ["-n"], { cwd, input: stdout })).toEqual({ code: 0, stdout: "", stderr: "" })
  })

  it("calls its own defects so, in one line, and shows where with PAYKKA_DEBUG", async () => {
    const cwd = folder()
    await paykka(["keys", "generate"], { cwd })
    // A machine that breaks a promise of the platform's.
    const preload = `data:text/javascript,crypto.subtle.sign = () => Promise.reject(new Error("broken\\nbadly"))`
    const args = ["--import", preload, main, "keys", "check-pair", "merchant.pem", "merchant.pub.pem"]
    const [short, long] = await Promise.all([
      start(process.execPath, args, { cwd }),
      start(process.execPath, args, { cwd, env: { PAYKKA_DEBUG: "1" } })
    ])
    expect([short.code, short.stdout, long.code]).toEqual([70, "", 70])
    expect(short.stderr).toBe(
      "error: Error: broken\nhint: this is a defect of paykka; PAYKKA_DEBUG=1 shows the stack\n"
    )
    expect(long.stderr).toMatch(/^ {4}at /m)
  })

  it("lists the operations with what is known of them", async () => {
    const cwd = folder()
    const [text, json] = await Promise.all([paykka(["operations"], { cwd }), paykka(["operations", "--json"], { cwd })])
    const listed = JSON.parse(json.stdout) as ReadonlyArray<{ readonly id: string; readonly provenance: object }>
    expect(listed.length).toBe(24)
    expect(
      text.stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" ")[0])
    ).toEqual(listed.map(({ id }) => id))
    expect(listed.find(({ id }) => id === "va.inquiry")).toMatchObject({
      path: "/api/v2/merch/va/inquiry",
      effect: "read",
      provenance: { path: "documented" }
    })
  })

  // How long that takes is measured where nothing else runs: by the check `start`.
  it("loads no more than the command that is called", async () => {
    const cwd = folder()
    await paykka(["keys", "generate"], { cwd })
    const log = `import { registerHooks } from "node:module"
      registerHooks({ load: (url, context, next) => (process.stderr.write(url + "\\n"), next(url, context)) })`
    const loaded = async (...args: ReadonlyArray<string>) => {
      const preload = `data:text/javascript,${encodeURIComponent(log)}`
      const { stderr } = await start(process.execPath, ["--import", preload, main, ...args], { cwd })
      return [...stderr.matchAll(/\/dist\/(\S+)$/gm)].map(([, file]) => file)
    }
    const [help, inspect] = await Promise.all([loaded("--help"), loaded("keys", "inspect", "merchant.pem")])
    expect(help).toContain("main.js")
    expect(help).not.toContain("internal/run.js")
    expect(inspect).toEqual(expect.arrayContaining(["main.js", "internal/run.js", "internal/keys.js"]))
    for (const other of ["Catalogue", "sandbox", "call", "explain", "listen"]) {
      expect(inspect).not.toContain(`internal/${other}.js`)
    }
  })
})
