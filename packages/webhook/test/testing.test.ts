import { execFileSync, spawnSync } from "node:child_process"
import { createPrivateKey, createPublicKey, sign } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Amount from "@paykka/schemas/Amount"
import { notification as assessment } from "@paykka/schemas/Assessment"
import * as Json from "@paykka/schemas/Json"
import * as Notification from "@paykka/schemas/Notification"
import { notification as payment } from "@paykka/schemas/Payment"
import { notification as va } from "@paykka/schemas/Va"
import * as Verifier from "@paykka/signing/Verifier"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as Testing from "../src/testing.ts"
import * as WebHandler from "../src/WebHandler.ts"
import * as Webhook from "../src/Webhook.ts"
import { Log, node, platform, verifier, web } from "./support.ts"

const key: Testing.Key = { keyId: platform.key_id, privateKey: platform.private_pkcs8_pem }

/** The object inside the `Authorization` header. */
const authorizationOf = ({ headers }: Testing.Signed): Readonly<Record<string, string>> =>
  JSON.parse(decodeURIComponent(headers["Authorization"]!)) as Readonly<Record<string, string>>

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8")

const openssl = "openssl"

/** What OpenSSL says to a signature: its file formats, its key reading, its arithmetic. */
const opensslVerifies = (publicKey: string, canonical: string, signature: string): boolean => {
  const folder = mkdtempSync(join(tmpdir(), "paykka-openssl-"))
  try {
    writeFileSync(join(folder, "key.pem"), publicKey)
    writeFileSync(join(folder, "signature"), Buffer.from(signature, "base64"))
    writeFileSync(join(folder, "canonical"), canonical)
    const args = ["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "canonical"]
    return spawnSync(openssl, args, { cwd: folder }).status === 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const hasOpenssl = spawnSync(openssl, ["version"]).status === 0
if (!hasOpenssl) console.log("OpenSSL is not installed: its tests of @paykka/webhook/testing are skipped")
const withOpenssl = hasOpenssl || process.env["PAYKKA_REQUIRE_SERVICES"] === "1" ? it : it.skip

describe("testing: what is signed", () => {
  it.effect("the documented lines, by the key that was given", () =>
    Effect.gen(function* () {
      const signed = yield* Testing.sign(
        va,
        { request_id: "VA-1", status: "ENABLED", bank_name: "中国银行" },
        { key, merchId: "M1", timestamp: 1714521600000, nonce: "a1b2c3d4e5f6" }
      )
      const body =
        '{"type":"MERCH","version":"V2","data":{"request_id":"VA-1","status":"ENABLED","bank_name":"中国银行"}}'
      assert.strictEqual(text(signed.body), body)
      assert.strictEqual(signed.path, "/api/v2/merch/va/notify")
      // PKCS#1 v1.5 has no randomness: there is one signature only.
      const signature = sign(
        "RSA-SHA256",
        Buffer.from(`/api/v2/merch/va/notify\n1714521600000\na1b2c3d4e5f6\nM1\n${body}`, "utf8"),
        createPrivateKey(platform.private_pkcs8_pem)
      ).toString("base64")
      assert.deepStrictEqual(authorizationOf(signed), {
        sign_type: "SHA256_WITH_RSA",
        timestamp: "1714521600000",
        nonce: "a1b2c3d4e5f6",
        key_id: platform.key_id,
        signature
      })
      assert.deepStrictEqual(Object.keys(signed.headers), ["Authorization", "Content-Type", "X-Merch-Id"])
      assert.strictEqual(signed.headers["Content-Type"], "application/json")
      assert.strictEqual(signed.headers["X-Merch-Id"], "M1")
    })
  )

  it.effect("fields past the schema, which must not be given twice", () =>
    Effect.gen(function* () {
      const options = { key, merchId: "M1", extra: { note: "new", digits: Json.rawNumber("12345678901234567890.10") } }
      const signed = yield* Testing.sign(va, { request_id: "VA-1" }, options)
      assert.strictEqual(
        text(signed.body),
        '{"type":"MERCH","version":"V2","data":{"request_id":"VA-1","note":"new","digits":12345678901234567890.10}}'
      )
      const twice = yield* Effect.flip(Testing.sign(va, { request_id: "VA-1" }, { key, extra: { request_id: "VA-2" } }))
      assert.deepInclude(twice, {
        _tag: "InvalidValue",
        faults: [{ path: "extra.request_id", rule: "is given in the input already" }]
      })
    })
  )

  it.effect("without a merchant number there is no header, and an empty line", () =>
    Effect.gen(function* () {
      const signed = yield* Testing.signBody("{}", { key, path: "/hooks", timestamp: 1, nonce: "123456" })
      assert.deepStrictEqual(Object.keys(signed.headers), ["Authorization", "Content-Type"])
      const canonical = Buffer.from("/hooks\n1\n123456\n\n{}")
      const expected = sign("RSA-SHA256", canonical, createPrivateKey(platform.private_pkcs8_pem))
      assert.strictEqual(authorizationOf(signed)["signature"], expected.toString("base64"))
    })
  )

  it.effect("the time of the clock, and a nonce of its own each time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1714521600123)
      const nonces = new Set<string>()
      for (let i = 0; i < 3; i++) {
        const { timestamp, nonce } = authorizationOf(yield* Testing.sign(va, {}, { key }))
        assert.strictEqual(timestamp, "1714521600123")
        assert.match(nonce!, /^[0-9a-f]{32}$/)
        nonces.add(nonce!)
      }
      assert.strictEqual(nonces.size, 3)
    })
  )

  it.effect("the envelope: by kind, or as it is given", () =>
    Effect.gen(function* () {
      const envelopeOf = (signed: Testing.Signed): unknown => JSON.parse(text(signed.body))
      assert.deepStrictEqual(envelopeOf(yield* Testing.sign(assessment, { status: "PASS" }, { key })), {
        type: "ASSESSMENT",
        version: "V2",
        data: { status: "PASS" }
      })
      assert.deepStrictEqual(envelopeOf(yield* Testing.sign(payment, {}, { key, type: "PAY", version: "V9" })), {
        type: "PAY",
        version: "V9",
        data: {}
      })
    })
  )

  it.effect("amounts with just their digits", () =>
    Effect.gen(function* () {
      const paid = Notification.make({
        ...payment,
        data: Schema.Struct({ amount: Amount.Inbound, fee: Schema.optionalKey(Amount.Inbound) })
      })
      const data = { amount: Amount.make("1200.50"), fee: Amount.make("90071992547409930.10") }
      const { body } = yield* Testing.sign(paid, data, { key })
      assert.strictEqual(
        text(body),
        '{"type":"MERCH","version":"V2","data":{"amount":1200.50,"fee":90071992547409930.10}}'
      )
    })
  )

  it.effect("the bytes of any body, as they were when it was signed", () =>
    Effect.gen(function* () {
      const body = new Uint8Array([0xff, 0x00, 0x0d, 0x0a, 0x7b])
      const signed = yield* Testing.signBody(body, { key, path: "/hooks", timestamp: 1, nonce: "123456" })
      body.fill(0)
      assert.deepStrictEqual([...signed.body], [0xff, 0x00, 0x0d, 0x0a, 0x7b])
      const canonical = Buffer.concat([Buffer.from("/hooks\n1\n123456\n\n"), signed.body])
      const expected = sign("RSA-SHA256", canonical, createPrivateKey(platform.private_pkcs8_pem))
      assert.strictEqual(authorizationOf(signed)["signature"], expected.toString("base64"))
    })
  )
})

describe("testing: OpenSSL", () => {
  withOpenssl("verifies what was signed, and nothing else", async () => {
    const pair = await Effect.runPromise(Testing.generateKeyPair("k1"))
    const signed = await Effect.runPromise(
      Testing.sign(
        va,
        { request_id: "VA-1", status: "ENABLED", bank_name: "é" },
        { key: pair, path: "/hooks/va", merchId: "M1" }
      )
    )
    const { key_id, timestamp, nonce, signature = "" } = authorizationOf(signed)
    assert.strictEqual(key_id, "k1")
    const canonical = `/hooks/va\n${timestamp}\n${nonce}\nM1\n{"type":"MERCH","version":"V2","data":{"request_id":"VA-1","status":"ENABLED","bank_name":"é"}}`
    assert.isTrue(opensslVerifies(pair.publicKey, canonical, signature))
    assert.isFalse(opensslVerifies(pair.publicKey, `${canonical} `, signature))
    assert.isFalse(opensslVerifies(platform.public_spki_pem, canonical, signature))
  })

  withOpenssl("reads a generated pair", async () => {
    const { keyId, privateKey, publicKey } = await Effect.runPromise(Testing.generateKeyPair())
    assert.strictEqual(keyId, "test-platform-key")
    assert.strictEqual(execFileSync(openssl, ["pkey"], { input: privateKey }).toString(), privateKey)
    assert.strictEqual(execFileSync(openssl, ["pkey", "-pubout"], { input: privateKey }).toString(), publicKey)
    assert.strictEqual(createPublicKey(publicKey).asymmetricKeyDetails?.modulusLength, 2048)
    assert.strictEqual(createPublicKey(publicKey).asymmetricKeyDetails?.publicExponent, 65537n)
  })
})

describe("testing: the webhook under test", () => {
  it.live("believes what was signed with the pair that it was given, and decodes it to what it was", () =>
    Effect.gen(function* () {
      const pair = yield* Testing.generateKeyPair()
      const events: Array<Webhook.Event<typeof va>> = []
      const webhook = Webhook.make({
        notifications: [va],
        handlers: { "va.notification": (event) => Effect.sync(() => events.push(event)) }
      })
      const { keyId, publicKey } = pair
      const layer = verifier({}, { platformKeys: [{ keyId, publicKey }] })
      const data = { request_id: "VA-1", merch_id: "M1", status: "ENABLED", currencies: ["EUR", "USD"] } as const
      for (const adapter of [web, node]) {
        const { send } = yield* adapter.start(webhook, Layer.merge(layer, new Log().layer))
        const signed = yield* Testing.sign(va, data, { key: pair, merchId: "M1" })
        assert.strictEqual((yield* send(signed)).status, 200)
        const event = events.pop()!
        assert.deepStrictEqual(event.data, data)
        assert.strictEqual(event.type, "MERCH")
        assert.strictEqual(event.version, "V2")
        assert.strictEqual(event.verified.merchId, "M1")
        assert.strictEqual(event.verified.authorization.key_id, keyId)

        const changed = Buffer.from(text(signed.body).replace("VA-1", "VA-2"))
        assert.strictEqual((yield* send({ ...signed, body: new Uint8Array(changed) })).status, 401)
        const byAnother = yield* Testing.sign(va, data, { key, merchId: "M1" })
        assert.strictEqual((yield* send(byAnother)).status, 401)
        const old = yield* Testing.sign(va, data, { key: pair, timestamp: Date.now() - 3_600_000 })
        assert.strictEqual((yield* send(old)).status, 401)
        assert.deepStrictEqual(events, [])
      }
    }).pipe(Effect.scoped)
  )

  it.effect("is verified by the Verifier alone", () =>
    Effect.gen(function* () {
      const { verify } = yield* Verifier.Verifier
      const { headers, body, path } = yield* Testing.sign(
        payment,
        { request_id: "P1" },
        { key, path: "/a", merchId: "M1" }
      )
      const { Authorization: authorization, "X-Merch-Id": merchId } = headers
      const verified = yield* verify({ path, authorization, merchId, body })
      assert.strictEqual(verified.path, "/a")
      assert.strictEqual(verified.merchId, "M1")
      assert.strictEqual(verified.key.keyId, platform.key_id)
      const refused = yield* Effect.flip(verify({ path: "/b", authorization, merchId, body }))
      assert.strictEqual(refused._tag, "SignatureRejected")
    }).pipe(Effect.provide(verifier()))
  )

  it.live("a web request can be had again and again: a redelivery, which is handled once", () =>
    Effect.gen(function* () {
      let handled = 0
      const webhook = yield* Webhook.make({
        notifications: [va],
        handlers: { "va.notification": () => Effect.sync(() => handled++) }
      })
      const handle = WebHandler.handle(webhook)
      const signed = yield* Testing.sign(va, { account_no: "1" }, { key, path: "/hooks/va" })
      assert.strictEqual(signed.request().url, "https://merchant.test/hooks/va")
      assert.strictEqual(signed.request("http://127.0.0.1:3000").url, "http://127.0.0.1:3000/hooks/va")
      for (let i = 0; i < 3; i++) assert.strictEqual((yield* handle(signed.request())).status, 200)
      assert.strictEqual(handled, 1)
    }).pipe(Effect.provide(Layer.merge(verifier(), new Log().layer)))
  )
})

describe("testing: what cannot be signed", () => {
  const failure = (effect: Effect.Effect<unknown, { readonly _tag: string; readonly message: string }>) =>
    Effect.map(Effect.flip(effect), ({ _tag, message }) => `${_tag}: ${message}`)

  it.effect("data that does not fit the schema, or that it does not know", () =>
    Effect.gen(function* () {
      // @ts-expect-error a number is no request number
      const misfit = Testing.sign(va, { request_id: 7, currencies: ["EUR"] }, { key })
      assert.match(yield* failure(misfit), /^InvalidValue: request_id: Expected string/)
      // @ts-expect-error a misspelt field
      const misspelt = Testing.sign(va, { requestId: "VA-1" }, { key })
      assert.match(yield* failure(misspelt), /^InvalidValue: requestId: is not a known field/)
    })
  )

  it.effect("a key, an id, a path, a time or a nonce that nobody could use", () =>
    Effect.gen(function* () {
      const { public_spki_pem: publicKey } = platform
      const body = (options: Partial<Testing.Options>) =>
        failure(Testing.signBody("{}", { key, path: "/hooks", ...options }))
      assert.match(
        yield* body({ key: { keyId: "k", privateKey: publicKey } }),
        /^InvalidKeyStore: signingKey.privateKey: wanted an RSA private key .* found an RSA public key/
      )
      assert.match(yield* body({ key: { ...key, keyId: "a b" } }), /^InvalidKeyStore: signingKey.keyId/)
      assert.match(yield* body({ path: "/hooks?a=1" }), /^InvalidPart: path must not carry a query/)
      assert.match(yield* body({ timestamp: -1 }), /^InvalidPart: timestamp/)
      assert.match(yield* body({ timestamp: 1.5 }), /^InvalidPart: timestamp/)
      assert.match(yield* body({ nonce: "short" }), /^InvalidPart: nonce/)
      assert.match(yield* body({ merchId: "M1\nM2" }), /^InvalidPart: merchId/)
    })
  )
})
