import { execFileSync, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { paykka, start, temporary } from "./support/paykka.ts"
import { body, dump, headerOf, keyFolder, merchId, nonce, path, textOf, timestamp } from "./support/message.ts"

let place: ReturnType<typeof temporary>
let keys: ReturnType<typeof keyFolder>
beforeAll(() => {
  place = temporary()
  keys = keyFolder(place.path)
})
afterAll(() => place.remove())

const run = (...args: ReadonlyArray<string>) => paykka(args, { cwd: place.path, env: keys.env })

const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(place.path, name), content)
  return name
}

interface Signed {
  readonly authorization: { readonly signature: string; readonly key_id: string }
  readonly canonical_string: string
  readonly canonical_bytes: number
  readonly canonical_sha256: string
  readonly url: string
}

const signed = async (...args: ReadonlyArray<string>): Promise<Signed> => {
  const { code, stdout, stderr } = await run("sign", ...args, "--json")
  expect([code, stderr]).toEqual([0, ""])
  return JSON.parse(stdout) as Signed
}

const fixed = ["--timestamp", timestamp, "--nonce", nonce]

const openssl = (...args: ReadonlyArray<string>): Buffer => execFileSync("openssl", args, { cwd: place.path })

const java = spawnSync("java", ["-version"]).status === 0
if (!java) console.warn("no JDK: what it signs and verifies is not tried")

