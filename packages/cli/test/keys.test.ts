import { execFileSync } from "node:child_process"
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto"
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { folder, paykka } from "./support/paykka.ts"

const program = "openssl"
const openssl = (...args: ReadonlyArray<string>): string => execFileSync(program, args, { encoding: "utf8" })

/** SHA-256 of the DER SubjectPublicKeyInfo, by node:crypto. */
const fingerprintOf = (pem: string): string =>
  createHash("sha256")
    .update(createPublicKey(pem).export({ type: "spki", format: "der" }))
    .digest("hex")

describe("paykka keys generate", () => {
  it("makes a pair that OpenSSL accepts, for the owner only", async () => {
    const cwd = folder()
    const [usual, longer] = await Promise.all([
      paykka(["keys", "generate", "--json"], { cwd }),
      paykka(["keys", "generate", "--out", "next", "--bits", "3072"], { cwd })
    ])
    expect([usual.code, usual.stderr, longer.code]).toEqual([0, "", 0])
    for (const [name, bits] of [
      ["merchant", 2048],
      ["next", 3072]
    ] as const) {
      const [privateFile, publicFile] = [join(cwd, `${name}.pem`), join(cwd, `${name}.pub.pem`)]
      expect(openssl("pkey", "-in", privateFile, "-check", "-noout")).toContain("Key is valid")
      expect(openssl("pkey", "-in", privateFile, "-text", "-noout")).toContain(`(${bits} bit`)
      expect(openssl("pkey", "-in", privateFile, "-pubout")).toBe(readFileSync(publicFile, "utf8"))
      expect(readFileSync(privateFile, "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
      expect([privateFile, publicFile].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600])
    }
    const publicPem = readFileSync(join(cwd, "merchant.pub.pem"), "utf8")
    expect(JSON.parse(usual.stdout)).toEqual({
      private_key_file: "merchant.pem",
      public_key_file: "merchant.pub.pem",
      bits: 2048,
      fingerprint: fingerprintOf(publicPem)
    })
  })

  it("overwrites nothing, and leaves no half of a pair", async () => {
    const cwd = folder()
    writeFileSync(join(cwd, "a.pem"), "mine")
    writeFileSync(join(cwd, "b.pub.pem"), "mine")
    const [a, b, nowhere, size] = await Promise.all([
      paykka(["keys", "generate", "--out", "a"], { cwd }),
      paykka(["keys", "generate", "--out", "b"], { cwd }),
      paykka(["keys", "generate", "--out", "no/where"], { cwd }),
      paykka(["keys", "generate", "--bits", "1024"], { cwd })
    ])
    expect([a.code, b.code, nowhere.code, size.code]).toEqual([2, 2, 2, 2])
    expect(a.stderr).toContain("a.pem is there already, and no key is ever overwritten")
    expect(b.stderr).toContain("b.pub.pem is there already")
    expect(nowhere.stderr).toContain("no/where.pem cannot be made (ENOENT)")
    expect(size.stderr).toContain(`Expected: "2048" | "3072" | "4096"`)
    expect([a, b, nowhere, size].map(({ stdout }) => stdout)).toEqual(["", "", "", ""])
    expect([existsSync(join(cwd, "a.pub.pem")), existsSync(join(cwd, "b.pem"))]).toEqual([false, false])
    expect(readFileSync(join(cwd, "a.pem"), "utf8")).toBe("mine")
    expect(readFileSync(join(cwd, "b.pub.pem"), "utf8")).toBe("mine")
  })
})

describe("paykka keys inspect and check-pair", () => {
  it("say what keys are, and whether they belong together", async () => {
    const cwd = folder()
    const write = (name: string, content: string | Buffer, mode = 0o600) =>
      writeFileSync(join(cwd, name), content, { mode })
    const [own, other] = [2048, 2048].map((modulusLength) => generateKeyPairSync("rsa", { modulusLength }))
    const pem = (key: { readonly export: (options: { type: "spki"; format: "pem" }) => string | Buffer }) =>
      String(key.export({ type: "spki", format: "pem" }))
    const privatePem = String(own!.privateKey.export({ type: "pkcs8", format: "pem" }))
    write("own.pem", privatePem)
    write("own.pkcs1.pem", String(own!.privateKey.export({ type: "pkcs1", format: "pem" })), 0o644)
    write("own.pub.pem", pem(own!.publicKey))
    write("own.pub.der", own!.publicKey.export({ type: "spki", format: "der" }))
    write("other.pub.pem", pem(other!.publicKey))
    write("short.pem", openssl("genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"))
    const fingerprint = fingerprintOf(pem(createPublicKey(createPrivateKey(privatePem))))

    const inspect = (...args: ReadonlyArray<string>) => paykka(["keys", "inspect", ...args], { cwd })
    const check = (...args: ReadonlyArray<string>) => paykka(["keys", "check-pair", ...args], { cwd })
    const [pkcs1, der, piped, short, missing] = await Promise.all([
      inspect("own.pkcs1.pem", "--json"),
      inspect("own.pub.der"),
      paykka(["keys", "inspect", "-", "--json"], { cwd, input: pem(own!.publicKey) }),
      inspect("short.pem"),
      inspect("missing.pem")
    ])
    const facts = { role: "private", bits: 2048, fingerprint }
    expect(JSON.parse(pkcs1.stdout)).toMatchObject({
      ...facts,
      found: "an RSA private key (PKCS#1, PEM)",
      warning: "others may read it: chmod 600 own.pkcs1.pem"
    })
    expect(der.stdout).toContain("an RSA public key (SPKI, DER)")
    expect(JSON.parse(piped.stdout)).toMatchObject({ role: "public", bits: 2048, fingerprint })
    expect([short.code, missing.code]).toEqual([1, 2])
    expect(short.stderr).toContain("1024 bits")
    expect(missing.stderr).toContain("missing.pem cannot be read (ENOENT)")

    const [wrong, swapped, given, fine] = await Promise.all([
      check("own.pem", "other.pub.pem", "--json"),
      check("own.pub.pem", "own.pem"),
      check("own.pem", "own.pub.pem", "--platform", "own.pub.der"),
      check("own.pem", "own.pub.pem", "--platform", "other.pub.pem", "--json")
    ])
    expect([wrong, swapped, given, fine].map(({ code }) => code)).toEqual([1, 2, 1, 0])
    expect(JSON.parse(wrong.stderr)).toMatchObject({
      error: { pair: false, private_key_fingerprint: fingerprint, hint: expect.stringContaining("openssl pkey") }
    })
    expect(swapped.stderr).toContain("own.pub.pem is an RSA public key (SPKI, PEM), where a private key is wanted")
    expect(given.stderr).toContain("own.pub.der is the public half of your own key")
    expect(JSON.parse(fine.stdout)).toMatchObject({
      pair: true,
      platform_key_is_own: false,
      public_key_fingerprint: fingerprint
    })
    const everything = [pkcs1, der, piped, short, wrong, swapped, given, fine]
    const secret = privatePem.split("\n")[1]!
    for (const { stdout, stderr } of everything) expect(stdout + stderr).not.toContain(secret)
  })
})
