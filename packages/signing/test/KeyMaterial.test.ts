import { constants, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as KeyMaterial from "../src/KeyMaterial.ts"
import {
  arbitrary,
  assertHidden,
  base64Of,
  bytesOf,
  fingerprintOf,
  flippedText,
  publicOf,
  type Sample,
  sampleDer,
  samples,
  sampleText,
  sha256,
  utf8
} from "./support.ts"

type Wanted = "private" | "public"

const read = (input: KeyMaterial.KeyInput, wanted: Wanted) =>
  wanted === "private" ? KeyMaterial.privateKey(input) : KeyMaterial.publicKey(input)

const plain = (input: KeyMaterial.KeyInput): string | Uint8Array =>
  Redacted.isRedacted(input) ? Redacted.value<string | Uint8Array>(input) : input

const message = utf8("message")
const signatureOf = (key: KeyObject) => sign("RSA-SHA256", message, key)

/** Reads a key and holds it against node:crypto's reading of `expected`. */
const works = (input: KeyMaterial.KeyInput, wanted: Wanted, expected: KeyObject) =>
  Effect.gen(function* () {
    const key = yield* read(input, wanted)
    assert.strictEqual(key.bits, expected.asymmetricKeyDetails?.modulusLength)
    assert.strictEqual(key.fingerprint, fingerprintOf(expected))
    assertHidden(key, plain(input))
    const { cryptoKey } = key
    assert.strictEqual(cryptoKey.type, wanted)
    const { name, hash } = cryptoKey.algorithm as RsaHashedKeyAlgorithm
    assert.deepStrictEqual([name, hash.name], ["RSASSA-PKCS1-v1_5", "SHA-256"])
    // The key is that key indeed: its signature is node:crypto's, and it verifies node:crypto's.
    if (wanted === "private") {
      assert.isFalse(cryptoKey.extractable)
      assert.deepStrictEqual(cryptoKey.usages, ["sign"])
      const made = yield* Effect.promise(() => crypto.subtle.sign("RSASSA-PKCS1-v1_5", cryptoKey, message))
      assert.isTrue(signatureOf(expected).equals(Buffer.from(made)))
    } else {
      assert.deepStrictEqual(cryptoKey.usages, ["verify"])
    }
  })

/** Reads a key in vain: one sentence says what was found and what is wanted, and shows nothing of the key. */
const refused = (input: KeyMaterial.KeyInput, wanted: Wanted, found: string, advice?: RegExp) =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(read(input, wanted))
    assert.instanceOf(error, KeyMaterial.InvalidKey)
    assert.strictEqual(error.wanted, wanted)
    assert.strictEqual(error.found, found)
    if (advice === undefined) assert.isUndefined(error.advice)
    else assert.match(error.advice ?? "", advice)
    const sentence = `wanted an RSA ${wanted} key of at least 2048 bits, found ${found}`
    assert.strictEqual(error.message, error.advice === undefined ? sentence : `${sentence}; ${error.advice}`)
    assert.notInclude(error.message, "\n")
    assertHidden(error, plain(input))
  })

const keyOf = (sample: Sample, wanted: Wanted): KeyObject => {
  const source = samples.find(
    ({ pair, role, container, format }) =>
      pair === sample.pair && role === wanted && container === "pem" && (format === "pkcs8" || format === "spki")
  )!
  return wanted === "private" ? createPrivateKey(source.text!) : createPublicKey(source.text!)
}

const inputOf = ({ text, base64 }: Sample): string | Uint8Array => text ?? bytesOf(base64!)

// ---------------------------------------------------------------------------------------------------------
// The samples, as OpenSSL wrote them
// ---------------------------------------------------------------------------------------------------------

const decrypt = /^decrypt it first: openssl pkey/
const takePublic = /take its public half: openssl pkey .*-pubout$/
const takePrivate = /^sign with the private half/
const takeFromCertificate = /^take its key: openssl x509/
const notPss = /PKCS#1 v1\.5/
const longer = /^make a longer key$/

