import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { notification as remittance } from "@paykka/schemas/Remittance"
import { notification as tradesettle } from "@paykka/schemas/Tradesettle"
import { notification as payment } from "@paykka/schemas/Payment"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as WebHandler from "../src/WebHandler.ts"
import * as Incoming from "../src/Incoming.ts"
import * as ReplayGuard from "../src/ReplayGuard.ts"
import * as Webhook from "../src/Webhook.ts"
import {
  type Answer,
  Log,
  type Message,
  adapters,
  bytes,
  documentedExample,
  init,
  merchId,
  merchant,
  notify,
  opened,
  payee,
  platform,
  readAnswer,
  record,
  secrets,
  va,
  vectors,
  verifier,
  withHeaders
} from "./support.ts"

const assertAcknowledged = (answer: Answer): void => {
  assert.strictEqual(answer.status, 200)
  assert.strictEqual(answer.headers["content-type"], "application/json")
  assert.strictEqual(answer.body, "{}")
}

const assertDiscreet = (log: Log): void => {
  for (const secret of Object.values(secrets)) assert.notInclude(log.text, secret)
}

const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex")

// The listed fields and the printed example of va.notification's page are two spellings of the same account.
const listedSpelling = {
  type: "MERCH",
  version: "V2",
  data: {
    merch_id: "example",
    status: "ENABLED",
    currencies: ["EUR"],
    country_code: "example",
    type: "LOCAL",
    account_no: "example",
    bic_swift_code: "example",
    bank_name: "example",
    bank_address: "example"
  }
}

