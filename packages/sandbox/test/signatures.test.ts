import { assert, describe, it } from "@effect/vitest"
import * as Authorization from "@paykka/signing/Authorization"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { first, merchId, second, secondMerchId, stranger, vectors } from "./support/keys.ts"
import { type Options, type Wire, applyPath, bytes, call, inquiryPath, randomNonce } from "./support/merchant.ts"
import { type Answer, type Running, inquire, requestsOf, ways } from "./support/ways.ts"

const now = 1_714_525_019_235
const minute = 60_000

/** What must not show in a log: what the fields hold and how they are called. */
const secrets = { account_no: "6222021234567890123", name: "ZhangSan", note: "Rua Augusta" }

const application = (request_id: string) => ({ request_id, currencies: ["EUR"], country_code: "DE", ...secrets })

/**
 * The whole answer of the documentation to a wrong signature; nothing else may stand in it. Both codes have one text, and
 * which is for what is not known.
 */
const assertRefused = (answer: Answer, ret_code: "010100" | "010200" = "010100"): void => {
  assert.strictEqual(answer.status, 401)
  const ret_msg = "unauthorized request (signature verification failed)"
  assert.deepStrictEqual(JSON.parse(answer.body), { ret_code, ret_msg })
  assert.strictEqual(answer.headers["content-type"], "application/json")
  assert.strictEqual(answer.headers["x-sandbox-provenance"], "inferred")
  // What belongs to HTTP itself, and nothing that could explain.
  const allowed = ["content-type", "x-sandbox-provenance", "date", "connection", "keep-alive", "transfer-encoding"]
  assert.deepStrictEqual(
    Object.keys(answer.headers).filter((name) => !allowed.includes(name)),
    []
  )
}

const assertAccepted = (answer: Answer, requestId: string): void => {
  assert.strictEqual(answer.status, 200, answer.body)
  assert.deepStrictEqual(JSON.parse(answer.body), { request_id: requestId })
}

const assertDiscreet = (text: string): void => {
  for (const [field, value] of Object.entries(secrets)) {
    assert.notInclude(text, value)
    assert.notInclude(text, field)
  }
}

/** Asserts what the last entry of the sandbox's log says, and that Effect's logger was told the same. */
const assertExplained = (running: Running, parts: ReadonlyArray<string>, code = "010100") =>
  Effect.gen(function* () {
    const entry = (yield* requestsOf(running)).at(-1)!
    assert.strictEqual(entry.status, 401)
    assert.strictEqual(entry.retCode, code)
    assert.strictEqual(entry.at, now)
    for (const part of parts) assert.include(entry.explanation!, part)
    const message = (JSON.parse(running.logged.at(-1)!) as { readonly message: unknown }).message
    assert.include(String(message), entry.explanation!)
    assertDiscreet(JSON.stringify(yield* running.service.log) + running.logged.join("\n"))
  })

/** JSON as Python and others write it, with a blank after each comma and colon. */
const spaced = (value: unknown): string =>
  JSON.stringify(value, null, 1)
    .replace(/\n */g, " ")
    .replace(/([[{]) | ([\]}])/g, "$1$2")

const signedApplication = application("R-1")
const compact = JSON.stringify(signedApplication)

interface Wrong {
  readonly what: string
  readonly options: Options
  /** What is sent; the compact application where left out. */
  readonly body?: string
  readonly explanation: ReadonlyArray<string>
  /** Where the signature itself is right. Default: 010100. */
  readonly code?: "010200"
}

const rewritten = "BodyReserialised: the JSON was parsed and written again before it was signed"