/** What is said of a sample that cannot be used, by its id and the wanted role. */
const refusals: Readonly<Record<string, Partial<Record<Wanted, readonly [found: string, advice?: RegExp]>>>> = {
  "rsa-2048-private-pkcs8-pem": { public: ["an RSA private key (PKCS#8, PEM)", takePublic] },
  "rsa-2048-private-pkcs8-der": { public: ["an RSA private key (PKCS#8, DER)", takePublic] },
  "rsa-2048-private-pkcs1-pem": { public: ["an RSA private key (PKCS#1, PEM)", takePublic] },
  "rsa-2048-private-pkcs1-der": { public: ["an RSA private key (PKCS#1, DER)", takePublic] },
  "rsa-2048-public-spki-pem": { private: ["an RSA public key (SPKI, PEM)", takePrivate] },
  "rsa-2048-public-spki-der": { private: ["an RSA public key (SPKI, DER)", takePrivate] },
  "rsa-2048-public-pkcs1-pem": { private: ["an RSA public key (PKCS#1, PEM)", takePrivate] },
  "rsa-2048-public-pkcs1-der": { private: ["an RSA public key (PKCS#1, DER)", takePrivate] },
  "rsa-1024-private-pkcs8-pem": {
    private: ["an RSA private key (PKCS#8, PEM) of 1024 bits", longer],
    public: ["an RSA private key (PKCS#8, PEM)", takePublic]
  },
  "rsa-1024-public-spki-pem": {
    private: ["an RSA public key (SPKI, PEM)", takePrivate],
    public: ["an RSA public key (SPKI, PEM) of 1024 bits", longer]
  },
  "rsa-3072-private-pkcs8-pem": { public: ["an RSA private key (PKCS#8, PEM)", takePublic] },
  "rsa-3072-public-spki-pem": { private: ["an RSA public key (SPKI, PEM)", takePrivate] },
  "rsa-4096-private-pkcs8-pem": { public: ["an RSA private key (PKCS#8, PEM)", takePublic] },
  "rsa-4096-public-spki-pem": { private: ["an RSA public key (SPKI, PEM)", takePrivate] },
  "rsa-2048-private-encrypted-pkcs8-pem": {
    private: ["an encrypted private key (PKCS#8, PEM)", decrypt],
    public: ["an encrypted private key (PKCS#8, PEM)", takePublic]
  },
  "rsa-2048-private-encrypted-pkcs1-pem": {
    private: ["an encrypted private key (PKCS#1, PEM)", decrypt],
    public: ["an encrypted private key (PKCS#1, PEM)", takePublic]
  },
  "ec-p256-private-pkcs8-pem": {
    private: ["an EC private key (PKCS#8, PEM)"],
    public: ["an EC private key (PKCS#8, PEM)"]
  },
  "ec-p256-private-sec1-pem": {
    private: ["an EC private key (SEC1, PEM)"],
    public: ["an EC private key (SEC1, PEM)"]
  },
  "ec-p256-public-spki-pem": { private: ["an EC public key (SPKI, PEM)"], public: ["an EC public key (SPKI, PEM)"] },
  "ed25519-private-pkcs8-pem": {
    private: ["an Ed25519 private key (PKCS#8, PEM)"],
    public: ["an Ed25519 private key (PKCS#8, PEM)"]
  },
  "ed25519-public-spki-pem": {
    private: ["an Ed25519 public key (SPKI, PEM)"],
    public: ["an Ed25519 public key (SPKI, PEM)"]
  },
  "rsa-pss-2048-private-pkcs8-pem": {
    private: ["an RSA-PSS private key (PKCS#8, PEM)", notPss],
    public: ["an RSA-PSS private key (PKCS#8, PEM)", notPss]
  },
  "rsa-pss-2048-public-spki-pem": {
    private: ["an RSA-PSS public key (SPKI, PEM)", notPss],
    public: ["an RSA-PSS public key (SPKI, PEM)", notPss]
  },
  "rsa-2048-certificate-pem": {
    private: ["an X.509 certificate (PEM)"],
    public: ["an X.509 certificate (PEM)", takeFromCertificate]
  },
  "rsa-2048-certificate-der": {
    private: ["an X.509 certificate (DER)"],
    public: ["an X.509 certificate (DER)", takeFromCertificate]
  },
  "rsa-2048-signing-request-pem": {
    private: ["a certificate signing request (PKCS#10, PEM)"],
    public: ["a certificate signing request (PKCS#10, PEM)"]
  },
  "rsa-2048-certificate-then-private-pem": { public: ["an X.509 certificate (PEM)", takeFromCertificate] },
  "rsa-2048-private-then-certificate-pem": { public: ["an RSA private key (PKCS#8, PEM)", takePublic] },
  "rsa-2048-private-bag-attributes-pem": { public: ["an RSA private key (PKCS#8, PEM)", takePublic] },
  "rsa-2048-certificate-private-bag-attributes-pem": { public: ["an X.509 certificate (PEM)", takeFromCertificate] }
}