describe("paykka sign and paykka verify", () => {
  it("agree with OpenSSL in both directions", async () => {
    write("body.json", body)
    const ours = await signed("--path", path, "--data", "@body.json", ...fixed)
    expect([ours.canonical_string, ours.canonical_bytes, ours.authorization.key_id]).toEqual([
      textOf(),
      Buffer.byteLength(textOf()),
      "merchant-key"
    ])
    expect(ours.canonical_sha256).toBe(createHash("sha256").update(textOf()).digest("hex"))
    write("text", textOf())
    write("signature", Buffer.from(ours.authorization.signature, "base64"))
    const verdict = openssl("dgst", "-sha256", "-verify", "merchant.pub.pem", "-signature", "signature", "text")
    expect(verdict.toString()).toBe("Verified OK\n")
    // RSASSA-PKCS1-v1_5 has one signature of a text.
    const theirs = openssl("dgst", "-sha256", "-sign", "merchant.pem", "text").toString("base64")
    expect(theirs).toBe(ours.authorization.signature)

    const object = { sign_type: "SHA256_WITH_RSA", timestamp, nonce, key_id: "merchant-key", signature: theirs }
    const pieces = ["--path", path, "-H", `X-Merch-Id: ${merchId}`, "-d", body, "--at", timestamp]
    const verified = await run("verify", "-H", `Authorization: ${headerOf(object)}`, ...pieces)
    expect([verified.code, verified.stderr]).toEqual([0, ""])
    expect(verified.stdout).toMatch(/^Valid: /)
  })

  it.skipIf(!java)("agree with the JDK in both directions", { timeout: 60_000 }, async () => {
    const ours = await signed("--path", path, "--data", body, ...fixed)
    write("text", textOf())
    // A body with everything that encodings get wrong.
    const other = `{"name":"Ünï 深圳 🚀 \\u0000","line":"a\r\nb"}`
    write("other", textOf({ body: other }))
    const program = fileURLToPath(new URL("support/Jdk.java", import.meta.url))
    const args = ["merchant.pem", "merchant.pub.pem", "other", "text", ours.authorization.signature]
    const ended = await start("java", [program, ...args], { cwd: place.path })
    const [theirs, verdict] = ended.stdout.split("\n")
    expect([ended.code, verdict]).toEqual([0, "true"])
    write("jdk.http", dump({ key: keys.merchant.privateKey, body: other, fields: { signature: theirs } }))
    const verified = await run("verify", "jdk.http", "--at", timestamp)
    expect([verified.code, verified.stderr]).toEqual([0, ""])
  })

  it("read a message in all its forms, and write it so that it is read again", async () => {
    const http = dump({ key: keys.merchant.privateKey })
    const [, authorization = ""] = /^Authorization: (.*)\r$/m.exec(http.toString()) ?? []
    const url = `https://open-fat.cb.paykka.com${path}`
    const headers = { Authorization: authorization, "X-Merch-Id": merchId, "Content-Type": "application/json" }
    const har = {
      log: {
        entries: [
          { request: { method: "GET", url: "https://example.com/", headers: [] } },
          {
            startedDateTime: new Date(Number(timestamp)).toISOString(),
            request: {
              method: "POST",
              url,
              headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
              postData: { mimeType: "application/json", text: body }
            }
          }
        ]
      }
    }
    const words = Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`)
    write("body.json", body)
    const forms = [
      write("m.http", http),
      write("m.har", JSON.stringify(har)),
      write("m.sh", `curl ${url} \\\n  ${words.join(" \\\n  ")} \\\n  --data-binary @body.json`),
      write("m.js", `fetch(${JSON.stringify(url)}, ${JSON.stringify({ method: "POST", headers, body })})`)
    ]
    const all = await Promise.all(
      forms.map(async (form) => {
        const [verified, again, curl, dumped] = await Promise.all([
          run("verify", form, "--at", timestamp),
          run("sign", form, ...fixed, "--json"),
          run("sign", form, "--as", "curl"),
          run("sign", form, "--as", "http")
        ])
        const [byCurl, byHttp] = await Promise.all([
          paykka(["verify", "-"], { cwd: place.path, env: keys.env, input: curl.stdout }),
          paykka(["verify", "-"], { cwd: place.path, env: keys.env, input: dumped.stdout })
        ])
        const { canonical_string } = JSON.parse(again.stdout) as Signed
        return [form, verified.code, byCurl.code, byHttp.code, canonical_string]
      })
    )
    expect(all).toEqual(forms.map((form) => [form, 0, 0, 0, textOf()]))
    const { code, stdout, stderr } = await run("verify", "m.har", "--entry", "0")
    expect([code, stdout === ""]).toEqual([1, false])
    expect(stderr).toContain("HeaderMissing")
  })

  it("take the merchant number and the host from where they are given", async () => {
    const [settings, forbidden, flagged, hostless] = await Promise.all([
      signed("--path", path, "-d", "{}"),
      signed("--path", path, "-d", "{}", "-H", "X-Merch-Id: M1"),
      signed("--path", path, "-d", "{}", "-H", "X-Merch-Id: M1", "--merch-id", "M2"),
      paykka(["sign", "--path", path, "-d", "{}", "--as", "curl"], {
        cwd: place.path,
        env: { ...keys.env, PAYKKA_ENVIRONMENT: "" }
      })
    ])
    const fourth = ({ canonical_string }: Signed) => canonical_string.split("\n")[3]
    expect([settings, forbidden, flagged].map(fourth)).toEqual([merchId, "M1", "M2"])
    expect(settings.url).toBe(`https://open-fat.cb.paykka.com${path}`)
    expect(hostless.code).toBe(2)
    expect(hostless.stderr).toContain("it is not known where the message goes\nhint: give --base-url")
  })

  it("sign the bytes of a body that is no text, and of an upload the text of meta", async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x00, 0x0a, 0x7d])
    write("raw", bytes)
    const raw = await run("sign", "--path", path, "-d", "@raw", ...fixed, "--json")
    const shown = JSON.parse(raw.stdout) as Readonly<Record<string, string>>
    const text = Buffer.concat([Buffer.from(textOf({ body: "" })), bytes])
    expect([shown["canonical_string_base64"], shown["body_base64"]]).toEqual([
      text.toString("base64"),
      bytes.toString("base64")
    ])
    const meta = `{"file_name":"a.pdf"}`
    const part = (name: string, extra: string, content: string) =>
      `--x\r\nContent-Disposition: form-data; name="${name}"${extra}\r\n\r\n${content}\r\n`
    const upload = `${part("meta", "", meta)}${part("file", `; filename="a.pdf"`, "%PDF-1.4")}--x--\r\n`
    const head = `POST ${path} HTTP/1.1\r\nHost: example.com\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${upload.length}\r\n\r\n`
    write("upload.http", head + upload)
    const [multipart, noCurl, noText] = await Promise.all([
      signed("upload.http", ...fixed),
      run("sign", "upload.http", "--as", "curl"),
      run("sign", "--path", path, "-d", "@raw", "--as", "curl")
    ])
    expect(multipart.canonical_string).toBe(textOf({ body: meta }))
    expect([noCurl.code, noText.code]).toEqual([2, 2])
    expect(noCurl.stderr).toContain("--as header")
    expect(noText.stderr).toContain("--as http has its bytes")
  })

  it("say what is wrong with what they are given", async () => {
    write("prose", "Dear PayKKa, it does not work.")
    write("key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    write("m.http", dump({ key: keys.merchant.privateKey }))
    const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, said: string]> = [
      [["sign"], "there is no message"],
      [["sign", "nowhere.http"], "nowhere.http cannot be read (ENOENT)"],
      [["sign", "prose"], "prose: the text: is no curl command"],
      [["sign", "m.http", "--data", "{}"], "--header and --data are the pieces of a message"],
      [["sign", "--path", "va", "--data", "{}"], "path must start with /"],
      [["sign", "--path", "/va?a=1"], "path must not carry a query"],
      [["sign", "--path", "/va", "--nonce", "abc"], "nonce must have 6 to 32 characters"],
      [["sign", "--path", "/va", "--timestamp", "now"], "timestamp must be milliseconds"],
      [["sign", "--path", "/va", "--header", "X-Merch-Id"], "--header must be a name, a colon and a value"],
      [["sign", "--path", "/va", "--entry", "1"], "--entry is for a HAR file"],
      [["sign", "--path", "/va", "--private-key-file", "platform.pub.pem"], "PAYKKA_PRIVATE_KEY"],
      [["verify", "m.http", "--key", "key"], "key: "],
      [["verify", "m.http", "--key", "nowhere.pem"], "nowhere.pem cannot be read (ENOENT)"],
      [["verify", "m.http", "--at", "noon"], `--at must be a time, found "noon"`],
      [["explain"], "there is no message"],
      [["explain", "m.http", "--frobnicate"], "frobnicate"]
    ]
    const ended = await Promise.all(cases.map(([args]) => run(...args)))
    expect(ended.map(({ code }, index) => [cases[index]![0], code])).toEqual(cases.map(([args]) => [args, 2]))
    for (const [index, { stdout, stderr }] of ended.entries()) {
      expect(stderr).toContain(cases[index]![1])
      for (const { privateKey } of [keys.merchant, keys.platform]) {
        expect(stdout + stderr).not.toContain(privateKey.split("\n")[1])
      }
    }
  })
})
