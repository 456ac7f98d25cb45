import { inspect } from "node:util"
import * as Va from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Environment from "../src/Environment.ts"
import * as PaykkaClient from "../src/PaykkaClient.ts"
import type { PaykkaError, Reason } from "../src/PaykkaError.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { create, make, merchId, read, reasonOf, start } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"
import * as operations from "./support/operations.ts"
import { assertKeeps } from "./support/secrets.ts"
import { type Answer, closedPort } from "./support/TestPlatform.ts"

const once = { retry: RetryPolicy.none }

const failure = (status: number, ret_code: string, ret_msg = "what it says") => ({
  status,
  body: { ret_code, ret_msg }
})

const tagOf = (error: PaykkaError): Reason["_tag"] => error.reason._tag

/** The documented codes with the meaning of `contract/core.yaml`, each with the status that probably goes with it. */
const codes: ReadonlyArray<readonly [code: string, status: number, tag: Reason["_tag"], retryable: boolean]> = [
  ["010000", 400, "InvalidRequest", false],
  ["010001", 429, "RateLimited", true],
  ["010002", 404, "NotFound", false],
  ["010003", 400, "InvalidState", false],
  ["010004", 400, "IntegrityViolation", false],
  ["010005", 400, "FileTooLarge", false],
  ["010100", 401, "Unauthorized", false],
  ["010200", 401, "Unauthorized", false]
]

describe("a code", () => {
  for (const status of ["its status", 200, 400] as const) {
    it.effect.each(codes)(
      `%s is a failure with ${status}, of a read and of a create`,
      ([code, likely, tag, retryable]) =>
        Effect.gen(function* () {
          const httpStatus = status === "its status" ? likely : status
          const { client, platform } = yield* start([failure(httpStatus, code)])
          for (const call of [read, create]) {
            const error = yield* Effect.flip(call(client, once))
            assert.strictEqual(tagOf(error), tag)
            assert.strictEqual(error.retryable, retryable)
            assert.strictEqual(error.httpStatus, httpStatus)
            assert.strictEqual(error.retCode, code)
            assert.strictEqual(error.retMsg, "what it says")
            assert.strictEqual(error.requestId, "R-1")
            assert.strictEqual(error.attempts, 1)
            assert.strictEqual(error.operation, call === read ? "va.inquiry" : "va.apply")
            assert.strictEqual(error._tag, "PaykkaError")
            for (const fact of [error.operation, `HTTP ${httpStatus}`, code, "what it says", "R-1"]) {
              assert.include(error.message, fact)
            }
          }
          assert.strictEqual(platform.received.length, 2)
        })
    )
  }

  it.effect.each([
    [400, true],
    [404, true],
    [200, false]
  ] as const)("beyond the table with %d is a refusal; of a create only where the status says so", ([status, refused]) =>
    Effect.gen(function* () {
      const { client, platform } = yield* start([failure(status, "090909")])
      const ofRead = yield* Effect.flip(read(client, once))
      assert.deepStrictEqual(ofRead.reason, { _tag: "Rejected" })
      assert.strictEqual(ofRead.retCode, "090909")
      const ofCreate = yield* Effect.flip(create(client, once))
      // A 200 is documented as processed, so an unknown code in it may mean anything.
      if (refused) assert.deepStrictEqual(ofCreate.reason, { _tag: "Rejected" })
      else assert.deepStrictEqual(reasonOf(ofCreate, "OutcomeUnknown").because, { _tag: "Rejected" })
      assert.strictEqual(ofCreate.retCode, "090909")
      assert.isFalse(ofCreate.retryable)
      assert.strictEqual(platform.received.length, 2)
    })
  )

  it.effect.each([500, 200, 400])(
    "999999 with %d is the platform's failure of a read, and leaves a create open",
    (status) =>
      Effect.gen(function* () {
        const { client } = yield* start([failure(status, "999999")])
        const ofRead = yield* Effect.flip(read(client, once))
        assert.deepStrictEqual(ofRead.reason, { _tag: "PlatformFailure" })
        assert.isTrue(ofRead.retryable)
        const ofCreate = yield* Effect.flip(create(client, once))
        assert.deepStrictEqual(reasonOf(ofCreate, "OutcomeUnknown").because, { _tag: "PlatformFailure" })
        assert.isFalse(ofCreate.retryable)
        assert.strictEqual(ofCreate.retCode, "999999")
        assert.strictEqual(ofCreate.httpStatus, status)
      })
  )

  it.effect.each([
    ["a refusal by its code, a failure by its status", { status: 503, body: { ret_code: "010001", ret_msg: "" } }],
    ["the same with a code that is never repeated", { status: 500, body: { ret_code: "010000", ret_msg: "" } }],
    ["success by its code, a refusal by its status", { status: 400, body: { ret_code: "000000", ret_msg: "" } }],
    ["the same with a status that asks to wait", { status: 429, body: { ret_code: "000000", ret_msg: "" } }],
    ["a refusal that is cut short before its code", { status: 400, body: '{"ret_code":"999999",', end: "cut" }],
    ["too many requests, cut short", { status: 429, body: '{"ret_code":"9', end: "cut" }],
    ["a redirect that is cut short", { status: 303, body: "see", end: "cut" }]
  ] satisfies ReadonlyArray<readonly [string, Answer]>)("%s: a create is sent once, and left open", ([, scripted]) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([scripted])
      const error = yield* Effect.flip(JumpClock.make().run(create(client)))
      assert.strictEqual(error.reason._tag, "OutcomeUnknown")
      assert.isFalse(error.retryable)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("that is too long for one is not shown", () =>
    Effect.gen(function* () {
      const { client } = yield* start([failure(400, "6222021234567890123")])
      const error = yield* Effect.flip(read(client, once))
      assert.strictEqual(error.retCode, "***")
      assert.notInclude(inspect(error), "6222")
    })
  )

  it.effect("beyond the table with a status that says more, is what the status says", () =>
    Effect.gen(function* () {
      const { client } = yield* start([failure(401, "777777"), failure(429, "777777"), failure(500, "777777")])
      const tags = [yield* Effect.flip(read(client, once)), yield* Effect.flip(read(client, once))].map(tagOf)
      assert.deepStrictEqual(tags, ["Unauthorized", "RateLimited"])
      const error = yield* Effect.flip(create(client, once))
      assert.deepStrictEqual(reasonOf(error, "OutcomeUnknown").because, { _tag: "PlatformFailure" })
    })
  )

  it.effect("may come without a message", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 400, body: { ret_code: "010003" } }])
      const error = yield* Effect.flip(read(client))
      assert.strictEqual(error.retMsg, "")
      assert.notInclude(error.message, "ret_msg")
    })
  )
})