describe("KeyMaterial reads what OpenSSL wrote, or says what it is", () => {
  it("has a row for every sample", () => {
    assert.deepStrictEqual(Object.keys(refusals).toSorted(), samples.map(({ id }) => id).toSorted())
  })

  for (const sample of samples) {
    for (const wanted of ["private", "public"] as const) {
      const refusal = refusals[sample.id]?.[wanted]
      if (refusal === undefined) {
        it.effect(`${sample.id} works as a ${wanted} key`, () => {
          const expected = keyOf(sample, wanted)
          // The vector's own words on the key, and node:crypto's, are the same.
          const modulus = Buffer.from(publicOf(expected).export({ format: "jwk" }).n!, "base64url")
          assert.strictEqual(sha256(modulus), sample.modulus_sha256)
          assert.strictEqual(expected.asymmetricKeyDetails!.modulusLength, sample.bits)
          return works(inputOf(sample), wanted, expected)
        })
      } else {
        it.effect(`${sample.id} is refused as a ${wanted} key`, () => refused(inputOf(sample), wanted, ...refusal))
      }
      // The same file read as bytes is the same thing.
      const { text } = sample
      if (text !== undefined) {
        it.effect(`${sample.id}, as bytes, likewise as a ${wanted} key`, () =>
          Effect.gen(function* () {
            if (refusal === undefined) yield* works(utf8(text), wanted, keyOf(sample, wanted))
            else yield* refused(utf8(text), wanted, ...refusal)
          })
        )
      }
    }
  }
})

// ---------------------------------------------------------------------------------------------------------
// The same keys as they come out of environments, consoles, mails and forms
// ---------------------------------------------------------------------------------------------------------

const bare = (pem: string): string => pem.replace(/-----[^-]*-----|\s/g, "")
const wrapped = (pem: string, width: number, by: string): string =>
  bare(pem).replace(new RegExp(`(.{${width}})(?!$)`, "g"), `$1${by}`)

