import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { assertHere } from "../guard.ts"
import { isLoopback, makeHome } from "../registry.ts"

const url = "http://127.0.0.1:4873/"

/** A folder from which is published by a user whose home belongs to the rehearsal. */
const makePlace = (settings = "") => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "paykka-guard-")))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [home, cwd] = [join(folder, "home"), join(folder, "repository")]
  makeHome(home, url)
  mkdirSync(cwd)
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ private: true }))
  writeFileSync(join(cwd, ".npmrc"), settings)
  return { home, cwd }
}

const manifest = { name: "@paykka/va", version: "0.0.0", publishConfig: { access: "public" } }

describe("a rehearsal publishes", () => {
  it("to the registry of its home", async () => {
    await expect(assertHere(makePlace(), url, [manifest])).resolves.toBeUndefined()
  })

  it("to loopback only", async () => {
    const elsewhere = "https://registry.npmjs.org/"
    await expect(assertHere(makePlace(), elsewhere, [manifest])).rejects.toThrow(`not to ${elsewhere}`)
    expect(() => makeHome("/nowhere", elsewhere)).toThrow(`not to ${elsewhere}`)
  })

  it.each(["registry", "@paykka:registry"])("not where the repository's %s says", async (setting) => {
    const place = makePlace(`${setting}=https://registry.example.test/\n`)
    await expect(assertHere(place, url, [manifest])).rejects.toThrow(
      `${setting} is https://registry.example.test/: a rehearsal would publish there`
    )
  })

  it.each(["registry", "@paykka:registry"])("not where a package's %s says", async (setting) => {
    const publishConfig = { [setting]: "https://registry.example.test/" }
    await expect(assertHere(makePlace(), url, [manifest, { ...manifest, publishConfig }])).rejects.toThrow(
      `"publishConfig" of @paykka/va names a registry`
    )
  })
})

it.each([
  ["http://127.0.0.1:4873/", true],
  ["http://[::1]:4873/", true],
  ["http://localhost/", true],
  ["https://registry.npmjs.org/", false],
  ["http://127.0.0.1.example.test/", false],
  ["http://localhost.example.test/", false],
  ["http://user@example.test/127.0.0.1", false],
  ["http://10.0.0.1/", false]
])("%s is on this machine: %s", (address, expected) => {
  expect(isLoopback(address)).toBe(expected)
})