describe("a status without a code", () => {
  it.effect("401 is Unauthorized", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 401, body: "no" }])
      for (const call of [read, create]) {
        const error = yield* Effect.flip(call(client, once))
        assert.deepStrictEqual(error.reason, { _tag: "Unauthorized" })
        assert.isUndefined(error.retCode)
        assert.isUndefined(error.retMsg)
        assert.include(error.message, "key_id")
      }
    })
  )

  it.effect.each([
    [undefined, undefined],
    ["7", 7000],
    ["0", 0],
    // JumpClock and TestClock aside, a date is compared with the clock; the TestClock stands at 1970-01-01T00:00:00Z.
    ["Thu, 01 Jan 1970 00:01:30 GMT", 90_000],
    ["Thursday, 01-Jan-70 00:01:30 GMT", 90_000],
    ["Wed, 31 Dec 1969 23:59:00 GMT", 0],
    ["soon", undefined],
    ["1.5", undefined],
    ["-5", undefined],
    ["12345678901", undefined]
  ] as const)("429 with Retry-After %s asks to wait %s", ([header, expected]) =>
    Effect.gen(function* () {
      const headers = header === undefined ? {} : { "retry-after": header }
      const { client } = yield* start([
        { status: 429, headers },
        { ...failure(200, "010001"), headers }
      ])
      for (const call of [read, create]) {
        const error = yield* Effect.flip(call(client, once))
        assert.strictEqual(reasonOf(error, "RateLimited").retryAfterMillis, expected)
        assert.isTrue(error.retryable)
        if (expected !== undefined) assert.include(error.message, `wait ${expected / 1000} s`)
      }
    })
  )

  it.effect.each([500, 502, 503, 504])("%d is the platform's failure of a read, and leaves a create open", (status) =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status, headers: { "content-type": "text/html" }, body: "<h1>Bad</h1>" }])
      const ofRead = yield* Effect.flip(read(client, once))
      assert.deepStrictEqual(ofRead.reason, { _tag: "PlatformFailure" })
      assert.strictEqual(ofRead.httpStatus, status)
      const ofCreate = yield* Effect.flip(create(client, once))
      assert.deepStrictEqual(reasonOf(ofCreate, "OutcomeUnknown").because, { _tag: "PlatformFailure" })
    })
  )
})