const variations: ReadonlyArray<readonly [string, (pem: string) => KeyMaterial.KeyInput]> = [
  ["without its last line break", (pem) => pem.trimEnd()],
  ["with blanks and line breaks around", (pem) => ` \t\n\n${pem}\n  \n`],
  ["with CR LF", (pem) => pem.replaceAll("\n", "\r\n")],
  ["with CR only", (pem) => pem.replaceAll("\n", "\r")],
  ["with an empty line after each line", (pem) => pem.replaceAll("\n", "\n\n")],
  ["indented", (pem) => pem.replace(/^/gm, "    ")],
  ["with blanks at the end of each line", (pem) => pem.replace(/$/gm, "  ")],
  ["with \\n for line breaks", (pem) => pem.replaceAll("\n", "\\n")],
  ["with \\r\\n for line breaks", (pem) => pem.replaceAll("\n", "\\r\\n")],
  ["with \\n and line breaks", (pem) => pem.replaceAll("\n", "\\n\n")],
  ["in double quotes", (pem) => `"${pem}"`],
  ["in single quotes", (pem) => `'${pem}'`],
  ["in quotes, with \\n, with blanks around", (pem) => `  "${pem.replaceAll("\n", "\\n")}" \n`],
  ["with blanks inside the quotes", (pem) => `" ${pem} "`],
  ["after a byte order mark", (pem) => `\uFEFF${pem}`],
  ["after a byte order mark, with CR LF", (pem) => `\uFEFF${pem.replaceAll("\n", "\r\n")}`],
  ["with blanks inside the BEGIN and END lines", (pem) => pem.replace(/-----([^-]+)-----/g, "----- $1 -----")],
  ["with a blank before the dashes of the BEGIN line", (pem) => pem.replace(/BEGIN ([^-]+)-----/, "BEGIN $1 -----")],
  ["on one line", (pem) => pem.replaceAll("\n", "")],
  ["on one line, with blanks for line breaks", (pem) => pem.replaceAll("\n", " ")],
  ["with lines of 76 characters", (pem) => pem.replace(/(-----\n)[^-]*(\n-----)/, `$1${wrapped(pem, 76, "\n")}$2`)],
  ["after a remark", (pem) => `Key of the merchant, do not lose\n${pem}`],
  ["after a remark in Chinese", (pem) => `商户私钥：请勿外传\n${pem}`],
  ["with headers inside the block", (pem) => pem.replace("-----\n", "-----\nComment: test only\nX-Key: 1\n\n")],
  [
    "with headers inside the block and CR LF",
    (pem) => pem.replace("-----\n", "-----\nX-Key: 1\n\n").replaceAll("\n", "\r\n")
  ],
  [
    "with headers inside the block and CR only",
    (pem) => pem.replace("-----\n", "-----\nX-Key: 1\n\n").replaceAll("\n", "\r")
  ],
  ["as Base64 on one line", bare],
  ["as Base64 with line breaks", (pem) => wrapped(pem, 64, "\n")],
  ["as Base64 with CR LF and one at the end", (pem) => `${wrapped(pem, 64, "\r\n")}\r\n`],
  ["as Base64 with \\n", (pem) => wrapped(pem, 64, "\\n")],
  ["as Base64 in quotes", (pem) => `"${bare(pem)}"`],
  ["as Base64 in quotes with blanks inside and around", (pem) => `  ' ${bare(pem)} ' \n`],
  ["as Base64 with blanks", (pem) => `  ${wrapped(pem, 64, " ")} `],
  ["as Base64 after a byte order mark", (pem) => `\uFEFF${bare(pem)}`],
  ["as DER", (pem) => bytesOf(bare(pem))],
  ["as a Buffer of DER", (pem) => Buffer.from(bare(pem), "base64")],
  ["as bytes of PEM", utf8],
  ["as bytes of PEM with CR LF", (pem) => utf8(pem.replaceAll("\n", "\r\n"))],
  ["as bytes of PEM after a byte order mark", (pem) => utf8(`\uFEFF${pem}`)],
  ["as bytes of PEM after a remark in Chinese", (pem) => utf8(`商户私钥：请勿外传\n${pem}`)],
  ["as bytes of PEM after a remark in GBK", (pem) => Uint8Array.of(0xc9, 0xcc, 0xbb, 0xa7, 10, ...utf8(pem))],
  ["as bytes of Base64", (pem) => utf8(bare(pem))],
  ["as redacted text", (pem) => Redacted.make(pem)],
  ["as redacted text with a label", (pem) => Redacted.make(pem, { label: "key" })],
  ["as redacted DER", (pem) => Redacted.make(bytesOf(bare(pem)))],
  ["as redacted bytes of PEM", (pem) => Redacted.make(utf8(pem))]
]

const pemIds = [
  "rsa-2048-private-pkcs8-pem",
  "rsa-2048-private-pkcs1-pem",
  "rsa-2048-public-spki-pem",
  "rsa-2048-public-pkcs1-pem"
] as const

describe("KeyMaterial reads a key", () => {
  for (const [name, vary] of variations) {
    for (const id of pemIds) {
      const wanted = id.includes("private") ? "private" : "public"
      it.effect(`${name}: ${id}`, () =>
        Effect.gen(function* () {
          const sample = samples.find((one) => one.id === id)!
          yield* works(vary(sample.text!), wanted, keyOf(sample, wanted))
          // In the wrong role it is recognised all the same.
          const error = yield* Effect.flip(read(vary(sample.text!), wanted === "private" ? "public" : "private"))
          assert.match(error.found, new RegExp(`^an RSA ${wanted} key \\((PKCS#8|PKCS#1|SPKI), (PEM|DER|Base64)\\)$`))
          assertHidden(error, plain(vary(sample.text!)))
        })
      )
    }
  }

  it.effect("whose label is another tool's: the content counts", () => {
    const pkcs8 = sampleText("rsa-2048-private-pkcs8-pem")
    const spki = sampleText("rsa-2048-public-spki-pem")
    const relabel = (pem: string, label: string) => pem.replace(/(BEGIN|END) [A-Z ]+/g, `$1 ${label}`)
    return Effect.all([
      works(relabel(pkcs8, "RSA PRIVATE KEY"), "private", createPrivateKey(pkcs8)),
      works(relabel(spki, "RSA PUBLIC KEY"), "public", createPublicKey(spki)),
      refused(relabel(spki, "PRIVATE KEY"), "private", "an RSA public key (SPKI, PEM)", takePrivate)
    ])
  })

  it.effect("of both halves in one file", () => {
    const [pkcs8, spki] = [sampleText("rsa-2048-private-pkcs8-pem"), sampleText("rsa-2048-public-spki-pem")]
    return Effect.all([
      works(spki + pkcs8, "private", createPrivateKey(pkcs8)),
      works(pkcs8 + spki, "public", createPublicKey(spki))
    ])
  })
})

