import { assert, describe, it } from "@effect/vitest"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Sandbox from "../src/Sandbox.ts"
import { assertError } from "./support/answers.ts"
import { first, merchId, options, platform, sample, second, secondMerchId } from "./support/keys.ts"
import { type Options, applyPath, bytes, call, inquiryPath } from "./support/merchant.ts"
import { type Answer, memory, requestsOf, ways } from "./support/ways.ts"

/** Asserts an answer that no client can take for one of the API's errors. */
const assertNotAnError = (answer: Answer, status: number): void => {
  assert.strictEqual(answer.status, status)
  assert.match(answer.headers["content-type"]!, /^text\/plain/)
  assert.throws(() => JSON.parse(answer.body))
  assert.strictEqual(answer.headers["x-sandbox-provenance"], "inferred")
}

interface Invalid {
  readonly what: string
  readonly body: unknown
  readonly options?: Options
  /** What `ret_msg` says after the code's text. */
  readonly says: RegExp
}

const deep = "[".repeat(65) + "]".repeat(65)

const invalid: ReadonlyArray<Invalid> = [
  { what: "no request_id", body: { country_code: "DE" }, says: /^: request_id is missing$/ },
  { what: "null for request_id", body: { request_id: null }, says: /^: request_id is missing$/ },
  { what: "an empty request_id", body: { request_id: "" }, says: /^: request_id .*\b1\b/ },
  { what: "a request_id of 33 characters", body: { request_id: "r".repeat(33) }, says: /^: request_id .*\b32\b/ },
  { what: "a number for request_id", body: { request_id: 4711 }, says: /^: request_id .*string/ },
  { what: "a text for currencies", body: { request_id: "R", currencies: "EUR" }, says: /^: currencies .*array/ },
  { what: "an empty currency", body: { request_id: "R", currencies: ["EUR", ""] }, says: /^: currencies\[1\] / },
  { what: "two faults", body: { currencies: [7] }, says: /^: request_id is missing; currencies\[0\] .*string$/ },
  { what: "no X-Merch-Id", body: { request_id: "R" }, options: { merchId: null }, says: /^: X-Merch-Id is missing$/ },
  { what: "a body that is not JSON", body: "{request_id: 'R'}", says: /^: the body is not JSON$/ },
  { what: "no body", body: "", says: /^: the body is empty$/ },
  { what: "a body that is not UTF-8", body: Uint8Array.of(0x22, 0xff, 0x22), says: /^: the body is not UTF-8$/ },
  { what: "a body that is no object", body: [{ request_id: "R" }], says: /^: .*object/ },
  { what: "a body nested too deeply", body: deep, says: /^: the body is nested deeper than 64 levels$/ }
]