describe("OutcomeUnknown", () => {
  it.effect("names what to ask, the key, and when it was sent", () =>
    Effect.gen(function* () {
      const { client } = yield* start(["reset"])
      const error = yield* Effect.flip(create(client))
      const reason = reasonOf(error, "OutcomeUnknown")
      assert.strictEqual(reason.because._tag, "Unreachable")
      assert.strictEqual(reason.resolvedBy, "va.inquiry")
      assert.deepStrictEqual(reason.key, { field: "request_id", value: "R-1" })
      // The TestClock stands still at the beginning of 1970.
      assert.strictEqual(reason.sentAt, 0)
      assert.isUndefined(error.httpStatus)
      assert.include(error.message, "ask va.inquiry before sending it again")
    })
  )

  it.effect("names a key that the client has made, or one of another name, or none", () =>
    Effect.gen(function* () {
      const { client, platform } = yield* start(["reset"])
      const made = yield* Effect.flip(client.execute(Va.apply, {}))
      const { request_id } = JSON.parse(String(platform.received[0]?.body)) as { readonly request_id: string }
      assert.deepStrictEqual(reasonOf(made, "OutcomeUnknown").key, { field: "request_id", value: request_id })
      assert.strictEqual(made.requestId, request_id)
      const order = yield* Effect.flip(client.execute(operations.order, { order_no: "O-1", amount: 1 }))
      assert.deepStrictEqual(reasonOf(order, "OutcomeUnknown").key, { field: "order_no", value: "O-1" })
      const update = yield* Effect.flip(client.execute(operations.update, { note: "n" }))
      assert.isNull(reasonOf(update, "OutcomeUnknown").key)
      assert.isNull(reasonOf(update, "OutcomeUnknown").resolvedBy)
      assert.include(update.message, "no call tells; see its documentation before sending it again")
    })
  )
})

describe("Unreachable", () => {
  it.effect("is a read without an answer, or a write that was surely not sent", () =>
    Effect.gen(function* () {
      const { client } = yield* start(["reset"])
      const reset = yield* Effect.flip(read(client, once))
      assert.include(reasonOf(reset, "Unreachable").detail, "ECONNRESET")
      assert.isTrue(reset.retryable)
      const closed = yield* make(closedPort)
      for (const call of [read, create]) {
        const refused = yield* Effect.flip(call(closed, once))
        assert.deepStrictEqual(refused.reason, {
          _tag: "Unreachable",
          detail: "connection refused (ECONNREFUSED)"
        })
        assert.isTrue(refused.retryable)
        assert.isUndefined(refused.httpStatus)
        assert.strictEqual(refused.attempts, 1)
      }
    })
  )
})

describe("SigningFailed", () => {
  const withSigner = (signer: Layer.Layer<Signer.Signer>, baseUrl: string) =>
    PaykkaClient.layer({ environment: Environment.local(baseUrl), merchId }).pipe(
      Layer.provide([signer, FetchHttpClient.layer])
    )
  const call = Effect.gen(function* () {
    return yield* Effect.flip(create(yield* PaykkaClient.PaykkaClient))
  })

  it.effect("is a missing key: nothing is sent", () =>
    Effect.gen(function* () {
      const { platform } = yield* start()
      const noKey = Signer.layer.pipe(Layer.provide(KeyStore.layer({})), Layer.orDie)
      const error = yield* Effect.provide(call, withSigner(noKey, platform.baseUrl))
      assert.include(reasonOf(error, "SigningFailed").detail, "signingKey is not configured")
      assert.strictEqual(error.attempts, 0)
      assert.isFalse(error.retryable)
      assert.strictEqual(error.requestId, "R-1")
      assert.strictEqual(platform.received.length + platform.refused.length, 0)
    })
  )

  it.effect("is a remote signer's failure, without what it tells beneath", () =>
    Effect.gen(function* () {
      const { platform } = yield* start()
      const failing = Layer.succeed(Signer.Signer, {
        sign: () =>
          Effect.fail(new Signer.SigningFailed({ detail: "the key service is away", cause: new Error("token s3cret") }))
      })
      const error = yield* Effect.provide(call, withSigner(failing, platform.baseUrl))
      assert.include(reasonOf(error, "SigningFailed").detail, "the key service is away")
      assertKeeps(error, ["s3cret"])
      assert.strictEqual(platform.received.length, 0)
    })
  )
})

