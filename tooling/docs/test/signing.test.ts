/** The figures of docs/signing.md, computed by node:crypto, and compared with the vectors. What its commands print `pages.test.ts` compares. */
import { createHash, createPublicKey, publicDecrypt, sign, constants } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "../../checks/check.ts"
import { blocks } from "../../checks/examples.ts"

const page = readFileSync(join(root, "docs/signing.md"), "utf8")
const all = blocks("docs/signing.md", page)

interface Vector {
  readonly id: string
  readonly path: string
  readonly timestamp: string
  readonly nonce: string
  readonly merch_id: string
  readonly key_id: string
  readonly body: { readonly text: string }
  readonly canonical_sha256: string
  readonly signature: string
  readonly authorization_json: string
  readonly authorization: string
}

const vectors = JSON.parse(readFileSync(join(root, "packages/signing/test/vectors/signing.json"), "utf8")) as {
  readonly keys: { readonly merchant: { readonly private_pkcs8_pem: string } }
  readonly cases: ReadonlyArray<Vector>
}
const vector = vectors.cases.find(({ id }) => id === "with-body")!

/** The block with this word behind its language. */
const block = (flag: string): string => {
  const found = all.find(({ flags }) => flags.includes(flag))
  if (found === undefined) throw new Error(`docs/signing.md has no block ${flag}`)
  return found.code
}

/** What the page says that the command prints which has this in it. */
const outputOf = (command: string): string => {
  const index = all.findIndex(({ code, flags }) => flags.includes("run") && code.includes(command))
  const output = all[index + 1]
  if (index < 0 || !output?.flags.includes("output")) throw new Error(`no output of ${command}`)
  return output.code
}

const key = block("merchant.pem")
const values = Object.fromEntries(
  block("message.sh")
    .split("\n")
    .map((line) => /^(\w+)='?(.*?)'?$/.exec(line)!.slice(1))
) as Readonly<Record<"path" | "timestamp" | "nonce" | "merch_id" | "body", string>>
const lines = [values.path, values.timestamp, values.nonce, values.merch_id, values.body]
const signed = Buffer.from(lines.join("\n"))
const digest = createHash("sha256").update(signed).digest("hex")
const signature = sign("RSA-SHA256", signed, key)
const padded = publicDecrypt({ key: createPublicKey(key), padding: constants.RSA_NO_PADDING }, signature)

/** The bytes of a dump by `od -A d -t x1`; a line `*` stands for repetitions of the one before. */
const undump = (text: string): Buffer => {
  const bytes: Array<number> = []
  let last: ReadonlyArray<number> = []
  for (const line of text.split("\n").filter((each) => each !== "*")) {
    const [offset, ...hex] = line.split(" ")
    // Where lines are missing, the one before is repeated.
    const missing = (Number(offset) - bytes.length) / 16
    bytes.push(...Array.from({ length: missing }, () => last).flat())
    expect(bytes.length).toBe(Number(offset))
    last = hex.map((byte) => Number.parseInt(byte, 16))
    bytes.push(...last)
  }
  return Buffer.from(bytes)
}

describe("docs/signing.md", () => {
  it("has the message and the key of the vector", () => {
    expect(key.trim()).toBe(vectors.keys.merchant.private_pkcs8_pem.trim())
    expect(values).toEqual({
      path: vector.path,
      timestamp: vector.timestamp,
      nonce: vector.nonce,
      merch_id: vector.merch_id,
      body: vector.body.text
    })
  })

  it("shows the signed text, as bytes and as text", () => {
    expect(undump(outputOf("> signed.bin"))).toEqual(signed)
    expect(block("signed")).toBe(lines.join("␊\n"))
  })

  it("shows the digest", () => {
    expect(outputOf("openssl dgst -sha256 -r").split(" ")[0]).toBe(digest)
    expect(digest).toBe(vector.canonical_sha256)
  })

  it("shows the signature, and what is in it", () => {
    expect(outputOf("-sign merchant.pem").replaceAll("\n", "")).toBe(signature.toString("base64"))
    expect(signature.toString("base64")).toBe(vector.signature)
    expect(undump(outputOf("-verifyrecover"))).toEqual(padded)
    expect(padded.subarray(-32).toString("hex")).toBe(digest)
  })

  it("shows the header, encoded and decoded", () => {
    const { timestamp, nonce } = values
    const json = JSON.stringify({
      sign_type: "SHA256_WITH_RSA",
      timestamp,
      nonce,
      key_id: vector.key_id,
      signature: signature.toString("base64")
    })
    expect(block("decoded")).toBe(json)
    expect(json).toBe(vector.authorization_json)
    expect(outputOf("> header.txt")).toBe(encodeURIComponent(json))
    expect(encodeURIComponent(json)).toBe(vector.authorization)
    expect(page).toContain(`${json.length} characters, ${encodeURIComponent(json).length} with the encoding`)
  })

  it("states the lengths of the lines in its table", () => {
    const rows = [...page.matchAll(/^\| (\d) +\| (\w+) +\| (\d+) +\|/gm)].map(([, line, , bytes]) => [line, bytes])
    expect(rows).toEqual(lines.map((text, index) => [String(index + 1), String(Buffer.byteLength(text))]))
  })

  it("has no number in its sentences that is not one of these", () => {
    const prose = page.replace(/^```.*?^```$/gms, "").replaceAll(/`[^`]*`|\]\([^)]*\)/g, "")
    const numbers = new Set(prose.match(/\b\d{2,}\b/g))
    const computed = new Map([
      ["the bits of the key", createPublicKey(key).asymmetricKeyDetails!.modulusLength!],
      ["the bytes of the signed text", signed.length],
      ["the bytes of the signature", signature.length],
      ["its characters in Base64", signature.toString("base64").length],
      // Behind the padding, which ends with a zero byte, and before the digest.
      ["what means SHA-256", padded.length - padded.lastIndexOf(0xff) - 2 - digest.length / 2],
      ["the header, decoded", vector.authorization_json.length],
      ["the header, encoded", vector.authorization.length],
      ...lines.map((text, index) => [`line ${index + 1}`, Buffer.byteLength(text)] as const)
    ])
    // Not of this message: the year that time counts from, the name of the digest, and the most characters of a nonce.
    const others = ["1970", "256", "32"]
    expect(
      [...numbers].filter((number) => !others.includes(number) && ![...computed.values()].map(String).includes(number))
    ).toEqual([])
    for (const [what, figure] of computed) expect(numbers, what).toContain(String(figure))
  })
})