for (const way of ways) {
  describe(`${way.name}: refusals`, () => {
    it.effect.each(invalid)("010000 names what does not fit: $what", ({ body, options: callOptions, says }) =>
      Effect.gen(function* () {
        const running = yield* way.start()
        const answer = yield* running.send(yield* call(applyPath, body, callOptions))
        const detail = assertError(answer, "010000")
        assert.match(detail, says)
        const entry = (yield* requestsOf(running)).at(-1)!
        assert.strictEqual(entry.retCode, "010000")
        assert.strictEqual(entry.status, 400)
        assert.strictEqual(`: ${entry.explanation}`, detail)
      })
    )

    it.effect("010000 holds no value of the body", () =>
      Effect.gen(function* () {
        const running = yield* way.start()
        const secret = "6222021234567890123"
        const body = { request_id: 1, currencies: [{ account_no: secret }], country_code: [secret], type: { secret } }
        const answer = yield* running.send(yield* call(applyPath, body))
        assertError(answer, "010000")
        assert.notInclude(answer.body + JSON.stringify(yield* running.service.log) + running.logged.join("\n"), secret)
      })
    )

    it.effect("a request_id of 32 characters fits", () =>
      Effect.gen(function* () {
        const running = yield* way.start()
        const request_id = "r".repeat(32)
        const answer = yield* running.send(yield* call(applyPath, { request_id }))
        assert.deepStrictEqual(JSON.parse(answer.body), { request_id })
      })
    )

    it.effect("010002 for an application that nobody made, and for another merchant's", () =>
      Effect.gen(function* () {
        const running = yield* way.start()
        const other = { merchId: secondMerchId, key: second }
        const applied = yield* running.send(yield* call(applyPath, { request_id: "R-1" }, other))
        assert.strictEqual(applied.status, 200)
        for (const request_id of ["R-1", "R-2"]) {
          const answer = yield* running.send(yield* call(inquiryPath, { request_id }))
          assert.match(assertError(answer, "010002"), /^: the merchant has not applied/)
        }
        const found = yield* running.send(yield* call(inquiryPath, { request_id: "R-1" }, other))
        assert.strictEqual(found.status, 200)
      })
    )

    it.effect("010003 for a suspended merchant, until it is resumed", () =>
      Effect.gen(function* () {
        const running = yield* way.start()
        const apply = (callOptions?: Options) =>
          Effect.flatMap(call(applyPath, { request_id: "R-1" }, callOptions), running.send)
        yield* running.service.suspend(merchId, true)
        assert.match(assertError(yield* apply(), "010003"), /suspended/)
        assert.strictEqual((yield* apply({ merchId: secondMerchId, key: second })).status, 200)
        // Who is not known learns nothing of the merchant's state.
        assert.strictEqual((yield* apply({ key: second })).status, 401)
        const inquiry = yield* running.send(yield* call(inquiryPath, { request_id: "R-1" }))
        assertError(inquiry, "010003")
        yield* running.service.suspend(merchId, false)
        // The refused application was not taken.
        assertError(yield* running.send(yield* call(inquiryPath, { request_id: "R-1" })), "010002")
        assert.strictEqual((yield* apply()).status, 200)
      })
    )

    it.effect("an unknown path is not found, signed or not", () =>
      Effect.gen(function* () {
        const running = yield* way.start()
        for (const path of ["/", `${applyPath}/`, "/api/v2/merch/va/open"]) {
          assertNotAnError(yield* running.send(yield* call(path, { request_id: "R-1" })), 404)
          const entry = (yield* requestsOf(running)).at(-1)!
          assert.strictEqual(entry.path, path)
          assert.strictEqual(entry.operation, undefined)
          assert.strictEqual(entry.retCode, undefined)
          assert.include(entry.explanation!, applyPath)
          assert.include(running.logged.at(-1)!, "HTTP 404")
        }
      })
    )

    it.effect("only POST is allowed", () =>
      Effect.gen(function* () {
        const running = yield* way.start()
        for (const method of ["GET", "PUT", "DELETE"]) {
          const answer = yield* running.send(yield* call(inquiryPath, { request_id: "R-1" }, { method }))
          assertNotAnError(answer, 405)
          assert.strictEqual(answer.headers["allow"], "POST")
          assert.include((yield* requestsOf(running)).at(-1)!.explanation!, method)
        }
      })
    )

    it.effect("a body of more than 16 MiB is too large", () =>
      Effect.gen(function* () {
        const running = yield* way.start()
        const limit = 16 * 1024 * 1024
        const headers = { "content-type": "application/json" }
        const post = (size: number) =>
          running.send({ method: "POST", target: applyPath, headers, body: new Uint8Array(size) })
        assertNotAnError(yield* post(limit + 1), 413)
        assert.include((yield* requestsOf(running)).at(-1)!.explanation!, String(limit))
        assert.strictEqual((yield* post(limit)).status, 401)
      })
    )
  })
}

describe("what both ways share", () => {
  it.effect("a body that breaks off is a bad request", () =>
    Effect.gen(function* () {
      const running = yield* memory.start()
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          controller.error(new Error("the connection was lost"))
        }
      })
      const init = { method: "POST", body, duplex: "half" } as const
      const response = yield* running.service.handle(new Request(`http://sandbox.localhost${applyPath}`, init))
      assert.strictEqual(response.status, 400)
      assert.match(response.headers.get("content-type")!, /^text\/plain/)
      assert.include((yield* requestsOf(running)).at(-1)!.explanation!, "did not come to its end")
    })
  )

  it.effect("the log keeps the last 1,000 entries", () =>
    Effect.gen(function* () {
      const running = yield* memory.start()
      for (let i = 1; i <= 1003; i++) {
        yield* running.send({ method: "GET", target: `/${i}`, headers: {}, body: undefined })
      }
      const paths = (yield* requestsOf(running)).map(({ path }) => path)
      assert.strictEqual(paths.length, 1000)
      assert.strictEqual(paths[0], "/4")
      assert.strictEqual(paths.at(-1), "/1003")
    })
  )
})

/** Each key text that the tests know, line by line. */
const keyLines = [first.privatePem, first.publicPem, platform.privatePem, platform.publicPem]
  .flatMap((pem) => pem.split("\n"))
  .filter((line) => line.length > 20 && !line.startsWith("-----"))

