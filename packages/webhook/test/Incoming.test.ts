import { Readable } from "node:stream"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Incoming from "../src/Incoming.ts"
import * as Webhook from "../src/Webhook.ts"
import { Log, merchId, notify, opened, secrets, va, verifier } from "./support.ts"

const parts = (given: Partial<Incoming.Parts> = {}): Incoming.Parts => ({
  path: "/hooks/va",
  headers: {},
  body: new Uint8Array(),
  ...given
})

/** A value that the types refuse, as it comes from a framework whose types say `any`. */
const untyped = (body: unknown) => parts({ body: body as Uint8Array })

const bytesOf = (given: Incoming.Parts) => Effect.map(Incoming.fromParts(given), ({ body }) => [...body])

const refusal = (given: Incoming.Parts, maxBodyBytes?: number) =>
  Effect.map(Effect.flip(Incoming.fromParts(given, maxBodyBytes)), ({ status, detail }) => ({ status, detail }))

describe("Incoming.fromParts: the body", () => {
  it.effect("bytes, as they are", () =>
    Effect.gen(function* () {
      const bytes = [0xef, 0xbb, 0xbf, 0x00, 0x0d, 0x0a, 0xff]
      assert.deepStrictEqual(yield* bytesOf(parts({ body: new Uint8Array(bytes) })), bytes)
      assert.deepStrictEqual(yield* bytesOf(parts({ body: Buffer.from(bytes) })), bytes)
      assert.deepStrictEqual(yield* bytesOf(parts({ body: new Uint8Array(bytes).buffer })), bytes)
      // A part of a larger buffer, as Node's are.
      assert.deepStrictEqual(yield* bytesOf(parts({ body: new Uint8Array(bytes).subarray(3, 5) })), [0x00, 0x0d])
      assert.deepStrictEqual(yield* bytesOf(parts()), [])
    })
  )

  it.effect("bytes of another realm, as a test runner has them", () =>
    Effect.gen(function* () {
      const foreign: unknown = runInNewContext("new Uint8Array([1, 2, 3])")
      assert.isFalse(foreign instanceof Uint8Array)
      assert.deepStrictEqual(yield* bytesOf(untyped(foreign)), [1, 2, 3])
    })
  )

  it.effect("a string is its UTF-8", () =>
    Effect.gen(function* () {
      const text = '\ufeff{"bank_name":"中国🏦"}\r\n'
      assert.deepStrictEqual(yield* bytesOf(parts({ body: text })), [...Buffer.from(text, "utf8")])
      assert.deepStrictEqual(yield* bytesOf(parts({ body: "" })), [])
    })
  )

  it.effect("anything else is refused, with the remedy for each framework and none of the content", () =>
    Effect.gen(function* () {
      const stream = Readable.from([Buffer.from("{}")])
      const parsed = [opened(), {}, null, [1, 2], 7, true, stream, new Request("https://a.test"), new Blob(["{}"])]
      for (const body of parsed) {
        const { status, detail } = yield* refusal(untyped(body))
        assert.strictEqual(status, 500)
        assert.match(detail, /^the body is not bytes \(a parsed value\?\); /)
        for (const remedy of [
          "express.raw",
          "Fastify addContentTypeParser",
          "Hono c.req.arrayBuffer()",
          "Next's request",
          "Nest rawBody",
          "docs/webhooks.md"
        ]) {
          assert.include(detail, remedy)
        }
        assert.notInclude(detail, secrets.account_no)
      }
      const missing = yield* refusal(parts({ body: undefined }))
      assert.strictEqual(missing.status, 500)
      assert.match(missing.detail, /^the body is missing; .*docs\/webhooks\.md$/)
      stream.destroy()
    })
  )

  it.effect("up to the limit, in bytes", () =>
    Effect.gen(function* () {
      const most = Incoming.defaultMaxBodyBytes
      assert.strictEqual((yield* bytesOf(parts({ body: "x".repeat(most) }))).length, most)
      assert.deepStrictEqual(yield* refusal(parts({ body: "x".repeat(most + 1) })), {
        status: 413,
        detail: "the body is larger than 1048576 bytes"
      })
      // Two characters, four bytes.
      assert.strictEqual((yield* Incoming.fromParts(parts({ body: "éé" }), 4)).body.length, 4)
      assert.strictEqual((yield* refusal(parts({ body: "éé" }), 3)).status, 413)
      assert.strictEqual((yield* refusal(parts({ body: new Uint8Array(4) }), 3)).status, 413)
    })
  )
})

