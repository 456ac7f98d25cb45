import { execFileSync } from "node:child_process"
import { performance } from "node:perf_hooks"
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

  it("starts in less than four times the time of an empty program", async () => {
    const cwd = folder()
    await paykka(["keys", "generate"], { cwd })
    const timeOf = (...args: ReadonlyArray<string>): number => {
      const before = performance.now()
      execFileSync(process.execPath, args, { cwd, stdio: "ignore" })
      return performance.now() - before
    }
    const starts = [
      ["-e", "0"],
      [main, "--help"],
      [main, "operations"],
      [main, "keys", "inspect", "merchant.pem"]
    ]
    // One after the other, so that all see the same machine; and the least of each, which noise can only add to.
    const rounds = Array.from({ length: 11 }, () => starts.map((args) => timeOf(...args)))
    const [empty = 0, ...commands] = starts.map((_, index) => Math.min(...rounds.map((round) => round[index]!)))
    const ratios = commands.map((time) => time / empty)
    console.log(`paykka --help, operations, keys inspect: ${ratios.map((ratio) => ratio.toFixed(2)).join(", ")} times`)
    for (const ratio of ratios) expect(ratio).toBeLessThan(4)
  }, 60_000)
})