// ---------------------------------------------------------------------------------------------------------
// What is no key
// ---------------------------------------------------------------------------------------------------------

const pkcs8Pem = sampleText("rsa-2048-private-pkcs8-pem")
const spkiDer = sampleDer("rsa-2048-public-spki-der")
const pkcs8Der = sampleDer("rsa-2048-private-pkcs8-der")

const openssh = `-----BEGIN OPENSSH PRIVATE KEY-----\n${bare(pkcs8Pem).slice(0, 400)}\n-----END OPENSSH PRIVATE KEY-----`
const notText = "text that is neither PEM nor the Base64 of a key"
const notBytes = "bytes that are not a DER key"
const incomplete = "an incomplete PEM block (BEGIN and END do not match)"

/** A DER key with one byte changed, and what is in that place. */
const spoilt = (der: Uint8Array, index: number, from: number, to: number): Uint8Array => {
  assert.strictEqual(der[index], from)
  const copy = new Uint8Array(der)
  copy[index] = to
  return copy
}

const encrypted = generateKeyPairSync("ed448").privateKey.export({ type: "pkcs8", format: "pem" }) as string

const rubbish: ReadonlyArray<readonly [string, KeyMaterial.KeyInput, Wanted, string, RegExp?]> = [
  ["empty text", "", "private", "empty text"],
  ["blanks", " \r\n\t ", "public", "empty text"],
  ["empty quotes", '""', "private", "empty text"],
  ["quotes around blanks", ' "  " ', "private", "empty text"],
  ["a lone byte order mark", "\uFEFF", "public", "empty text"],
  ["no bytes", new Uint8Array(), "private", "empty text"],
  ["empty redacted text", Redacted.make(""), "private", "empty text"],
  ["a word", "secret", "private", notText],
  ["a path", "/etc/paykka/private.pem", "private", notText],
  ["JSON", JSON.stringify({ kty: "RSA", n: bare(pkcs8Pem).slice(0, 80), e: "AQAB" }), "public", notText],
  ["an SSH public key", `ssh-rsa ${bare(pkcs8Pem).slice(0, 372)} user@host`, "public", notText],
  ["Base64 of something else", base64Of(utf8("not a key, but long enough to look like one")), "private", notText],
  ["base64url", Buffer.from(pkcs8Der).toString("base64url"), "private", notText],
  ["hexadecimal", Buffer.from(pkcs8Der).toString("hex"), "private", notText],
  ["Base64 that was cut off", bare(pkcs8Pem).slice(0, -40), "private", notText],
  ["random bytes", Uint8Array.from({ length: 300 }, (_, index) => (index * 197 + 131) % 256), "private", notBytes],
  ["DER that was cut off", pkcs8Der.slice(0, -1), "private", notBytes],
  ["DER with something behind it", Uint8Array.of(...pkcs8Der, 10), "private", notBytes],
  ["DER of indefinite length", Uint8Array.of(0x30, 0x80, 2, 1, 0, 0, 0), "private", notBytes],
  ["DER of a length of five bytes", Uint8Array.of(0x30, 0x85, 0, 0, 0, 0, 1, 5), "private", notBytes],
  ["half a DER length", Uint8Array.of(0x30, 0x82, 1), "public", notBytes],
  ["half a DER length inside a sequence", Uint8Array.of(0x30, 3, 2, 0x82, 1), "public", notBytes],
  ["one byte", Uint8Array.of(0x80), "public", notBytes],
  ["an empty DER sequence", Uint8Array.of(0x30, 0), "public", notBytes],
  ["a DER string", Uint8Array.of(4, 2, 0xff, 0xff), "public", notBytes],
  ["a BEGIN line without END", pkcs8Pem.split("-----END")[0]!, "private", incomplete],
  ["an END line of another label", pkcs8Pem.replace("END PRIVATE", "END PUBLIC"), "private", incomplete],
  [
    "only the BEGIN line, as of a shell that stops at the line break",
    "-----BEGIN PRIVATE KEY-----",
    "private",
    incomplete
  ],
  [
    "a block with nothing inside",
    "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
    "private",
    "a damaged PEM block labelled PRIVATE KEY"
  ],
  [
    "a block that lost a line",
    pkcs8Pem.replace(/\n[^-\n]+\n/, "\n"),
    "private",
    "a damaged PEM block labelled PRIVATE KEY"
  ],
  [
    "a block with a letter of another alphabet",
    pkcs8Pem.replace("MII", "MÍI"),
    "private",
    "a damaged PEM block labelled PRIVATE KEY"
  ],
  ["an OpenSSH block", openssh, "private", "a damaged PEM block labelled OPENSSH PRIVATE KEY"],
  ["a key of an algorithm that is not known", encrypted, "private", "an unknown algorithm private key (PKCS#8, PEM)"],
  // Offsets: SEQUENCE (4), SEQUENCE (2) with OID (11) and NULL (2), BIT STRING (4), unused bits (1), SEQUENCE (4), INTEGER
  ["SPKI whose parameters are not NULL", spoilt(spkiDer, 17, 5, 4), "public", "a damaged RSA public key (SPKI, DER)"],
  ["SPKI with unused bits", spoilt(spkiDer, 23, 0, 1), "public", "a damaged RSA public key (SPKI, DER)"],
  ["SPKI without its modulus", spoilt(spkiDer, 28, 2, 4), "public", "a damaged RSA public key (SPKI, DER)"],
  ["damaged SPKI in the wrong role", spoilt(spkiDer, 28, 2, 4), "private", "a damaged RSA public key (SPKI, DER)"],
  // Offsets: SEQUENCE (4), INTEGER (3), SEQUENCE (15), OCTET STRING (4), SEQUENCE (4), INTEGER
  ["PKCS#8 without its version", spoilt(pkcs8Der, 30, 2, 4), "private", "a damaged RSA private key (PKCS#8, DER)"],
  ["damaged PKCS#8 in the wrong role", spoilt(pkcs8Der, 30, 2, 4), "public", "a damaged RSA private key (PKCS#8, DER)"]
]