for (const adapter of adapters) {
  describe(`${adapter.name}: a genuine notification`, () => {
    it.live("both documented spellings arrive as one typed form", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        for (const body of [documentedExample, listedSpelling]) {
          assertAcknowledged(yield* webhook.send(notify(body)))
          const event = webhook.events.at(-1)!
          assert.strictEqual(event.kind, "va.notification")
          assert.deepStrictEqual(event.data, listedSpelling.data)
          assert.deepStrictEqual(event.raw, body)
          assert.strictEqual(event.type, "MERCH")
        }
        assert.deepStrictEqual(
          webhook.events.map(({ version }) => version),
          [undefined, "V2"]
        )
        assert.deepStrictEqual(webhook.log.entries, [])
      }).pipe(Effect.scoped)
    )

    it.live("the handler sees what was verified", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        const timestamp = String(Date.now())
        const message = notify(opened(), { timestamp, nonce: "iKlrQquvZHxLqM99" })
        assertAcknowledged(yield* webhook.send(message))
        const { verified } = webhook.events[0]!
        assert.strictEqual(verified.key.keyId, platform.key_id)
        assert.strictEqual(verified.authorization.key_id, platform.key_id)
        assert.strictEqual(verified.authorization.timestamp, timestamp)
        assert.strictEqual(verified.authorization.nonce, "iKlrQquvZHxLqM99")
        assert.strictEqual(verified.path, "/api/v2/merch/va/notify")
        assert.strictEqual(verified.merchId, merchId)
        assert.deepStrictEqual(Buffer.from(verified.body), Buffer.from(message.body))
      }).pipe(Effect.scoped)
    )

    it.live("comes without X-Merch-Id, or with an empty one", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        assertAcknowledged(yield* webhook.send(notify(opened(), { merchId: null })))
        assertAcknowledged(yield* webhook.send(notify(opened(), { merchId: "" })))
        assert.deepStrictEqual(
          webhook.events.map(({ verified }) => verified.merchId),
          ["", ""]
        )
      }).pipe(Effect.scoped)
    )

    it.live("is verified on its raw bytes", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        const json = (bank_name: string) => JSON.stringify({ type: "MERCH", data: { account_no: "1", bank_name } })
        const bodies: ReadonlyArray<readonly [what: string, body: string, bankName: string]> = [
          ["CJK", json("中国银行（香港）"), "中国银行（香港）"],
          ["CJK, escaped", json("XX").replace("XX", String.raw`\u4e2d\u56fd`), "中国"],
          ["emoji", json("🏦💴👨‍👩‍👧"), "🏦💴👨‍👩‍👧"],
          ["composed and decomposed", json("é e\u0301"), "é e\u0301"],
          ["line separators", json("a\u2028b\u2029c\u0085"), "a\u2028b\u2029c\u0085"],
          ["pretty, CRLF", JSON.stringify(JSON.parse(json("B")), null, 2).replaceAll("\n", "\r\n"), "B"],
          ["byte order mark", `\uFEFF${json("B")}`, "B"],
          ["blanks around", `\n\t ${json("B")} \r\n\r\n`, "B"],
          ["escaped slashes", json("a/b").replace("a/b", String.raw`a\/b`), "a/b"]
        ]
        for (const [what, body, bankName] of bodies) {
          const message = notify(body)
          assertAcknowledged(yield* webhook.send(message))
          const event = webhook.events.at(-1)!
          assert.strictEqual(event.kind, "va.notification", what)
          assert.deepStrictEqual(event.data, { account_no: "1", bank_name: bankName }, what)
          assert.strictEqual(sha256(event.verified.body), sha256(message.body), what)
        }
        assert.strictEqual(webhook.events.length, bodies.length)
      }).pipe(Effect.scoped)
    )

    it.live("that OpenSSL and the JDK signed is taken", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter, { verify: { tolerance: "off" } })
        const signed = vectors.filter(({ signer }) => signer === "platform")
        assert.isAbove(signed.length, 2)
        for (const { path, timestamp, nonce, key_id, merch_id, body, signature } of signed) {
          const authorization = { sign_type: "SHA256_WITH_RSA", timestamp, nonce, key_id, signature }
          const headers = {
            "Content-Type": "application/json",
            Authorization: encodeURIComponent(JSON.stringify(authorization)),
            ...(merch_id === null ? {} : { "X-Merch-Id": merch_id })
          }
          const content = body?.base64 === undefined ? bytes(body?.text) : bytes(Buffer.from(body.base64, "base64"))
          assertAcknowledged(yield* webhook.send({ path, headers, body: content }))
        }
        assert.strictEqual(webhook.events.length + webhook.unknown.length, signed.length)
        assert.isTrue(webhook.events.some(({ verified }) => verified.merchId === ""))
      }).pipe(Effect.scoped)
    )

    it.live("keeps the digits that a double would lose", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        const body = '{"type":"MERCH","data":{"account_no":"1","amount":1200.50,"id":12345678901234567890}}'
        assertAcknowledged(yield* webhook.send(notify(body)))
        assert.strictEqual(JSON.stringify(webhook.events[0]!.raw), body)
      }).pipe(Effect.scoped)
    )

    it.live("null is the same as missing", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        assertAcknowledged(yield* webhook.send(notify({ type: "MERCH", data: { account_no: "1", bank_name: null } })))
        assert.deepStrictEqual(webhook.events[0]!.data, { account_no: "1" })
      }).pipe(Effect.scoped)
    )
  })

  describe(`${adapter.name}: what is not genuine`, () => {
    const body = opened()
    const honest = notify(body)
    const authorization = (value: string | undefined): Message => withHeaders(honest, { Authorization: value })
    const object = JSON.parse(decodeURIComponent(honest.headers["Authorization"]!))
    const header = (changes: Readonly<Record<string, unknown>>): Message => notify(body, { header: changes })
    const minutesAgo = (minutes: number): Message => notify(body, { timestamp: String(Date.now() - minutes * 60_000) })

    const forged: ReadonlyArray<readonly [what: string, message: () => Message, logged: string]> = [
      ["no header", () => authorization(undefined), "the Authorization header is missing"],
      ["an empty header", () => authorization(""), "the Authorization header is missing"],
      [
        "a scheme word",
        () => authorization(`Bearer ${honest.headers["Authorization"]}`),
        "header is not a JSON object"
      ],
      ["broken percent-encoding", () => authorization("%7B%zz"), "header is not percent-encoded text"],
      ["no JSON", () => authorization("%7B%22sign_type%22"), "header is not a JSON object"],
      [
        "a JSON array",
        () => authorization(encodeURIComponent(JSON.stringify([object]))),
        "header is not a JSON object"
      ],
      ["an oversized header", () => header({ padding: "x".repeat(8192) }), "header must not exceed 8192 characters"],
      ["a number as timestamp", () => header({ timestamp: Date.now() }), "timestamp must be a JSON string"],
      ["seconds with a fraction", () => header({ timestamp: "1714522027.512" }), "timestamp must be milliseconds"],
      ["no timestamp", () => header({ timestamp: undefined }), "timestamp must be a JSON string"],
      ["no nonce", () => header({ nonce: undefined }), "nonce must be a string"],
      ["a short nonce", () => header({ nonce: "12345" }), "nonce must have 6 to 32"],
      ["a line feed in the nonce", () => header({ nonce: "12345\n6789" }), "nonce must have 6 to 32 printable"],
      ["no key_id", () => header({ key_id: undefined }), "key_id must be a non-empty string"],
      ["no signature", () => header({ signature: undefined }), "signature must be padded Base64"],
      [
        "a signature in Base64url",
        () => header({ signature: `${"-_".repeat(171)}w=` }),
        "signature must be padded Base64"
      ],
      ["no sign_type", () => header({ sign_type: undefined }), "sign_type must be a non-empty string"],
      ["another sign_type", () => header({ sign_type: "NONE" }), "only SHA256_WITH_RSA is known"],
      ["a stale timestamp", () => minutesAgo(6), "s old, 300 s are allowed"],
      ["a timestamp in the future", () => minutesAgo(-6), "s in the future, 300 s are allowed"],
      ["another timestamp", () => header({ timestamp: String(Date.now() + 1000) }), "the signature does not match"],
      ["another nonce", () => header({ nonce: "another0nonce" }), "the signature does not match"],
      ["another key", () => notify(body, { signer: "merchant" }), "the signature does not match"],
      [
        "an unknown key",
        () => notify(body, { signer: "merchant", header: { key_id: merchant.key_id } }),
        `is not configured (${platform.key_id}), and none of 1 keys made the signature`
      ],
      ["a signature of zeros", () => header({ signature: `${"A".repeat(342)}==` }), "the signature does not match"],
      ["a short signature", () => header({ signature: "AAAA" }), "the signature does not match"],
      [
        "the signature of another notification",
        () => header({ signature: JSON.parse(decodeURIComponent(notify({}).headers["Authorization"]!)).signature }),
        "the signature does not match"
      ],
      [
        "another path",
        () => notify(body, { path: "/hooks/received", signedPath: "/hooks/signed" }),
        `path /hooks/received, ${va.path} or 1 more)`
      ],
      ["another merchant", () => notify(body, { signedMerchId: "M1" }), "the signature does not match"],
      ["a merchant added", () => notify(body, { signedMerchId: "" }), "the signature does not match"],
      [
        "the merchant removed",
        () => withHeaders(notify(body), { "X-Merch-Id": undefined }),
        "the signature does not match"
      ],
      [
        "a tampered body",
        () => ({ ...honest, body: bytes(opened({ account_no: "DE00" })) }),
        "the signature does not match"
      ],
      [
        "a body written anew",
        () => ({ ...honest, body: bytes(JSON.stringify(body, null, 1)) }),
        "the signature does not match"
      ],
      ["an empty body", () => ({ ...honest, body: bytes("") }), "the signature does not match"]
    ]

    it.live("is answered 401, each time alike, and the reason stands in the log only", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        let first: Answer | undefined
        for (const [what, message, logged] of forged) {
          const before = webhook.log.entries.length
          const answer = yield* webhook.send(message())
          first ??= answer
          assert.strictEqual(answer.status, 401, what)
          assert.strictEqual(answer.headers["content-type"], "application/json", what)
          assert.strictEqual(answer.body, "{}", what)
          assert.deepStrictEqual(answer, first, what)
          const entries = webhook.log.entries.slice(before)
          assert.strictEqual(entries.length, 1, what)
          const entry: { level: string; message: string } = JSON.parse(entries[0]!)
          assert.strictEqual(entry.level, "WARN", what)
          assert.include(entry.message, logged, what)
        }
        assert.deepStrictEqual([webhook.events, webhook.unknown], [[], []])
        assertDiscreet(webhook.log)
        assertAcknowledged(yield* webhook.send(notify(body)))
      }).pipe(Effect.scoped)
    )

    it.live("a known key_id is demanded where that is wished", () =>
      Effect.gen(function* () {
        const message = () => notify(body, { header: { key_id: "P-other" } })
        const tolerant = yield* record(adapter)
        assertAcknowledged(yield* tolerant.send(message()))
        const strict = yield* record(adapter, { verify: { unknownKeyId: "refuse" } })
        assert.strictEqual((yield* strict.send(message())).status, 401)
        assert.include(strict.log.text, "and none of 0 keys")
      }).pipe(Effect.scoped)
    )

    it.live("each flipped byte is noticed", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        const message = notify('{"data":{"account_no":"é1"}}')
        for (let index = 0; index < message.body.length; index++) {
          const flipped = new Uint8Array(message.body)
          flipped[index]! ^= 1
          assert.strictEqual((yield* webhook.send({ ...message, body: flipped })).status, 401, `byte ${index}`)
        }
        assert.deepStrictEqual([webhook.events, webhook.unknown], [[], []])
        assertAcknowledged(yield* webhook.send(message))
      }).pipe(Effect.scoped)
    )
  })

  describe(`${adapter.name}: paths and kinds`, () => {
    const kinds = (webhook: { readonly events: ReadonlyArray<{ readonly kind: string }> }) =>
      webhook.events.map(({ kind }) => kind)

    it.live("the signed path may be the received, a configured or the nominal one", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter, { paths: { "va.notification": ["/paykka/a", "/paykka/b"] } })
        const signed = ["/received", "/paykka/a", "/paykka/b", va.path, payee.path]
        for (const signedPath of signed) {
          assertAcknowledged(yield* webhook.send(notify(opened(), { path: "/received", signedPath })))
        }
        assert.deepStrictEqual(
          webhook.events.map(({ verified }) => verified.path),
          signed
        )
        const foreign = yield* webhook.send(notify(opened(), { path: "/received", signedPath: "/paykka/c" }))
        assert.strictEqual(foreign.status, 401)
      }).pipe(Effect.scoped)
    )

    it.live("the query does not belong to the path", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        assertAcknowledged(
          yield* webhook.send(notify(opened(), { path: "/hooks/va?tenant=1&x=%2F", signedPath: "/hooks/va" }))
        )
        assert.strictEqual(webhook.events[0]!.verified.path, "/hooks/va")
      }).pipe(Effect.scoped)
    )

    it.live("the signed path tells the kind, before the shape and before the received path", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter, {
          paths: { "va.notification": ["/hooks/va"], "payee.notification": ["/hooks/payee"] }
        })
        const shapeOfVa = { type: "MERCH", data: { account_no: "1", beneficiary_id: "B1" } }
        yield* webhook.send(notify(shapeOfVa, { path: payee.path }))
        yield* webhook.send(notify(shapeOfVa, { path: "/hooks/payee" }))
        yield* webhook.send(notify(shapeOfVa, { path: va.path, signedPath: payee.path }))
        yield* webhook.send(notify(shapeOfVa, { path: "/hooks/va", signedPath: "/hooks/payee" }))
        yield* webhook.send(notify({ data: { beneficiary_id: "B1" } }, { path: "/hooks/va" }))
        yield* webhook.send(notify({ data: { beneficiary_id: "B1" } }, { path: va.path }))
        assert.deepStrictEqual(kinds(webhook), [
          "payee.notification",
          "payee.notification",
          "payee.notification",
          "payee.notification",
          "va.notification",
          "va.notification"
        ])
        assert.deepStrictEqual(webhook.events[0]!.data, { beneficiary_id: "B1" })
      }).pipe(Effect.scoped)
    )

    it.live("on any other path the shape tells the kind, with or without an envelope, and never the type", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        const path = "/hooks/all"
        for (const type of ["MERCH", "ASSESSMENT", "payee.notification", undefined, 7, null]) {
          assertAcknowledged(yield* webhook.send(notify({ type, data: { account_no: "1" } }, { path })))
          assertAcknowledged(yield* webhook.send(notify({ type, data: { currency: ["EUR"] } }, { path })))
          assertAcknowledged(yield* webhook.send(notify({ type, data: { currencies: ["EUR"] } }, { path })))
          assertAcknowledged(yield* webhook.send(notify({ type, data: { beneficiary_id: "B1" } }, { path })))
        }
        assertAcknowledged(yield* webhook.send(notify({ account_no: "1", type: "LOCAL" }, { path })))
        assertAcknowledged(yield* webhook.send(notify({ beneficiary_id: "B1" }, { path })))
        const four = ["va.notification", "va.notification", "va.notification", "payee.notification"]
        assert.deepStrictEqual(kinds(webhook), [
          ...[1, 2, 3, 4, 5, 6].flatMap(() => four),
          "va.notification",
          "payee.notification"
        ])
        assert.deepStrictEqual(
          [0, 4, 12, 16].map((index) => webhook.events[index]!.type),
          ["MERCH", "ASSESSMENT", undefined, undefined]
        )
        const bare = webhook.events.at(-2)!
        assert.deepStrictEqual([bare.type, bare.data], [undefined, { account_no: "1", type: "LOCAL" }])
        assert.deepStrictEqual(webhook.unknown, [])
      }).pipe(Effect.scoped)
    )

    const strange: ReadonlyArray<readonly [what: string, body: unknown, detail: RegExp]> = [
      ["another kind", { type: "MERCH", version: "V1", data: { risk_level: "LOW" } }, /^no chosen kind fits/],
      ["an array", [{ account_no: "1" }], /^no chosen kind fits/],
      ["a number", "42", /^no chosen kind fits/],
      [
        "two chosen kinds",
        { type: "MERCH", data: { ...secrets, beneficiary_id: "B1" } },
        /^may be va\.notification or payee\.notification; give each a path of its own \(option paths\)$/
      ],
      ["an empty body", "", /^the body is empty$/],
      ["no JSON", `account_no=${secrets.account_no}`, /^the body is not JSON$/],
      ["a byte order mark before no JSON", `\uFEFF${secrets.account_no}x`, /^the body is not JSON$/],
      ["no UTF-8", Buffer.from(JSON.stringify(opened()), "latin1").fill(0xff, 30, 31), /^the body is not UTF-8$/],
      ["UTF-16", Buffer.from(`\uFEFF${JSON.stringify(opened())}`, "utf16le"), /^the body is not UTF-8$/],
      ["65 levels", `${"[".repeat(65)}${"]".repeat(65)}`, /^the body is nested deeper than 64 levels$/],
      ["a million levels", "[".repeat(1_000_000), /^the body is nested deeper than 64 levels$/],
      [
        "wrong types in known fields",
        { type: "MERCH", data: { ...secrets, account_no: 7, currencies: secrets.account_no } },
        /^looks like va\.notification, but .*account_no.*$/
      ]
    ]

    it.live("a genuine body of no known kind reaches onUnknown and is acknowledged", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        for (const [what, body, detail] of strange) {
          const message = notify(body, { path: "/hooks/all" })
          assertAcknowledged(yield* webhook.send(message))
          const event = webhook.unknown.at(-1)!
          assert.strictEqual(event.kind, "unknown", what)
          assert.match(event.detail, detail, what)
          assert.strictEqual(sha256(event.verified.body), sha256(message.body), what)
          assert.strictEqual(event.verified.key.keyId, platform.key_id, what)
        }
        assert.strictEqual(webhook.unknown.length, strange.length)
        const first = webhook.unknown[0]!
        assert.deepStrictEqual(
          { raw: first.raw, type: first.type, version: first.version, data: first.data },
          {
            raw: { type: "MERCH", version: "V1", data: { risk_level: "LOW" } },
            type: "MERCH",
            version: "V1",
            data: { risk_level: "LOW" }
          }
        )
        assert.deepStrictEqual(webhook.unknown.at(-1)!.data, {
          ...secrets,
          account_no: 7,
          currencies: secrets.account_no
        })
        assert.deepStrictEqual([webhook.events, webhook.log.entries], [[], []])
      }).pipe(Effect.scoped)
    )

    it.live("wrong types are not let pass because the path is right", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        for (const body of [{ data: { currencies: "EUR" } }, { data: { status: 1 } }, ["x"], '"text"', "null"]) {
          assertAcknowledged(yield* webhook.send(notify(body, { path: va.path })))
          assert.match(webhook.unknown.at(-1)!.detail, /^looks like va\.notification, but /)
        }
        assert.strictEqual(webhook.unknown.length, 5)
        assert.deepStrictEqual(webhook.events, [])
      }).pipe(Effect.scoped)
    )

    it.live("without onUnknown it is a warning that holds none of its content", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter, { withoutOnUnknown: true })
        const mayBe: Array<string> = []
        for (const [what, body] of strange) {
          const answer = yield* webhook.send(notify(body, { path: "/hooks/all" }))
          if (answer.status === 500) {
            mayBe.push(what)
            continue
          }
          assertAcknowledged(answer)
          const entry: { level: string; message: string } = JSON.parse(webhook.log.entries.at(-1)!)
          assert.strictEqual(entry.level, "WARN", what)
          assert.match(entry.message, /^PayKKa notification of unknown kind acknowledged: /, what)
        }
        // What is for a handler and cannot be read is not acknowledged and forgotten.
        assert.deepStrictEqual(mayBe, ["two chosen kinds", "wrong types in known fields"])
        assert.strictEqual(webhook.log.entries.length, strange.length)
        assertDiscreet(webhook.log)
      }).pipe(Effect.scoped)
    )
  })

  describe(`${adapter.name}: failures`, () => {
    class Broken extends Schema.TaggedError<Broken>()("Broken", { message: Schema.String }) {}

    const failing: ReadonlyArray<readonly [what: string, handler: () => Effect.Effect<unknown, unknown>]> = [
      ["fails", () => Effect.fail(new Broken({ message: "deadlock-4711" }))],
      ["fails with a text", () => Effect.fail("deadlock-4711")],
      ["dies", () => Effect.die(new Error("deadlock-4711"))],
      ["rejects", () => Effect.promise(() => Promise.reject(new Error("deadlock-4711")))],
      [
        "throws",
        () => {
          throw new Error("deadlock-4711")
        }
      ],
      ["interrupts itself", () => Effect.interrupt]
    ]

    for (const [what, handler] of failing) {
      it.live(`a handler that ${what} is answered 500 and logged`, () =>
        Effect.gen(function* () {
          const log = new Log()
          let calls = 0
          const webhook = Webhook.make({
            notifications: [va],
            handlers: {
              "va.notification": (): Effect.Effect<unknown, unknown> =>
                calls++ === 0 ? handler() : Effect.succeed("whatever it returns")
            },
            onUnknown: handler
          })
          const { send } = yield* adapter.start(webhook, Layer.merge(verifier(), log.layer))
          const message = notify(opened())
          const failed = yield* send(message)
          assert.strictEqual(failed.status, 500)
          assert.strictEqual(failed.headers["content-type"], "application/json")
          assert.strictEqual(failed.body, "{}")
          const entry: { level: string; message: string; cause: string } = JSON.parse(log.entries[0]!)
          assert.strictEqual(entry.level, "ERROR")
          assert.include(entry.message, "the handler of va.notification failed")
          assert.include(entry.cause, what === "interrupts itself" ? "interrupted" : "deadlock-4711")
          assertDiscreet(log)
          // The platform sends it again.
          assertAcknowledged(yield* send(message))
          assert.strictEqual((yield* send(notify("[]", { path: "/hooks/all" }))).status, 500)
          assert.include(log.entries[1], "the handler of unknown failed")
          assert.strictEqual(log.entries.length, 2)
        }).pipe(Effect.scoped)
      )
    }

    it.live("without keys to verify with the answer is 503 and no handler runs", () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter, { keyStore: {} })
        const answer = yield* webhook.send(notify(opened()))
        assert.deepStrictEqual([answer.status, answer.body], [503, "{}"])
        const entry: { level: string; message: string } = JSON.parse(webhook.log.entries[0]!)
        assert.strictEqual(entry.level, "ERROR")
        assert.include(entry.message, "cannot be verified: no platform key: platformKeys is empty")
        assert.deepStrictEqual([webhook.events, webhook.unknown], [[], []])
      }).pipe(Effect.scoped)
    )

    it.live("a key source that fails, and one that dies, is 503 until it works again", () =>
      Effect.gen(function* () {
        const log = new Log()
        let attempt = 0
        let handled = 0
        const store = KeyStore.layerRefreshing({
          load: Effect.suspend(() => {
            attempt++
            if (attempt === 1) return Effect.fail(new Broken({ message: "the vault is sealed" }))
            if (attempt === 2) return Effect.die(new Error("the vault is on fire"))
            return Effect.succeed({ platformKeys: [{ publicKey: platform.public_spki_pem }] })
          }),
          timeToLive: "1 hour"
        })
        const webhook = Webhook.make({
          notifications: [va],
          handlers: { "va.notification": () => Effect.sync(() => handled++) }
        })
        const layer = Layer.mergeAll(Verifier.layer().pipe(Layer.provide(store)), ReplayGuard.layerMemory(), log.layer)
        const { send } = yield* adapter.start(webhook, layer)
        for (const reason of ["cannot be verified: no platform key: the key source failed", "the vault is on fire"]) {
          const answer = yield* send(notify(opened()))
          assert.deepStrictEqual([answer.status, answer.body], [503, "{}"])
          assert.include(log.entries.at(-1), reason)
        }
        // What a foreign source says of its failure may hold a secret.
        assert.notInclude(log.text, "the vault is sealed")
        assertDiscreet(log)
        assert.strictEqual(handled, 0)
        assertAcknowledged(yield* send(notify(opened())))
        assert.strictEqual(handled, 1)
      }).pipe(Effect.scoped)
    )

    it.live("a verifier that throws is 503", () =>
      Effect.gen(function* () {
        const log = new Log()
        const broken = Layer.succeed(Verifier.Verifier, {
          verify: () => {
            throw new Error("no crypto here")
          }
        })
        const webhook = Webhook.make({ notifications: [va], handlers: { "va.notification": () => Effect.void } })
        const { send } = yield* adapter.start(webhook, Layer.mergeAll(broken, ReplayGuard.layerMemory(), log.layer))
        const answer = yield* send(notify(opened()))
        assert.deepStrictEqual([answer.status, answer.body], [503, "{}"])
        assert.include(log.text, "no crypto here")
      }).pipe(Effect.scoped)
    )
  })

  describe(`${adapter.name}: many at once`, () => {
    it.live("200 in parallel: each is handled once, with its own data", () =>
      Effect.gen(function* () {
        const count = 200
        const seen = new Map<string, Array<string>>()
        const all = yield* Deferred.make<void>()
        const webhook = Webhook.make({
          notifications: [va, payee],
          handlers: {
            "va.notification": ({ data, verified }) =>
              Effect.gen(function* () {
                const id = data.request_id!
                const entry = [data.account_no!, verified.authorization.nonce, verified.merchId, String(verified.body)]
                seen.set(id, [...(seen.get(id) ?? []), ...entry])
                // None is answered before all have arrived: they really are under way together.
                if (seen.size === count) yield* Deferred.succeed(all, undefined)
                yield* Deferred.await(all)
              }),
            "payee.notification": () => Effect.die(new Error("not sent"))
          }
        })
        const { send } = yield* adapter.start(webhook, verifier())
        const sent = Array.from({ length: count }, (_, index) => {
          const body = opened({ request_id: `VA${index}`, account_no: `ACC-${index * 7}` })
          const nonce = `nonce-${index}`
          const own = index % 3 === 0 ? "" : `M${index}`
          return { index, nonce, own, message: notify(body, { nonce, merchId: own }) }
        })
        const answers = yield* Effect.forEach(sent, ({ message }) => send(message), { concurrency: "unbounded" })
        for (const answer of answers) assertAcknowledged(answer)
        for (const { index, nonce, own, message } of sent) {
          const expected = [`ACC-${index * 7}`, nonce, own, String(message.body)]
          assert.deepStrictEqual(seen.get(`VA${index}`), expected)
        }
        assert.strictEqual(seen.size, count)
      }).pipe(Effect.scoped)
    )
  })
}

