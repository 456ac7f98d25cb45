import { verify } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { paykka, temporary } from "./support/paykka.ts"
import {
  account,
  body,
  dump,
  headerOf,
  host,
  json,
  keyFolder,
  makePair,
  merchId,
  type Message,
  nonce,
  path,
  textOf,
  timestamp
} from "./support/message.ts"

let place: ReturnType<typeof temporary>
let keys: ReturnType<typeof keyFolder>
beforeAll(() => {
  place = temporary()
  keys = keyFolder(place.path)
})
afterAll(() => place.remove())

const run = (...args: ReadonlyArray<string>) => paykka(args, { cwd: place.path, env: keys.env })

type Broken = Omit<Message, "key"> & { readonly key?: "platform" | "stranger"; readonly at?: string }

/** What an integrator gets wrong, with the cause that must be named. */
const mistakes: ReadonlyArray<readonly [cause: string, name: string, broken: Broken]> = [
  ["HeaderMissing", "no header", { header: () => "" }],
  ["HeaderScheme", "Bearer", { header: (object) => `Bearer ${headerOf(object)}` }],
  ["HeaderNotEncoded", "plain JSON", { header: (object) => JSON.stringify(object) }],
  ["HeaderEncodedTwice", "encoded twice", { header: (object) => encodeURIComponent(headerOf(object)) }],
  ["HeaderField", "the timestamp as a number", { fields: { timestamp: Number(timestamp) } }],
  ["SignType", "Java's name", { fields: { sign_type: "SHA256withRSA" } }],
  ["WrongAlgorithm", "SHA-1", { hash: "RSA-SHA1" }],
  ["WrongKey", "PayKKa's key", { key: "platform" }],
  ["ForeignKey", "a key that nobody has", { key: "stranger" }],
  ["KeyIdUnknown", "another id", { fields: { key_id: "K0" } }],
  ["PathQuery", "a question mark", { text: textOf({ path: `${path}?` }) }],
  ["PathTrailingSlash", "a slash", { text: textOf({ path: `${path}/` }) }],
  ["PathHost", "the URL", { text: textOf({ path: `https://${host}${path}` }) }],
  ["PathPrefix", "a proxy's prefix", { path: `/gateway${path}` }],
  ["TimestampSeconds", "seconds", { text: textOf({ timestamp: timestamp.slice(0, 10) }) }],
  ["NonceDiffers", "upper case", { text: textOf({ nonce: nonce.toUpperCase() }) }],
  ["MerchantHeaderTwice", "sent twice", { merchIds: [merchId, merchId] }],
  ["MerchantLineMissing", "no line 4", { text: textOf().replace(`${merchId}\n`, "") }],
  ["MerchantLineEmpty", "an empty line 4", { text: textOf({ merchId: "" }) }],
  ["MerchantLineOther", "no X-Merch-Id", { merchIds: [] }],
  ["BodyMissing", "four lines", { text: textOf().replace(`\n${body}`, "") }],
  [
    "BodyEscapes",
    "as Python escapes",
    { text: textOf({ body: body.replace("深圳示例", "\\u6df1\\u5733\\u793a\\u4f8b") }) }
  ],
  ["BodyReserialised", "indented", { text: textOf({ body: JSON.stringify(json, null, 2) }) }],
  ["TrailingNewline", "a line feed after it", { text: `${textOf()}\n` }],
  ["BodyBom", "a byte order mark", { text: textOf({ body: `\uFEFF${body}` }) }],
  ["MethodLine", "the method in front", { text: `POST\n${textOf()}` }],
  ["LineSeparator", "CR LF", { text: textOf().replaceAll("\n", "\r\n") }],
  ["OtherText", "another body", { text: textOf({ body: `{"a":1}` }) }],
  ["Clock", "an hour ago", { at: String(Number(timestamp) + 3_600_000) }]
]

interface Explained {
  readonly verdict: string
  readonly findings: ReadonlyArray<{ readonly code: string; readonly signer: string; readonly proven: boolean }>
  readonly remedy: string | null
}