describe("Incoming.fromParts: headers and path", () => {
  const read = (headers: Incoming.Parts["headers"]) =>
    Effect.map(Incoming.fromParts(parts({ headers })), ({ authorization, merchId: id }) => [authorization, id])

  it.effect("web headers, and records with names in any case", () =>
    Effect.gen(function* () {
      const both = ["A", "M"]
      assert.deepStrictEqual(yield* read(new Headers({ Authorization: "A", "X-Merch-Id": "M" })), both)
      assert.deepStrictEqual(yield* read({ authorization: "A", "x-merch-id": "M", get: "B" }), both)
      assert.deepStrictEqual(yield* read({ AUTHORIZATION: ["A"], "X-Merch-Id": ["M"], host: undefined }), both)
      const none = [undefined, undefined]
      assert.deepStrictEqual(yield* read(new Headers()), none)
      assert.deepStrictEqual(yield* read({}), none)
      assert.deepStrictEqual(yield* read({ authorization: undefined, "x-merch-id": [] }), none)
      // Present and empty is not the same as missing.
      assert.deepStrictEqual(yield* read({ authorization: "", "x-merch-id": "" }), ["", ""])
      assert.deepStrictEqual(yield* read(new Headers({ Authorization: "", "X-Merch-Id": "" })), ["", ""])
    })
  )

  it.effect("one that came twice is refused, even where both are alike", () =>
    Effect.gen(function* () {
      for (const doubled of [
        ["A", "B"],
        ["A", "A"],
        ["", "A"]
      ]) {
        assert.deepStrictEqual(yield* refusal(parts({ headers: { authorization: doubled } })), {
          status: 400,
          detail: "the header Authorization came more than once"
        })
        assert.deepStrictEqual(yield* refusal(parts({ headers: { authorization: "A", "x-merch-id": doubled } })), {
          status: 400,
          detail: "the header X-Merch-Id came more than once"
        })
      }
      assert.strictEqual((yield* refusal(parts({ headers: { authorization: "A", Authorization: "A" } }))).status, 400)
    })
  )

  it.effect("the path without query and fragment, and otherwise as it came", () =>
    Effect.gen(function* () {
      for (const [given, path] of [
        ["/hooks/va", "/hooks/va"],
        ["/hooks/va?a=/b?c", "/hooks/va"],
        ["/hooks/va#a?b", "/hooks/va"],
        ["/hooks/../a/%E4%B8%AD//", "/hooks/../a/%E4%B8%AD//"],
        ["", ""]
      ] as const) {
        assert.strictEqual((yield* Incoming.fromParts(parts({ path: given }))).path, path)
      }
    })
  )
})

describe("Incoming.fromParts: a webhook", () => {
  const log = new Log()

  it.live("receives the bytes that were signed, and nothing that was written again", () =>
    Effect.gen(function* () {
      const events: Array<unknown> = []
      const webhook = yield* Webhook.make({
        notifications: [va],
        handlers: { "va.notification": ({ verified }) => Effect.sync(() => events.push(verified.merchId)) }
      })
      const status = (given: Incoming.Parts) =>
        Effect.matchEffect(Incoming.fromParts(given), {
          onSuccess: webhook.receive,
          onFailure: Webhook.unreadable
        }).pipe(Effect.map((answer) => answer.status))

      const { path, headers, body } = notify(`{ "data": ${JSON.stringify(opened().data)} }`)
      const text = Buffer.from(body).toString("utf8")
      const parsed: unknown = JSON.parse(text)
      assert.strictEqual(yield* status({ path, headers, body: parsed as string }), 500)
      assert.strictEqual(yield* status({ path, headers, body: JSON.stringify(parsed) }), 401)
      const joined = new Headers([...Object.entries(headers), ["Authorization", headers["Authorization"]!]])
      assert.strictEqual(yield* status({ path, headers: joined, body }), 401)
      assert.deepStrictEqual(events, [])
      assert.strictEqual(yield* status({ path: `${path}?a=1`, headers, body }), 200)
      const again = notify(opened())
      assert.strictEqual(
        yield* status({ ...again, headers: new Headers(again.headers), body: Buffer.from(again.body) }),
        200
      )
      assert.deepStrictEqual(events, [merchId, merchId])
      assert.include(log.text, "PayKKa notification refused: the body is not bytes (a parsed value?)")
    }).pipe(Effect.provide(Layer.merge(verifier(), log.layer)))
  )
})
