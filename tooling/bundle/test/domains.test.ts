import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, describe, it } from "vitest"
import { byEsbuild, byRolldown } from "../bundlers.ts"
import type { Share } from "../modules.ts"

const folder = mkdtempSync(join(tmpdir(), "paykka-domains-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sdk = fileURLToPath(import.meta.resolve("@paykka/sdk"))

const domains = [
  "onboarding",
  "assessment",
  "va",
  "remittance",
  "order",
  "tradesettle",
  "balance",
  "payee",
  "forex",
  "payment",
  "file"
]

/** Which domains' code and messages are among the modules of a bundle, and whether webhooks are. */
const found = (modules: ReadonlyArray<Share>) => {
  const own = modules.flatMap(
    ({ source }) => /packages\/([\w-]+)\/dist\/(.+)\.js$/.exec(source)?.slice(1, 3).join("/") ?? []
  )
  return {
    code: domains.filter((domain) => own.some((module) => module.startsWith(`${domain}/`))),
    messages: domains.filter((domain) => own.some((module) => module.toLowerCase() === `schemas/${domain}`)),
    webhooks: own.some((module) => module.startsWith("webhook/"))
  }
}

const bundled = async (code: string) => {
  const entry = join(folder, "entry.js")
  writeFileSync(entry, code.replace('"@paykka/sdk"', JSON.stringify(sdk)))
  const [rolldown, esbuild] = await Promise.all([byRolldown(entry), byEsbuild(entry)])
  return { rolldown: found(rolldown.modules), esbuild: found(esbuild.modules) }
}

const settings = '{ keyId: "", privateKey: "" }'

describe("a bundle has of the domains what is named", () => {
  it("two of them", async () => {
    const two = { code: ["va", "payment"], messages: ["va", "payment"], webhooks: false }
    const code = `import { createClient, payment, va } from "@paykka/sdk"
      globalThis.client = createClient({ ...${settings}, domains: { va, payment } })`
    assert.deepStrictEqual(await bundled(code), { rolldown: two, esbuild: two })
  })

  it("all, and webhooks, where none is named", async () => {
    // Of remittances there is a notification only: no call, and so no code.
    const all = { code: domains.filter((domain) => domain !== "remittance"), messages: domains, webhooks: true }
    const code = `import { createPaykka } from "@paykka/sdk"
      globalThis.paykka = createPaykka(${settings})`
    assert.deepStrictEqual(await bundled(code), { rolldown: all, esbuild: all })
  })

  it("none with webhooks alone", async () => {
    const { rolldown, esbuild } = await bundled(`import { createWebhooks } from "@paykka/sdk"
      globalThis.webhooks = createWebhooks({ platformPublicKeys: [] })`)
    for (const { code, webhooks } of [rolldown, esbuild]) assert.deepStrictEqual([code, webhooks], [[], true])
  })
})
