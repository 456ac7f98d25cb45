/** What `paykka` says to a person, on a pseudo-terminal. */
import { readdirSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, onTestFinished } from "vitest"
import { dump, keyFolder } from "./support/message.ts"
import { folder, launch, main, paykka, temporary } from "./support/paykka.ts"
import { standSandbox, type Standing } from "./support/sandbox.ts"
import { ctrlC, ctrlD, onTerminal, withTerminal } from "./support/terminal.ts"

const escape = "\u001B"

let place: ReturnType<typeof temporary>
let sandbox: Standing
beforeAll(async () => {
  place = temporary()
  sandbox = await standSandbox(place.path)
})
afterAll(async () => {
  await sandbox.stop()
  place.remove()
})

describe("on a terminal", { timeout: 60_000 }, () => {
  withTerminal("a write to production is asked about, and no is no", async () => {
    const env = { ...sandbox.env, PAYKKA_ENVIRONMENT: "production", PAYKKA_BASE_URL: "https://paykka.invalid" }
    const running = onTerminal(["call", "va.apply"], { cwd: place.path, env })
    await running.printed("va.apply writes to https://paykka.invalid. Send it?")
    running.type("n")
    const { code, stdout } = await running.ended
    expect([code, stdout]).toEqual([1, expect.stringContaining("error: nothing was sent")])
  })

  withTerminal("an answer is for people, in colours unless they are not wanted", async () => {
    const around = { cwd: place.path, env: sandbox.env }
    await paykka(
      ["call", "va.apply", "-f", "request_id=R-1", "-f", "currencies[0]=EUR", "-f", "country_code=DE"],
      around
    )
    const inquiry = ["call", "va.inquiry", "--field", "request_id=R-1"]
    const [coloured, plain] = await Promise.all([
      onTerminal(inquiry, around).ended,
      onTerminal(inquiry, { ...around, env: { ...sandbox.env, NO_COLOR: "1" } }).ended
    ])
    expect(coloured.stdout).toContain(`${escape}[2mcountry_code${escape}[22m  DE`)
    expect(plain.stdout).toContain("country_code  DE")
    expect(plain.stdout).not.toContain(escape)
  })

  withTerminal("a message is pasted", async () => {
    const cwd = folder()
    const { env, merchant } = keyFolder(cwd)
    const running = onTerminal(["explain", "-"], { cwd, env })
    await running.printed("paste it here, then press Ctrl-D")
    // What a terminal makes of line ends is no matter of the signature, unlike the body's last one.
    running.type(`${dump({ key: merchant.privateKey }).toString().replaceAll("\r\n", "\n")}${ctrlD}${ctrlD}`)
    const { code, stdout } = await running.ended
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(`Valid: The signature is right: the key "merchant-key"`)
    ])
  })

  withTerminal("notifications are shown for people, until Ctrl-C, which leaves nothing behind", async () => {
    const cwd = folder()
    const env = { ...keyFolder(cwd).env, PAYKKA_PLATFORM_PRIVATE_KEY_FILE: "platform.pem" }
    const before = readdirSync(cwd)
    const running = onTerminal(["listen", "--port", "0"], { cwd, env })
    const [, url = ""] = await running.printed(/listening on (\S+), any path; Ctrl-C ends it/)
    const send = (...args: ReadonlyArray<string>) =>
      paykka(["trigger", "va.notification", "--to", `${url}/hooks`, ...args], { cwd, env })
    await send("--times", "2")
    await send("--wrong", "path")
    await fetch(`${url}/x`, {
      method: "POST",
      body: JSON.stringify({ "\u001B]0;k\u0007": "v\u001B[2J\u009B1m\u202E" })
    })
    const shown =
      /verified {2}va\.notification {2}\/hooks {2}M24061911365700670 {2}answered 200\r\n[\s\S]*EXAMPLE-1\r\n/
    await running.printed(shown)
    await running.printed(/answered 200 {2}delivered again\r\n/)
    await running.printed(/refused {2}va\.notification .* answered 401\r\n {4}PathTrailingSlash: /)
    await running.printed(String.raw`\u001b]0;k\u0007`)
    running.type(ctrlC)
    const { code, stdout } = await running.ended
    expect(code).toBe(130)
    expect(stdout).toContain(String.raw`"v\u001b[2J\u009b1m\u202e"`)
    // A stranger moves no cursor: the only escapes are the colours of names.
    expect(stdout.replaceAll(/\u001B\[(?:2|22)m/g, "")).not.toMatch(/[\u001B\u009B\u0007\u202E]/)
    await expect(fetch(url)).rejects.toThrow("fetch failed")
    expect(readdirSync(cwd)).toEqual(before)
  })

  withTerminal("a waiting trigger tells what it waits for, and Ctrl-C ends it", async () => {
    const cwd = folder()
    const env = { ...keyFolder(cwd).env, PAYKKA_PLATFORM_PRIVATE_KEY_FILE: "platform.pem" }
    const args = ["trigger", "va.notification", "--to", "http://127.0.0.1:9", "--delay", "10m"]
    const running = onTerminal(args, { cwd, env })
    await running.printed("waiting for 600 s (1 of 1)")
    running.type(ctrlC)
    expect((await running.ended).code).toBe(130)
  })

  withTerminal("the sandbox prints lines to paste, and Ctrl-C ends it", async () => {
    const cwd = folder()
    const running = onTerminal(["sandbox", "--port", "0"], { cwd })
    const [, baseUrl = ""] = await running.printed(/export PAYKKA_BASE_URL=(\S+)\r\n/)
    await running.printed("Ctrl-C ends it")
    const other = launch(process.execPath, [main, "sandbox", "--port", new URL(baseUrl).port], { cwd })
    onTestFinished(() => other.kill())
    expect((await other.ended).stderr).toContain("is taken")
    running.type(ctrlC)
    expect((await running.ended).code).toBe(130)
    await expect(fetch(baseUrl)).rejects.toThrow("fetch failed")
  })
})