interface Unusable {
  readonly what: string
  readonly options: Partial<Sandbox.Options>
  readonly option: string
  readonly says: RegExp
}

const [firstMerchant, secondMerchant] = options.merchants

const unusable: ReadonlyArray<Unusable> = [
  {
    what: "a private key for a merchant's public one",
    options: { merchants: [{ ...firstMerchant, publicKey: first.privatePem }] },
    option: "merchants[0].publicKey",
    says: /found an RSA private key .*take its public half/
  },
  {
    what: "an EC key of the second merchant",
    options: { merchants: [firstMerchant, { ...secondMerchant, publicKey: sample("ec-p256-public-spki-pem") }] },
    option: "merchants[1].publicKey",
    says: /found an EC public key/
  },
  {
    what: "a key of 1024 bits",
    options: { merchants: [{ ...firstMerchant, publicKey: sample("rsa-1024-public-spki-pem") }] },
    option: "merchants[0].publicKey",
    says: /1024 bits/
  },
  {
    what: "an empty text",
    options: { merchants: [{ ...firstMerchant, publicKey: "" }] },
    option: "merchants[0].publicKey",
    says: /empty text/
  },
  {
    what: "no keyId of a merchant",
    options: { merchants: [{ ...firstMerchant, keyId: "" }] },
    option: "merchants[0].keyId",
    says: /non-empty/
  },
  {
    what: "one keyId for two keys",
    options: { merchants: [firstMerchant, { ...secondMerchant, keyId: first.keyId }] },
    option: "merchants[1].keyId",
    says: /another key/
  },
  {
    what: "the platform's own key as a merchant's",
    options: { merchants: [firstMerchant, { ...secondMerchant, publicKey: platform.publicPem }] },
    option: "merchants[1].publicKey",
    says: /platformKey/
  },
  { what: "no merchant at all", options: { merchants: [] }, option: "merchants", says: /empty/ },
  {
    what: "a public key to sign with",
    options: { platformKey: { keyId: platform.keyId, privateKey: platform.publicPem } },
    option: "platformKey.privateKey",
    says: /found an RSA public key/
  },
  {
    what: "an encrypted key to sign with",
    options: { platformKey: { keyId: platform.keyId, privateKey: sample("rsa-2048-private-encrypted-pkcs8-pem") } },
    option: "platformKey.privateKey",
    says: /encrypted/
  },
  {
    what: "a keyId of the platform with blanks",
    options: { platformKey: { keyId: "platform key", privateKey: platform.privatePem } },
    option: "platformKey.keyId",
    says: /blanks/
  }
]

describe("building", () => {
  it.effect.each(unusable)("fails with the name of the option: $what", ({ options: wrong, option, says }) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Sandbox.make({ ...options, ...wrong }))
      assert.instanceOf(error, KeyStore.InvalidKeyStore)
      assert.strictEqual(error.option, option)
      assert.match(error.detail, says)
      assert.strictEqual(error.message, `${option}: ${error.detail}`)
      // A sandbox's user knows no key store.
      assert.notMatch(error.message, /platformKeys|signingKey/)
      for (const line of keyLines) assert.notInclude(JSON.stringify(error) + error.message, line)
    })
  )

  it.effect("a callbackUrl that is no URL is a defect, not a notification that never comes", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Sandbox.make({ ...options, callbackUrl: "/hooks/paykka" }))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", "callbackUrl")
    })
  )

  it.effect("one key may serve two merchants, and one merchant may have two keys", () =>
    Effect.gen(function* () {
      const running = yield* memory.start({
        merchants: [firstMerchant, { ...firstMerchant, merchId: "M3" }, { ...secondMerchant, merchId }]
      })
      for (const callOptions of [{}, { merchId: "M3" }, { key: second }]) {
        const answer = yield* running.send(yield* call(applyPath, { request_id: "R-1" }, callOptions))
        assert.strictEqual(answer.status, 200)
      }
      const answer = yield* running.send(yield* call(applyPath, { request_id: "R-1" }, { key: second, merchId: "M3" }))
      assert.strictEqual(answer.status, 401)
    })
  )

  it.effect("keys may be DER and hidden from logs", () =>
    Effect.gen(function* () {
      const running = yield* memory.start({
        merchants: [{ ...firstMerchant, publicKey: bytes(first.publicKey.export({ type: "spki", format: "der" })) }],
        platformKey: { keyId: platform.keyId, privateKey: Redacted.make(platform.privatePem) }
      })
      assert.strictEqual((yield* running.send(yield* call(applyPath, { request_id: "R-1" }))).status, 200)
    })
  )
})