describe("paykka explain", () => {
  it("knows at least twelve causes", () => {
    expect(new Set(mistakes.map(([cause]) => cause)).size).toBeGreaterThanOrEqual(12)
  })

  it.concurrent.each(mistakes)(
    "%s: %s",
    { timeout: 60_000 },
    async (cause, name, { key, at = timestamp, ...broken }) => {
      const stranger = key === "stranger" ? makePair().privateKey : undefined
      const signer = stranger ?? (key === "platform" ? keys.platform : keys.merchant).privateKey
      const file = `${cause}-${name.replaceAll(/\W/g, "-")}.http`
      writeFileSync(join(place.path, file), dump({ ...broken, key: signer }))
      const explained = await run("explain", file, "--at", at, "--json")
      expect([explained.code, explained.stderr]).toEqual([0, ""])
      const { verdict, findings, remedy } = JSON.parse(explained.stdout) as Explained
      expect([verdict, findings.map(({ code }) => code)]).toEqual(["Invalid", [cause]])
      expect(explained.stdout).not.toContain(account)

      // What is proposed, judged by another implementation: the same request, signed anew.
      expect(remedy).toBe(`paykka sign ${file} --as curl`)
      const signed = await run("sign", file, "--json")
      const {
        authorization: fresh,
        headers,
        url,
        body: sent
      } = JSON.parse(signed.stdout) as {
        readonly authorization: { readonly timestamp: string; readonly nonce: string; readonly signature: string }
        readonly headers: Readonly<Record<string, string>>
        readonly url: string
        readonly body: string
      }
      expect([url, headers["X-Merch-Id"], sent]).toEqual([`https://${host}${broken.path ?? path}`, merchId, body])
      const text = textOf({ path: broken.path ?? path, timestamp: fresh.timestamp, nonce: fresh.nonce })
      const bytes = Buffer.from(fresh.signature, "base64")
      expect(verify("RSA-SHA256", Buffer.from(text), keys.merchant.publicKey, bytes)).toBe(true)
    }
  )

  it("shows which line differs, and two mistakes at once", async () => {
    const text = `${textOf({ body: JSON.stringify(json, null, 2) })}\n`
    writeFileSync(join(place.path, "two.http"), dump({ text, key: keys.merchant.privateKey }))
    const { code, stdout } = await run("explain", "two.http", "--at", timestamp)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Invalid: .*\n1\. BodyReserialised: .*\n.*\n.*\n2\. TrailingNewline: /)
    expect(stdout).toMatch(
      /What was signed instead:\n {2}= path \(22 bytes\)\n(.*\n){3} {2}! body\n +expected .*\n +signed .*␊/
    )
    expect(stdout).toContain("To sign it anew: paykka sign two.http --as curl")
  })

  it("says what is known without a key, and of a message that is right that it is", async () => {
    writeFileSync(join(place.path, "right.http"), dump({ key: keys.merchant.privateKey }))
    const bare = join(place.path, "bare")
    mkdirSync(bare, { recursive: true })
    const [right, keyless, verified] = await Promise.all([
      run("explain", "right.http", "--at", timestamp),
      paykka(["explain", "../right.http"], { cwd: bare }),
      paykka(["verify", "../right.http"], { cwd: bare })
    ])
    expect([right.code, keyless.code, verified.code]).toEqual([0, 0, 2])
    expect(right.stdout).toMatch(/^Valid: /)
    expect(right.stdout).not.toContain("To sign it anew")
    expect(keyless.stdout).toMatch(/^Undecided: /)
    expect(verified.stderr).toContain("there is no key to verify with\nhint: give --key")
  })

  it("takes a notification for PayKKa's, whatever its path, and finds it signed by oneself", async () => {
    const paths = { documented: "/api/v2/merch/va/notification", own: "/hooks/paykka" }
    const sent = (to: string, key: string, id: string) =>
      dump({ path: to, text: textOf({ path: to }), key, fields: { key_id: id } })
    writeFileSync(join(place.path, "n1.http"), sent(paths.documented, keys.platform.privateKey, "platform-key"))
    writeFileSync(join(place.path, "n2.http"), sent(paths.own, keys.platform.privateKey, "platform-key"))
    writeFileSync(join(place.path, "n3.http"), sent(paths.own, keys.merchant.privateKey, "platform-key"))
    const [first, second, third] = await Promise.all(
      ["n1", "n2", "n3"].map((name) => run("verify", `${name}.http`, "--at", timestamp))
    )
    expect([first!.code, second!.code, third!.code]).toEqual([0, 0, 1])
    expect(third!.stderr).toMatch(/WrongKey: the text is right, but the key "merchant-key" has signed/)
  })
})