const wrong: ReadonlyArray<Wrong> = [
  {
    what: "body changed after signing",
    options: { signedBody: compact.replace("DE", "FR") },
    explanation: [
      "the signature does not match",
      first.keyId,
      applyPath,
      "OtherText",
      "over a text that no known mistake explains"
    ]
  },
  {
    what: "JSON signed with blanks, sent without",
    options: { signedBody: spaced(signedApplication) },
    explanation: [`${rewritten}, with a blank after each comma and colon`]
  },
  {
    what: "JSON signed compact, sent with blanks",
    options: { signedBody: compact },
    body: spaced(signedApplication),
    explanation: [rewritten]
  },
  {
    what: "JSON signed indented, sent compact",
    options: { signedBody: JSON.stringify(signedApplication, null, 2) },
    explanation: [`${rewritten}, indented by two blanks`]
  },
  {
    what: "a final line feed sent, but not signed",
    options: { signedBody: compact },
    body: `${compact}\n`,
    explanation: ["TrailingNewline: the body without the line break at its end was signed"]
  },
  {
    what: "a body that is not JSON, signed without its final line feed",
    options: { signedBody: secrets.name },
    body: `${secrets.name}\n`,
    explanation: ["TrailingNewline", "9 bytes: (not shown)", "8 bytes: (not shown)"]
  },
  {
    what: "body not signed",
    options: { canonical: ({ path, timestamp, nonce, merchId: line4 }) => [path, timestamp, nonce, line4].join("\n") },
    explanation: ["BodyMissing: only four lines were signed"]
  },
  {
    what: "path with query signed and sent",
    options: {
      target: `${applyPath}?lang=en`,
      canonical: ({ path, ...lines }) => [`${path}?lang=en`, ...Object.values(lines)].join("\n")
    },
    explanation: [`PathQuery: the path "${applyPath}?lang=en" was signed`, "! path", "= body"]
  },
  {
    what: "path without its first slash signed",
    options: { canonical: ({ path, ...lines }) => [path.slice(1), ...Object.values(lines)].join("\n") },
    explanation: [`PathLeadingSlash: the path "${applyPath.slice(1)}" was signed`]
  },
  {
    what: "merchant line left empty",
    options: { canonical: ({ path, timestamp, nonce, body }) => [path, timestamp, nonce, "", body].join("\n") },
    explanation: ["MerchantLineEmpty: line 4 was left empty, but the request carries X-Merch-Id"]
  },
  {
    what: "merchant line filled, header not sent",
    options: {
      merchId: null,
      canonical: ({ path, timestamp, nonce, body }) => [path, timestamp, nonce, merchId, body].join("\n")
    },
    explanation: [`MerchantLineOther: line 4 held "${merchId}", but the request carries no X-Merch-Id`]
  },
  {
    what: "merchant line of another merchant",
    options: {
      canonical: ({ path, timestamp, nonce, body }) => [path, timestamp, nonce, secondMerchId, body].join("\n")
    },
    explanation: [`MerchantLineOther: line 4 held "${secondMerchId}", but the request carries another X-Merch-Id`]
  },
  {
    what: "timestamp signed in seconds",
    options: {
      canonical: ({ path, timestamp, ...lines }) => [path, timestamp.slice(0, -3), ...Object.values(lines)].join("\n")
    },
    explanation: ["TimestampSeconds: the timestamp was signed in seconds"]
  },
  {
    what: "three lines signed, the body where another line belongs",
    options: { canonical: ({ timestamp, nonce, body }) => [timestamp, nonce, body].join("\n") },
    explanation: ["LineOrder: three lines were signed", "(not shown)"]
  },
  {
    what: "lines joined by CR LF",
    options: { canonical: (lines) => Object.values(lines).join("\r\n") },
    explanation: ["LineSeparator: the lines were joined by CR LF"]
  },
  {
    what: "signed by a key that nobody knows, under the merchant's key_id",
    options: { key: { ...stranger, keyId: first.keyId } },
    explanation: ["ForeignKey: the signature has 384 bytes, as of a key of 3072 bits"]
  },
  {
    what: "signed by another merchant's key, under the merchant's key_id",
    options: { key: { ...second, keyId: first.keyId } },
    explanation: [`WrongKey: the text is right, but the key "${second.keyId}" has signed`]
  },
  {
    what: "another merchant's key and key_id",
    options: { key: second },
    code: "010200",
    explanation: [`key ${second.keyId} does not belong to merchant ${merchId}`]
  },
  {
    what: "a merchant number that nobody has",
    options: { merchId: "M00000000000000000" },
    code: "010200",
    explanation: [`key ${first.keyId} does not belong to merchant M00000000000000000`]
  },
  {
    what: "an unknown key_id",
    options: { key: stranger },
    explanation: [`key_id "${stranger.keyId}" is no merchant's`, `${first.keyId}, ${second.keyId}`]
  },
  {
    what: "an unknown key_id, with the merchant's own key",
    options: { key: { ...first, keyId: stranger.keyId } },
    explanation: [`key_id "${stranger.keyId}" is no merchant's`]
  },
  {
    what: "a timestamp that is 5 minutes and a millisecond old",
    options: { timestamp: String(now - 5 * minute - 1) },
    explanation: ["the timestamp is 300 s old, 300 s are allowed"]
  },
  {
    what: "a timestamp that is 6 minutes ahead",
    options: { timestamp: String(now + 6 * minute) },
    explanation: ["the timestamp is 360 s in the future, 300 s are allowed"]
  },
  {
    what: "no Authorization header",
    options: { headers: { authorization: undefined } },
    explanation: ["the Authorization header is missing"]
  },
  {
    what: "an Authorization header with a scheme word",
    options: { headers: { authorization: "Bearer 0123456789" } },
    explanation: ["Authorization: header is not a JSON object"]
  },
  {
    what: "an Authorization header that is not percent-encoded text",
    options: { headers: { authorization: "%E0%A4%A" } },
    explanation: ["Authorization: header is not percent-encoded text"]
  },
  {
    what: "an Authorization header without end",
    options: { headers: { authorization: "%7B".repeat(3000) } },
    explanation: ["Authorization: header must not exceed 8192 characters"]
  },
  {
    what: "the timestamp as a JSON number",
    options: { authorization: { timestamp: now } },
    explanation: ["Authorization: timestamp must be a JSON string, not a number"]
  },
  {
    what: "a nonce of 5 characters",
    options: { nonce: "12345" },
    explanation: ["Authorization: nonce must have 6 to 32 printable characters"]
  },
  {
    what: "a nonce of 33 characters",
    options: { nonce: "n".repeat(33) },
    explanation: ["Authorization: nonce must have 6 to 32 printable characters"]
  },
  {
    what: "no key_id",
    options: { authorization: { key_id: undefined } },
    explanation: ["Authorization: key_id must be a non-empty string"]
  },
  {
    what: "a signature that is not Base64",
    options: { authorization: { signature: "not base64!" } },
    explanation: ["Authorization: signature must be padded Base64"]
  },
  {
    what: "another sign_type",
    options: { authorization: { sign_type: "SHA256withRSA" } },
    explanation: ['sign_type is "SHA256withRSA", only SHA256_WITH_RSA is known']
  }
]