describe("Webhook", () => {
  const post = (message: Message): Request => new Request(`https://merchant.test${message.path}`, init(message))

  it.effect("the time window is five minutes each way, to the millisecond", () =>
    Effect.gen(function* () {
      const now = Date.parse("2026-04-17T00:00:00Z")
      yield* TestClock.setTime(now)
      const webhook = yield* Webhook.make({
        notifications: [va],
        handlers: { "va.notification": () => Effect.void }
      })
      const at = (offset: number) => WebHandler.handle(webhook)(post(notify({}, { timestamp: String(now + offset) })))
      for (const [offset, status] of [
        [0, 200],
        [-300_000, 200],
        [300_000, 200],
        [-300_001, 401],
        [300_001, 401]
      ] as const) {
        assert.strictEqual((yield* at(offset)).status, status, `${offset} ms`)
      }
    }).pipe(Effect.provide(verifier()))
  )

  it.effect.prop(
    "any text that is signed arrives as it was",
    [Schema.String, Schema.String, Schema.Boolean],
    ([account_no, bank_name, pretty]) =>
      Effect.gen(function* () {
        const events: Array<unknown> = []
        const webhook = Webhook.make({
          notifications: [va],
          handlers: { "va.notification": ({ data }) => Effect.sync(() => events.push(data)) }
        })
        const handler = WebHandler.make(webhook, verifier())
        const text = JSON.stringify({ data: { account_no, bank_name } }, null, pretty ? "\t" : undefined)
        const answer = yield* Effect.promise(async () => readAnswer(await handler.fetch(post(notify(text)))))
        assertAcknowledged(answer)
        assert.deepStrictEqual(events, [{ account_no, bank_name }])
        yield* Effect.promise(handler.dispose)
      }),
    { arbitrary: { runs: 30 } }
  )

  it.live("a sender who hangs up does not break off what its adapter has begun", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const gate = yield* Deferred.make<void>()
      let handled = 0
      const webhook = yield* Webhook.make({
        notifications: [va],
        handlers: {
          "va.notification": () =>
            Deferred.succeed(started, undefined).pipe(
              Effect.andThen(Deferred.await(gate)),
              Effect.andThen(Effect.sync(() => handled++))
            )
        }
      })
      const message = notify(opened())
      const fiber = yield* Effect.forkChild(WebHandler.handle(webhook)(post(message)))
      yield* Deferred.await(started)
      const hangsUp = yield* Effect.forkChild(Fiber.interrupt(fiber))
      const again = yield* Effect.forkChild(WebHandler.handle(webhook)(post(message)))
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(hangsUp)
      assert.strictEqual((yield* Fiber.join(again)).status, 200)
      assert.strictEqual(handled, 1)
    }).pipe(Effect.provide(verifier()))
  )

  it.live("interrupted from outside it neither answers nor calls the handler failed, and cleans up", () =>
    Effect.gen(function* () {
      const log = new Log()
      const started = yield* Deferred.make<void>()
      let released = false
      const webhook = yield* Webhook.make({
        notifications: [va],
        handlers: {
          "va.notification": () =>
            Deferred.succeed(started, undefined).pipe(
              Effect.andThen(Effect.never),
              Effect.ensuring(
                Effect.sync(() => {
                  released = true
                })
              )
            )
        }
      })
      const fiber = yield* Effect.forkChild(
        Effect.flatMap(Incoming.fromRequest(post(notify(opened()))), webhook.receive).pipe(Effect.provide(log.layer))
      )
      yield* Deferred.await(started)
      yield* Fiber.interrupt(fiber)
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause))
      assert.isTrue(released)
      assert.deepStrictEqual(log.entries, [])
    }).pipe(Effect.provide(verifier()))
  )

  it.effect("a configured path that can never be signed is told when the webhook is made", () =>
    Effect.gen(function* () {
      for (const [path, rule] of [
        ["hooks/va", "must start with /"],
        ["https://merchant.test/hooks/va", "must start with /"],
        ["/hooks/va?x=1", "must not carry a query"]
      ] as const) {
        const exit = yield* Effect.exit(
          Webhook.make({
            notifications: [va],
            paths: { "va.notification": ["/good", path] },
            handlers: { "va.notification": () => Effect.void }
          })
        )
        const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        assert.instanceOf(defect, Error)
        assert.match(defect.message, /^paths\["va\.notification"\]: a path must /)
        assert.include(defect.message, rule)
      }
    }).pipe(Effect.provide(verifier()))
  )

  it.effect("a path under two kinds is told when the webhook is made", () =>
    Effect.gen(function* () {
      const handlers = { "va.notification": () => Effect.void, "payee.notification": () => Effect.void }
      for (const paths of [
        { "va.notification": ["/hooks"], "payee.notification": ["/hooks"] },
        { "va.notification": [payee.path] }
      ]) {
        const exit = yield* Effect.exit(Webhook.make({ notifications: [va, payee], paths, handlers }))
        const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        assert.instanceOf(defect, Error)
        assert.match(
          defect.message,
          /^paths\["(va|payee)\.notification"\]: a path is that of (va|payee)\.notification already/
        )
      }
      yield* Webhook.make({ notifications: [va, payee], paths: { "va.notification": [va.path, "/a", "/a"] }, handlers })
    }).pipe(Effect.provide(verifier()))
  )

  it.live("a path with a variable is that of each of many merchants", () =>
    Effect.gen(function* () {
      const seen: Array<readonly [kind: string, path: string]> = []
      const note = (event: Webhook.Event | Webhook.UnknownEvent) =>
        Effect.sync(() => seen.push([event.kind, event.verified.path]))
      const webhook = Webhook.make({
        notifications: [va, payment],
        paths: {
          "va.notification": ["/hooks/:merchant/va", "/odd/:merchant"],
          "payment.notification": ["/hooks/:merchant/payment", "/:merchant/odd"]
        },
        merchants: (id, path) => path.split("/").includes(id),
        handlers: { "va.notification": note, "payment.notification": note },
        onUnknown: note
      })
      const { send } = yield* adapters[0]!.start(webhook, verifier())
      const data = { data: { status: "FAILED" } }
      for (const [path, id, status] of [
        ["/hooks/M1/va", "M1", 200],
        ["/hooks/M2/payment", "M2", 200],
        ["/hooks/M1/payment", "M2", 401],
        ["/hooks//payment", "", 200],
        ["/hooks/M1/x/payment", "M1", 200],
        ["/odd/odd", "odd", 200]
      ] as const) {
        assert.strictEqual((yield* send(notify(data, { path, merchId: id }))).status, status, path)
      }
      assert.deepStrictEqual(seen, [
        ["va.notification", "/hooks/M1/va"],
        ["payment.notification", "/hooks/M2/payment"],
        ["unknown", "/hooks//payment"],
        ["unknown", "/hooks/M1/x/payment"],
        // Of two kinds it is of neither.
        ["unknown", "/odd/odd"]
      ])
    }).pipe(Effect.scoped)
  )

  it.live("a kind that only its path can tell is named where none fits", () =>
    Effect.gen(function* () {
      const details: Array<string> = []
      const webhook = Webhook.make({
        notifications: [payment],
        handlers: { "payment.notification": () => Effect.void },
        onUnknown: ({ detail }) => Effect.sync(() => details.push(detail))
      })
      const { send } = yield* adapters[0]!.start(webhook, verifier())
      yield* send(notify({ data: { status: "FAILED" } }))
      assert.deepStrictEqual(details, [
        "no chosen kind fits its path or shape; payment.notification can be told by path only (option paths)"
      ])
    }).pipe(Effect.scoped)
  )

  it.live("a receipt and its settlement look alike: only a path of its own tells which it is", () =>
    Effect.gen(function* () {
      const { verify } = yield* Verifier.Verifier
      const body = { type: "MERCH", data: { recv_order_no: "R1", status: "PENDING_RELATE" } }
      const read = (paths: Readonly<Record<string, ReadonlyArray<string>>>, path: string) =>
        Effect.map(
          verify({
            path,
            authorization: notify(body, { path }).headers["Authorization"],
            merchId,
            body: bytes(body)
          }),
          (verified) => Webhook.decode([remittance, tradesettle], verified, paths)
        )
      const doubtful = yield* read({}, "/hooks/all")
      assert.strictEqual(doubtful.kind, "unknown")
      assert.strictEqual(
        doubtful.kind === "unknown" && doubtful.detail,
        "may be remittance.notification or tradesettle.notification; give each a path of its own (option paths)"
      )
      assert.deepStrictEqual<unknown>(doubtful.data, body.data)
      const told = yield* read({ "tradesettle.notification": ["/hooks/all"] }, "/hooks/all")
      assert.strictEqual(told.kind, "tradesettle.notification")
      for (const { id, path } of [remittance, tradesettle]) {
        const event = yield* read({}, path)
        assert.strictEqual(event.kind, id)
        assert.deepStrictEqual<unknown>(event.data, body.data)
      }
    }).pipe(Effect.provide(verifier()))
  )

  it.live("decode narrows by kind", () =>
    Effect.gen(function* () {
      const { verify } = yield* Verifier.Verifier
      const read = Effect.fnUntraced(function* (message: Message) {
        const verified = yield* verify({
          path: message.path,
          authorization: message.headers["Authorization"],
          merchId: message.headers["X-Merch-Id"],
          body: message.body
        })
        return Webhook.decode([va, payee], verified, { "payee.notification": ["/hooks/payee"] })
      })
      const first = yield* read(notify(opened()))
      assert.isTrue(first.kind === "va.notification")
      if (first.kind === "va.notification") assert.strictEqual(first.data.account_no, secrets.account_no)
      const second = yield* read(notify({ beneficiary_id: "B1" }, { path: "/hooks/payee" }))
      assert.isTrue(second.kind === "payee.notification")
      if (second.kind === "payee.notification") assert.strictEqual(second.data.beneficiary_id, "B1")
      const third = yield* read(notify("", { path: "/hooks/all" }))
      assert.isTrue(third.kind === "unknown")
      if (third.kind === "unknown") assert.strictEqual(third.detail, "the body is empty")
    }).pipe(Effect.provide(verifier()))
  )
})
