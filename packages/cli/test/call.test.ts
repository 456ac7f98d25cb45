import { createVerify } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Faults from "@paykka/sandbox/Faults"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Around, type Ended, paykka, start, temporary } from "./support/paykka.ts"
import { merchId, standSandbox, type Standing } from "./support/sandbox.ts"

/** Of the call with this number the answer is lost after the request was processed. */
const lost = "LOST-1"

let place: ReturnType<typeof temporary>
let sandbox: Standing
let around: Around
beforeAll(async () => {
  place = temporary()
  sandbox = await standSandbox(place.path, ({ requestId, operation }) =>
    requestId === lost && operation === "va.apply" ? Faults.reset({ processed: true }) : undefined
  )
  around = { cwd: place.path, env: sandbox.env }
})
afterAll(async () => {
  await sandbox.stop()
  place.remove()
})

const call = (...args: ReadonlyArray<string>): Promise<Ended> => paykka(["call", ...args], around)

describe("paykka call", () => {
  it("calls, and gives the answer as JSON where nobody looks", async () => {
    const applied = await call(
      "va.apply",
      "--data",
      `{"request_id":"R-1","country_code":"FR"}`,
      "-f",
      "country_code=DE",
      "-f",
      "currencies[0]=EUR"
    )
    expect([applied.code, JSON.parse(applied.stdout)]).toEqual([0, { request_id: "R-1" }])
    writeFileSync(join(place.path, "ask.json"), `{"request_id":"R-1"}`)
    const [asked, piped, unknown] = await Promise.all([
      call("va.inquiry", "--data", "@ask.json"),
      paykka(["call", "va.inquiry", "--data", "-"], { ...around, input: `{"request_id":"R-1"}` }),
      call("va.inquiry", "--field", "request_id=R-none", "--json")
    ])
    expect(JSON.parse(asked.stdout)).toMatchObject({
      request_id: "R-1",
      merch_id: merchId,
      country_code: "DE",
      currencies: ["EUR"]
    })
    expect([asked.stderr, piped.code, unknown.code, unknown.stdout]).toEqual(["", 0, 1, ""])
    expect(JSON.parse(unknown.stderr)).toMatchObject({
      error: { reason: "NotFound", ret_code: "010002", operation: "va.inquiry" }
    })
    for (const { stdout, stderr } of [applied, asked, piped, unknown]) {
      for (const secret of sandbox.secrets) expect(stdout + stderr).not.toContain(secret)
    }
  })

  it("says all that is wrong with a request, and sends nothing", async () => {
    const before = (await sandbox.log()).length
    const ended = await Promise.all([
      call("va.apply", "--field", "country_code=Germany", "--field", "currencies=EUR", "--field", "x=1"),
      call("va.apply", "--field", "country_code=Germany", "--json"),
      call("va.inquiry", "--data", "{"),
      call("va.inquiry", "--data", "@nowhere.json"),
      call("va.inquiry", "--field", "=1"),
      call("va.inquri"),
      call("va.inquiry", "--private-key-file", "platform.pub.pem", "--field", "request_id=R"),
      call("file.upload", "--file", "nothing.pdf", "--type", "application/pdf")
    ])
    const [faulty, asJson, notJson, noFile, noPath, misspelt, wrongKey, noUpload] = ended
    expect(ended.map(({ code }) => code)).toEqual(ended.map(() => 2))
    expect(ended.map(({ stdout }) => stdout)).toEqual(ended.map(() => ""))
    expect(faulty.stderr).toMatch(
      /nothing was sent\n {2}x is not a known field \(.*use --extra\)\n {2}currencies Expected array.*\n {2}country_code must be two capital letters/
    )
    expect(JSON.parse(asJson.stderr)).toMatchObject({
      error: { reason: "InvalidRequest", faults: [{ path: "country_code" }] }
    })
    expect(notJson.stderr).toContain("--data: the text")
    expect(noFile.stderr).toContain("nowhere.json cannot be read (ENOENT)")
    expect(noPath.stderr).toContain("--field must be a path and a value")
    expect(misspelt.stderr).toContain("va.inquiry")
    expect(wrongKey.stderr).toContain("PAYKKA_PRIVATE_KEY")
    expect(wrongKey.stderr).toContain("(flag)")
    expect(noUpload.stderr).toContain("nothing.pdf cannot be read (ENOENT)")
    expect((await sandbox.log()).length).toBe(before)
  })

  it("shows what would be signed and sent, and as a command that works", async () => {
    writeFileSync(join(place.path, "a file.txt"), "a document")
    const before = (await sandbox.log()).length
    const [dry, curl, upload] = await Promise.all([
      call("va.inquiry", "--field", "request_id=R'1", "--extra", "none=1", "--dry-run", "--json"),
      call("va.inquiry", "--field", "request_id=R'1", "--as", "curl"),
      call("file.upload", "--file", "a file.txt", "--type", "text/plain", "--data", `{"name":"it's"}`, "--as", "curl")
    ])
    expect((await sandbox.log()).length).toBe(before)
    const shown = JSON.parse(dry.stdout) as {
      readonly canonical_string: string
      readonly body: string
      readonly authorization: { readonly timestamp: string; readonly nonce: string; readonly signature: string }
    }
    const { timestamp, nonce, signature } = shown.authorization
    // The rule of contract/core.yaml, and another judge of the signature.
    expect(shown.canonical_string).toBe(`/api/v2/merch/va/inquiry\n${timestamp}\n${nonce}\n${merchId}\n${shown.body}`)
    expect(JSON.parse(shown.body)).toEqual({ request_id: "R'1", none: 1 })
    const key = readFileSync(join(place.path, "merchant.pub.pem"))
    expect(createVerify("RSA-SHA256").update(shown.canonical_string).verify(key, signature, "base64")).toBe(true)

    const run = (command: string) => start("sh", ["-c", command], around)
    const status = ` -o answer.txt -w '%{http_code}'`
    const [asked, sent] = [await run(curl.stdout.trimEnd() + status), await run(upload.stdout.trimEnd() + status)]
    // Not found: the signature was accepted.
    expect([asked.stdout, sent.stdout]).toEqual(["404", "200"])
  })

  it("tells what to ask where it is not known what became of a write", async () => {
    const ended = await call("va.apply", "--field", `request_id=${lost}`, "--merch-id", merchId)
    expect([ended.code, ended.stdout]).toEqual([3, ""])
    const [, ask = ""] = /^hint: ask: (paykka .*)$/m.exec(ended.stderr) ?? []
    expect(ask).toBe(`paykka call va.inquiry --field request_id=${lost} --merch-id ${merchId}`)
    const asked = await paykka(ask.split(" ").slice(1), around)
    expect(JSON.parse(asked.stdout)).toMatchObject({ request_id: lost })
  })

  it("writes to production only where that is meant", async () => {
    // Nothing listens there; loopback would be harmless, and .invalid is no host.
    const env = { ...sandbox.env, PAYKKA_ENVIRONMENT: "production", PAYKKA_BASE_URL: "https://paykka.invalid" }
    const production = (...args: ReadonlyArray<string>) => paykka(["call", ...args], { ...around, env })
    const [write, meant, read, invalid] = await Promise.all([
      production("va.apply"),
      production("va.apply", "--yes"),
      production("va.inquiry", "--field", "request_id=R-1"),
      production("va.apply", "--field", "country_code=Germany")
    ])
    expect([write, meant, read, invalid].map(({ code }) => code)).toEqual([2, 1, 1, 2])
    expect(write.stderr).toContain("va.apply writes to https://paykka.invalid: nothing was sent\nhint: add --yes")
    for (const { stderr } of [meant, read]) expect(stderr).toMatch(/host name (not found|could not be looked up)/)
    expect(invalid.stderr).toContain("country_code must be")
  })
})
