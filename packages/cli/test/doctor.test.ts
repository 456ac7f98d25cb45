import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Ended, paykka, temporary } from "./support/paykka.ts"
import { merchId, standSandbox, type Standing } from "./support/sandbox.ts"

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

const doctor = (env: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>): Promise<Ended> =>
  paykka(["doctor", "--json", ...args], { cwd: place.path, env })

interface Finding {
  readonly check: string
  readonly status: string
  readonly detail: string
  readonly advice?: string
}

/** The findings by their checks. */
const read = ({ stdout }: Ended): Readonly<Record<string, Finding>> =>
  Object.fromEntries((JSON.parse(stdout) as ReadonlyArray<Finding>).map((each) => [each.check, each]))

describe("paykka doctor", () => {
  it("finds a good setup good, and a bad one bad where it is", async () => {
    const { env } = sandbox
    // A host whose clock is hours ahead.
    const ahead = createServer((_, response) => {
      response.setHeader("date", new Date(Date.now() + 10_000_000).toUTCString())
      response.writeHead(401).end("{}")
    })
    await new Promise<void>((resolve) => ahead.listen(0, "127.0.0.1", resolve))
    const { port } = ahead.address() as AddressInfo
    const [good, bare, own, wrongKeyId, silent, hour] = await Promise.all([
      doctor(env),
      paykka(["doctor"], { cwd: place.path, env: { PAYKKA_ENVIRONMENT: "local" } }),
      doctor({ ...env, PAYKKA_PLATFORM_PUBLIC_KEY_FILE: "merchant.pub.pem" }),
      doctor({ ...env, PAYKKA_KEY_ID: "another" }),
      doctor({ ...env, PAYKKA_BASE_URL: "https://paykka.invalid" }, "--private-key-file", "nowhere.pem"),
      doctor({ ...env, PAYKKA_BASE_URL: `http://127.0.0.1:${port}` })
    ])
    ahead.close()
    expect([good, bare, own, wrongKeyId, silent, hour].map(({ code }) => code)).toEqual([0, 1, 1, 1, 1, 1])
    expect(Object.values(read(good)).map(({ check, status }) => `${check} ${status}`)).toEqual([
      "configuration ok",
      "signing key ok",
      "platform key ok",
      "reachability ok",
      "clock ok",
      "signed inquiry ok"
    ])
    expect(good.stderr).toBe("")
    expect(bare.stdout).toMatch(/^failure {2}configuration .*PAYKKA_BASE_URL.*\n.*\nfailure {2}signing key /)
    expect(bare.stderr).toBe("error: 2 of 3 checks failed\n")
    expect(read(own)["platform key"]).toMatchObject({
      status: "failure",
      detail: expect.stringContaining("your own signing key")
    })
    expect(read(wrongKeyId)["signed inquiry"]).toMatchObject({
      status: "failure",
      detail: expect.stringContaining("HTTP 401")
    })
    expect(read(silent)["reachability"]).toMatchObject({
      status: "failure",
      detail: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/)
    })
    expect(read(hour)["clock"]).toMatchObject({
      status: "failure",
      detail: expect.stringMatching(/at least (9|10)\d{3} s ahead/)
    })
    expect(read(silent)["signing key"]?.detail).toContain("nowhere.pem cannot be read (ENOENT)")
    for (const { stdout, stderr } of [good, own, wrongKeyId]) {
      for (const secret of sandbox.secrets) expect(stdout + stderr).not.toContain(secret)
    }
  })

  it("takes flags before the environment, and that before a profile, whose keys are references", async () => {
    const { PAYKKA_BASE_URL: baseUrl = "" } = sandbox.env
    const profile = {
      environment: "local",
      baseUrl,
      merchId,
      keyId: "merchant-key",
      privateKey: { file: "merchant.pem" }
    }
    const write = (name: string, json: unknown) => {
      const file = join(place.path, name)
      writeFileSync(file, JSON.stringify(json))
      return file
    }
    write("paykka.json", {
      default: "usual",
      profiles: {
        usual: profile,
        run: { ...profile, privateKey: { command: ["cat", "merchant.pem"] } }
      }
    })
    write("own.json", { profiles: { command: { ...profile, privateKey: { command: ["cat", "merchant.pem"] } } } })
    const [usual, outranked, flag, run, command] = await Promise.all([
      doctor({}),
      doctor({ PAYKKA_MERCH_ID: "M-of-environment", PAYKKA_KEY_ID: "another" }),
      doctor({ PAYKKA_MERCH_ID: "M-of-environment" }, "--merch-id", "M-of-flag"),
      doctor({ PAYKKA_PROFILE: "run" }),
      doctor({}, "--config", "own.json", "--profile", "command")
    ])
    const told = (ended: Ended) => read(ended)["configuration"]!
    expect([usual.code, told(usual).detail]).toEqual([
      0,
      `local, ${baseUrl}, merchant ${merchId}; profile usual of ${join(place.path, "paykka.json")}`
    ])
    expect(told(outranked)).toMatchObject({
      status: "warning",
      advice: expect.stringContaining("PAYKKA_MERCH_ID, PAYKKA_KEY_ID")
    })
    expect(told(outranked).detail).toContain("M-of-environment")
    expect(told(flag).detail).toContain("M-of-flag")
    expect(told(run).detail).toContain("a paykka.json that was found in a folder may not run")
    expect(command.code).toBe(0)
  })
})