/** A call that the SDK's own signer signs. */
const callBySdk = (path: string, body: unknown): Effect.Effect<Wire> =>
  Signer.authorize({ path, merchId, body: bytes(body) }).pipe(
    Effect.map((authorization) => ({
      method: "POST",
      target: path,
      headers: {
        authorization: Authorization.encode(authorization),
        "content-type": "application/json",
        "x-merch-id": merchId
      },
      body: bytes(body)
    })),
    Effect.provide(
      Signer.layer.pipe(
        Layer.provide(KeyStore.layer({ signingKey: { keyId: first.keyId, privateKey: first.privatePem } }))
      )
    ),
    Effect.orDie
  )

for (const way of ways) {
  describe(`${way.name}: a right signature`, () => {
    it.effect("is accepted, by whomever it was made", () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(now)
        const running = yield* way.start()
        assertAccepted(yield* running.send(yield* call(applyPath, application("R-1"))), "R-1")
        assertAccepted(yield* running.send(yield* callBySdk(applyPath, application("R-2"))), "R-2")
        const common = { kind: "request", at: now, path: applyPath, operation: "va.apply", status: 200 }
        const fine = { ...common, retCode: undefined, explanation: undefined }
        assert.deepEqual<unknown>(
          yield* running.service.log,
          ["R-1", "R-2"].map((requestId) => ({ ...fine, requestId }))
        )
        assertDiscreet(JSON.stringify(yield* running.service.log) + running.logged.join("\n"))
      })
    )

    it.effect("of OpenSSL and the JDK is accepted, over each spelling of a body", () =>
      Effect.gen(function* () {
        const running = yield* way.start({ tolerance: "off" })
        const known = vectors.filter(
          ({ signer, path, body }) =>
            signer === "merchant" && /\/va\/(apply|inquiry)$/.test(path) && body?.text !== undefined
        )
        assert.isAtLeast(known.length, 7)
        for (const { id, path, merch_id, body, authorization } of known) {
          const answer = yield* running.send({
            method: "POST",
            target: path,
            headers: { authorization, "content-type": "application/json", "x-merch-id": merch_id! },
            body: bytes(body!.text)
          })
          // Nobody has applied for what these inquiries ask for.
          assert.strictEqual(answer.status, path === applyPath ? 200 : 404, id)
        }
      })
    )

    it.effect("holds for the bytes as they came: blanks, other scripts, escapes, any order of keys", () =>
      Effect.gen(function* () {
        const running = yield* way.start()
        const bodies = [
          ' {"country_code" : "DE",\r\n "request_id":"R-1"}\n',
          '{"request_id":"R-1","note":"深圳市 – Café"}',
          '{"request_id":"R\\u002d1"}',
          '{"unknown":[1.00,2e3],"request_id":"R-1","currencies":null}'
        ]
        for (const body of bodies) assertAccepted(yield* running.send(yield* call(applyPath, body)), "R-1")
      })
    )

    it.effect("may have a nonce of 6 or of 32 characters and be 5 minutes off", () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(now)
        const running = yield* way.start()
        for (const options of [
          { nonce: "abcdef" },
          { nonce: "0".repeat(32) },
          { timestamp: String(now - 5 * minute) },
          { timestamp: String(now + 5 * minute) }
        ]) {
          assertAccepted(yield* running.send(yield* call(applyPath, application("R-1"), options)), "R-1")
        }
      })
    )

    it.effect("may be as old as the tolerance says", () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(now)
        const running = yield* way.start({ tolerance: "10 seconds" })
        const aged = (millis: number) =>
          Effect.flatMap(call(applyPath, application("R-1"), { timestamp: String(now - millis) }), running.send)
        assertAccepted(yield* aged(10_000), "R-1")
        assertRefused(yield* aged(10_001))
      })
    )
  })

  describe(`${way.name}: a wrong signature is refused and explained in the log only`, () => {
    it.effect.each(wrong)("$what", ({ options, body = compact, explanation, code }) =>
      Effect.gen(function* () {
        yield* TestClock.setTime(now)
        const running = yield* way.start()
        assertRefused(yield* running.send(yield* call(applyPath, body, options)), code)
        yield* assertExplained(running, explanation, code)
        // Nothing was done.
        assert.strictEqual((yield* inquire(running, "R-1"))["ret_code"], "010002")
      })
    )

    it.effect("a nonce used before, with a new timestamp and another body", () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(now - 1)
        const running = yield* way.start()
        const nonce = randomNonce()
        assertAccepted(yield* running.send(yield* call(applyPath, application("R-1"), { nonce })), "R-1")
        yield* TestClock.adjust(1)
        assertRefused(yield* running.send(yield* call(inquiryPath, application("R-1"), { nonce })), "010200")
        yield* assertExplained(running, ["the nonce was used before"], "010200")
        // It is the key that must not use it twice.
        const other = { nonce, key: second, merchId: secondMerchId }
        assertAccepted(yield* running.send(yield* call(applyPath, application("R-1"), other)), "R-1")
      })
    )

    it.effect("a nonce of a refused message is not used up", () =>
      Effect.gen(function* () {
        const running = yield* way.start()
        const nonce = randomNonce()
        assertRefused(yield* running.send(yield* call(applyPath, application("R-1"), { nonce, signedBody: "{}" })))
        assertAccepted(yield* running.send(yield* call(applyPath, application("R-1"), { nonce })), "R-1")
      })
    )

    it.effect("the same message many times at once: one is taken", () =>
      Effect.gen(function* () {
        const running = yield* way.start()
        const wire = yield* call(applyPath, application("R-1"))
        const copies = Array.from({ length: 20 }, () => running.send(wire))
        const answers = yield* Effect.all(copies, { concurrency: "unbounded" })
        assert.deepStrictEqual(
          answers.map(({ status }) => status).toSorted((a, b) => a - b),
          [200, ...Array.from({ length: 19 }, () => 401)]
        )
      })
    )
  })
}
