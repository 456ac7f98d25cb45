/** Keys that are exchanged while the program runs: between calls, never within one. */
import { generateKeyPairSync } from "node:crypto"
import * as Va from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Authorization from "@paykka/signing/Authorization"
import * as Result from "effect/Result"
import * as Environment from "../src/Environment.ts"
import * as PaykkaClient from "../src/PaykkaClient.ts"
import { merchId } from "./support/client.ts"
import * as JumpClock from "./support/JumpClock.ts"

const pem = (): string =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" }
  }).privateKey

/** A client whose key is the next one at every load, and a platform that fails every second request. */
const rotating = Effect.gen(function* () {
  const keys = [pem(), pem()]
  let loads = 0
  const sent: Array<readonly [requestId: string, keyId: string]> = []
  const transport = Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request) =>
      Effect.sync(() => {
        const { key_id } = Result.getOrThrow(Authorization.decode(request.headers["authorization"] ?? ""))
        const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
        const { request_id } = JSON.parse(body) as { readonly request_id: string }
        sent.push([request_id, key_id])
        const isFirst = sent.filter(([id]) => id === request_id).length === 1
        return HttpClientResponse.fromWeb(request, isFirst ? new Response("", { status: 503 }) : Response.json({}))
      })
    )
  )
  const store = KeyStore.layerRefreshing({
    load: Effect.sync(() => ({ signingKey: { keyId: `key-${++loads}`, privateKey: keys[loads % 2]! } })),
    timeToLive: 0
  })
  const client = yield* Effect.map(
    Layer.build(
      PaykkaClient.layer({
        environment: Environment.local("http://127.0.0.1:2"),
        merchId,
        timeout: JumpClock.timeout
      }).pipe(Layer.provide([Signer.layer.pipe(Layer.provide(store)), transport]))
    ),
    Context.get(PaykkaClient.PaykkaClient)
  )
  return { client, sent }
})

describe("a key that is exchanged at every use", () => {
  it.effect("signs all requests of a call, and the next call has the next one", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* rotating
      const call = (request_id: string) => JumpClock.make().run(client.execute(Va.inquiry, { request_id }))
      yield* call("R-1")
      yield* call("R-2")
      assert.deepStrictEqual(sent, [
        ["R-1", "key-1"],
        ["R-1", "key-1"],
        ["R-2", "key-2"],
        ["R-2", "key-2"]
      ])
    })
  )

  it.effect("signs all requests of a call also where many calls are under way at once", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* rotating
      const ids = Array.from({ length: 20 }, (_, index) => `R-${index}`)
      yield* Effect.forEach(ids, (request_id) => JumpClock.make().run(client.execute(Va.inquiry, { request_id })), {
        concurrency: 3
      })
      assert.strictEqual(sent.length, 40)
      for (const id of ids) {
        const keys = new Set(sent.filter(([requestId]) => requestId === id).map(([, key]) => key))
        assert.strictEqual(keys.size, 1, id)
      }
      assert.isAbove(new Set(sent.map(([, key]) => key)).size, 1)
    })
  )
})

describe("a signer that is somewhere else", () => {
  it.effect("has the time of a request to answer", () =>
    Effect.gen(function* () {
      const client = yield* Effect.map(
        Layer.build(
          PaykkaClient.layer({
            environment: Environment.local("http://127.0.0.1:2"),
            merchId,
            timeout: "5 seconds"
          }).pipe(Layer.provide([Layer.succeed(Signer.Signer, { sign: () => Effect.never }), FetchHttpClient.layer]))
        ),
        Context.get(PaykkaClient.PaykkaClient)
      )
      const error = yield* Effect.flip(JumpClock.make().run(client.execute(Va.inquiry, { request_id: "R-1" })))
      assert.deepStrictEqual(error.reason, { _tag: "SigningFailed", detail: "no signature within 5 s" })
      assert.strictEqual(error.attempts, 0)
    })
  )
})

describe("a signer without keys of its own", () => {
  it.effect("is asked for each request", () =>
    Effect.gen(function* () {
      let asked = 0
      const signer = Layer.succeed(Signer.Signer, {
        sign: () => Effect.sync(() => ({ key_id: `remote-${++asked}`, signature: "AAAA" }))
      })
      const transport = Layer.provideMerge(
        FetchHttpClient.layer,
        Layer.succeed(FetchHttpClient.Fetch, async () => new Response("", { status: 503 }))
      )
      const client = yield* Effect.map(
        Layer.build(
          PaykkaClient.layer({
            environment: Environment.local("http://127.0.0.1:2"),
            merchId,
            timeout: JumpClock.timeout
          }).pipe(Layer.provide([signer, transport]))
        ),
        Context.get(PaykkaClient.PaykkaClient)
      )
      const error = yield* Effect.flip(JumpClock.make().run(client.execute(Va.inquiry, { request_id: "R-1" })))
      assert.strictEqual(error.attempts, 3)
      assert.strictEqual(asked, 3)
    })
  )
})