describe("KeyMaterial says what it found instead of a key", () => {
  for (const [name, input, wanted, found, advice] of rubbish) {
    it.effect(name, () => refused(input, wanted, found, advice))
  }

  it.effect("an RSA key that has the right frame and that the engine refuses", () =>
    // A version for keys of more than two primes, which this one has not.
    refused(
      spoilt(pkcs8Der, 32, 0, 1),
      "private",
      "an RSA private key (PKCS#8, DER) that WebCrypto refuses",
      /^the key is damaged$/
    )
  )

  it.effect("a short RSA key with zeros in front, which make it no longer", () => {
    const { n } = createPublicKey(sampleText("rsa-1024-public-spki-pem")).export({ format: "jwk" })
    const modulus = [2, 0x82, 1, 1, ...new Uint8Array(129), ...Buffer.from(n!, "base64url")]
    const pkcs1 = Uint8Array.of(0x30, 0x82, 1, 10, ...modulus, 2, 3, 1, 0, 1)
    return refused(pkcs1, "public", "an RSA public key (PKCS#1, DER) of 1024 bits", longer)
  })

  it.effect("an RSA key without any numbers", () =>
    Effect.gen(function* () {
      const empty = Uint8Array.of(0x30, 4, 2, 0, 2, 0)
      yield* refused(empty, "public", "an RSA public key (PKCS#1, DER) of 0 bits", longer)
    })
  )

  for (const bits of [2047, 2048]) {
    it.effect(`the exact edge: a modulus of ${bits} bits`, () =>
      Effect.gen(function* () {
        const { n } = createPublicKey(sampleText("rsa-2048-public-spki-pem")).export({ format: "jwk" })
        const modulus = Buffer.from(n!, "base64url")
        if (bits === 2047) modulus[0] = 0x7f
        const key = createPublicKey({ key: { kty: "RSA", n: modulus.toString("base64url"), e: "AQAB" }, format: "jwk" })
        const der = new Uint8Array(key.export({ type: "spki", format: "der" }))
        if (bits === 2048) yield* works(der, "public", key)
        else yield* refused(der, "public", "an RSA public key (SPKI, DER) of 2047 bits", longer)
      })
    )
  }

  it("(keys of PSS are of no use for this signature, as the advice says)", () => {
    const key = createPrivateKey(sampleText("rsa-pss-2048-private-pkcs8-pem"))
    assert.throws(() => sign("RSA-SHA256", message, { key, padding: constants.RSA_PKCS1_PADDING }))
  })
})