describe("ret_msg", () => {
  const echoing =
    "payee Zhang Wei, account DE89 3704 0044 0532 0130 00, card 4111-1111-1111-1111, id 11010519491231002X"

  it.effect("is shown without numbers of accounts, cards and documents", () =>
    Effect.gen(function* () {
      const { client } = yield* start([failure(400, "010003", echoing), failure(200, "999999", echoing)])
      for (const call of [read, create]) {
        const error = yield* Effect.flip(call(client, once))
        assert.include(error.retMsg, "account ***")
        assertKeeps(error, ["DE89", "3704", "0130", "4111", "110105"])
      }
    })
  )

  it.effect("is shown without what was sent", () =>
    Effect.gen(function* () {
      const { client } = yield* start([failure(400, "010000", echoing)])
      const extra = { payee: { name: "Zhang Wei" } }
      const error = yield* Effect.flip(client.execute(Va.apply, { request_id: "R-1" }, { extra }))
      assertKeeps(error, ["Zhang", "Wei"])
      assert.include(error.retMsg, "payee ***, account ***")
    })
  )

  it.effect("is cut", () =>
    Effect.gen(function* () {
      const { client } = yield* start([failure(400, "010003", "word ".repeat(100_000))])
      const error = yield* Effect.flip(read(client))
      assert.isAtMost(error.retMsg?.length ?? 0, 201)
    })
  )
})

describe("recovering", () => {
  it.effect("from one reason", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ status: 429, headers: { "retry-after": "5" } }, failure(400, "010002")])
      const recovered = (
        effect: Effect.Effect<Va.Account, PaykkaError>
      ): Effect.Effect<Va.Account | number, PaykkaError> =>
        effect.pipe(
          Effect.catchReason("PaykkaError", "RateLimited", ({ retryAfterMillis }) =>
            Effect.succeed(retryAfterMillis ?? -1)
          )
        )
      assert.strictEqual(yield* recovered(read(client, once)), 5000)
      const other = yield* Effect.flip(recovered(read(client, once)))
      assert.strictEqual(other.reason._tag, "NotFound")
    })
  )

  it.effect("from several, and by the error's own tag", () =>
    Effect.gen(function* () {
      const { client } = yield* start([failure(400, "010002"), failure(400, "010003")])
      const recovered = read(client, once).pipe(
        Effect.catchReasons("PaykkaError", {
          NotFound: () => Effect.succeed("not found" as const),
          InvalidState: () => Effect.succeed("state" as const)
        })
      )
      assert.strictEqual(yield* recovered, "not found")
      assert.strictEqual(yield* recovered, "state")
      const byTag = read(client, once).pipe(Effect.catchTag("PaykkaError", ({ retCode }) => Effect.succeed(retCode)))
      const typed: Effect.Effect<Va.Account | string | undefined> = byTag
      assert.strictEqual(yield* typed, "010003")
    })
  )
})

describe("InvalidRequest", () => {
  it.effect("of the client lists the faults, of the platform none", () =>
    Effect.gen(function* () {
      const { client } = yield* start([failure(400, "010000", "currencies invalid")])
      const ofClient = yield* Effect.flip(client.execute(Va.inquiry, { request_id: "" }))
      assert.strictEqual(reasonOf(ofClient, "InvalidRequest").by, "client")
      assert.strictEqual(reasonOf(ofClient, "InvalidRequest").faults.length, 1)
      const ofPlatform = yield* Effect.flip(read(client))
      assert.deepStrictEqual(ofPlatform.reason, { _tag: "InvalidRequest", by: "platform", faults: [] })
      assert.include(ofPlatform.message, "the platform found the request invalid")
      assert.include(ofPlatform.message, "currencies invalid")
    })
  )

  it.effect("names the fault of an answer's field without its value", () =>
    Effect.gen(function* () {
      const { client } = yield* start([{ body: { count: "Zhang Wei 12345678" } }])
      const error = yield* Effect.flip(
        client.request({
          path: "/x",
          body: {},
          schema: Schema.Struct({ count: Schema.Int }),
          effect: "read",
          merchantHeader: "forbidden"
        })
      )
      assert.include(reasonOf(error, "UnexpectedResponse").detail, "count")
      assertKeeps(error, ["Zhang", "12345678"])
    })
  )
})
