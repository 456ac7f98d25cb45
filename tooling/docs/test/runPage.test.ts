import { describe, expect, it } from "vitest"
import { blocks } from "../../checks/examples.ts"
import { isOutput, runPage } from "../runPage.ts"
import { stepsOf } from "../steps.ts"

const page = (...lines: ReadonlyArray<string>) => stepsOf(blocks("page.md", lines.join("\n")))

const said = (...lines: ReadonlyArray<string>) => ["```text output", ...lines, "```"]

describe("a page", () => {
  it("is run in its order, with its files", async () => {
    const lines = [
      "```ini .env",
      "NAME=reader",
      "```",
      "```ts hello.ts",
      'console.log("hello", process.env["NAME"])',
      "```",
      "```sh run",
      "node --env-file=.env hello.ts | tee said.txt",
      "```",
      ...said("hello reader"),
      "And then:",
      "```sh run",
      "cat said.txt",
      "```",
      ...said("hello …")
    ]
    expect(await runPage(page(...lines))).toEqual([])
  })

  it("fails where a block ends badly, with its line and what it printed", async () => {
    await expect(runPage(page("text", "```sh run", "echo so far >&2; false; echo never", "```"))).rejects.toThrow(
      "line 2: it ended with 1; it printed\nso far"
    )
  })

  it("fails where something else is printed than the page says, or something that it does not say", async () => {
    await expect(runPage(page("```sh run", "echo 1", "```", ...said("2")))).rejects.toThrow(
      "line 1: the page says\n2\nit printed\n1\n"
    )
    await expect(runPage(page("```sh run", "echo 1", "```"))).rejects.toThrow("it printed\n1")
    await expect(runPage(page("```sh run", "true", "```", ...said("1")))).rejects.toThrow("the page says\n1")
  })

  it("gives a server a free port, and leads the page's addresses to it", async () => {
    const lines = [
      "```ts server.ts",
      'import { createServer } from "node:http"',
      'createServer(({ url }, response) => (console.log("asked for", url), response.end("served"))).listen(1)',
      "```",
      "```sh serve",
      "node server.ts",
      "```",
      "```ts run",
      'console.log(await (await fetch("http://127.0.0.1:1/a")).text(), "at http://127.0.0.1:1")',
      "```",
      ...said("served at http://127.0.0.1:1"),
      "```text output:server.ts",
      "asked for /a",
      "```"
    ]
    expect(await runPage(page(...lines))).toEqual([])
  })

  it("fails where a server ends before it listens", async () => {
    await expect(runPage(page("```sh serve", "echo no", "```"))).rejects.toThrow(
      "line 1: it ended with 0; it printed\nno"
    )
  })

  it("leaves out what needs a program that the machine has not", async () => {
    const lines = ["```sh run needs:no-such-program", "no-such-program", "```", ...said("…")]
    expect(await runPage(page(...lines))).toEqual(["line 1: this machine has no no-such-program"])
  })
})

describe("the blocks of a page", () => {
  it("must make sense", () => {
    expect(() => page(...said("1"))).toThrow("line 1: the output of nothing")
    expect(() => page("```sh", "true", "```", ...said("1"))).toThrow("line 4: the output of nothing")
    expect(() => page("```sh run", "true", "```", "```text output:a.ts", "1", "```")).toThrow("the output of nothing")
    expect(() => page("```ts a.ts", "1", "```", "```ts a.ts", "2", "```")).toThrow("line 4: a second block a.ts")
  })
})

describe("an output", () => {
  it("is the page's, where … stands for anything within a line", () => {
    expect(isOutput("account 17 ENABLED\n", "account … ENABLED")).toBe(true)
    expect(isOutput("account 17\nENABLED\n", "account … ENABLED")).toBe(false)
    expect(isOutput("a+b (c)", "a+b (c)")).toBe(true)
    expect(isOutput("aab (c)", "a+b (c)")).toBe(false)
    expect(isOutput("1\n2", "1")).toBe(false)
  })
})