// ---------------------------------------------------------------------------------------------------------
// Nothing throws
// ---------------------------------------------------------------------------------------------------------

const never = (input: KeyMaterial.KeyInput) =>
  Effect.gen(function* () {
    for (const wanted of ["private", "public"] as const) {
      // A defect would fail the test.
      const result = yield* Effect.result(read(input, wanted))
      if (Result.isFailure(result)) {
        assert.instanceOf(result.failure, KeyMaterial.InvalidKey)
        assert.isBelow(result.failure.message.length, 300)
      }
    }
  })

describe("KeyMaterial takes the public half", () => {
  it.effect("of every private and every public key that it reads, and refuses the others as publicKey does", () =>
    Effect.gen(function* () {
      let halves = 0
      for (const sample of samples) {
        const input = inputOf(sample)
        const half = yield* Effect.result(KeyMaterial.publicHalf(input))
        const own = yield* Effect.result(
          Effect.catch(KeyMaterial.privateKey(input), () => KeyMaterial.publicKey(input))
        )
        assert.strictEqual(half._tag, own._tag)
        if (Result.isSuccess(half) && Result.isSuccess(own)) {
          halves++
          assert.strictEqual(half.success.fingerprint, own.success.fingerprint)
          const signature = signatureOf(keyOf(sample, "private"))
          const { cryptoKey } = half.success
          const verified = yield* Effect.promise(() =>
            crypto.subtle.verify("RSASSA-PKCS1-v1_5", cryptoKey, new Uint8Array(signature), message)
          )
          assert.isTrue(verified)
          assertHidden(half.success, plain(input))
        } else if (Result.isFailure(half)) {
          assert.strictEqual(half.failure.wanted, "public")
          assertHidden(half.failure, plain(input))
        }
      }
      assert.isAtLeast(halves, 12)
    })
  )
})

describe("KeyMaterial never throws", () => {
  it.effect.prop(
    "for any text",
    { text: arbitrary.text },
    ({ text }) =>
      Effect.all([
        never(text),
        never(Buffer.from(text).toString("base64")),
        never(`-----BEGIN ${text}-----\n${text}\n-----END ${text}-----`),
        never(`-----BEGIN PRIVATE KEY-----${text}-----END PRIVATE KEY-----`)
      ]),
    { arbitrary: { runs: 200 } }
  )

  it.effect.prop(
    "for any bytes",
    { bytes: arbitrary.bytes },
    ({ bytes }) =>
      Effect.all([
        never(bytes),
        never(Uint8Array.of(0x30, bytes.length & 0x7f, ...bytes)),
        never(Uint8Array.of(0x30, (bytes.length & 0x3f) + 3, 2, 1, 0, ...bytes)),
        never(base64Of(bytes)),
        never(Redacted.make(bytes))
      ]),
    { arbitrary: { runs: 200 } }
  )

  for (const sample of samples) {
    it.effect.prop(
      `for ${sample.id}, cut off or changed in one place`,
      { place: arbitrary.place, mask: arbitrary.mask },
      ({ place, mask }) => {
        const input = inputOf(sample)
        const index = place % input.length
        return typeof input === "string"
          ? Effect.all([
              never(input.slice(0, index)),
              never(input.slice(index)),
              never(flippedText(input, index, mask))
            ])
          : Effect.all([
              never(input.slice(0, index)),
              never(input.slice(index)),
              never(input.map((byte, at) => (at === index ? byte ^ mask : byte)))
            ])
      },
      { arbitrary: { runs: 40 } }
    )
  }

  it.effect("for deeply nested DER", () =>
    never(Uint8Array.from({ length: 400 }, (_, index) => (index % 2 === 0 ? 0x30 : Math.max(0, 126 - index))))
  )
})
