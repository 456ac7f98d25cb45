import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Environment from "../src/Environment.ts"
import { make, read } from "./support/client.ts"
import * as TestPlatform from "./support/TestPlatform.ts"

describe("origin", () => {
  it.each([
    ["https://host.example", "https://host.example"],
    ["https://host.example/", "https://host.example"],
    ["https://host.example:8443", "https://host.example:8443"],
    ["https://10.0.0.1", "https://10.0.0.1"],
    ["http://127.0.0.1:3000", "http://127.0.0.1:3000"],
    ["http://127.8.9.10", "http://127.8.9.10"],
    ["http://[::1]:3000", "http://[::1]:3000"],
    ["http://localhost:3000", "http://localhost:3000"],
    ["HTTP://LOCALHOST", "http://localhost"],
    ["http://paykka.localhost", "http://paykka.localhost"],
    // The same address in another spelling.
    ["http://2130706433", "http://127.0.0.1"]
  ])("accepts %s", (baseUrl, origin) => {
    assert.deepStrictEqual(Environment.origin(Environment.local(baseUrl)), Result.succeed(origin))
  })

  it.each([
    ["http://example.com", "plain http is allowed to loopback addresses only"],
    ["http://10.0.0.1", "plain http"],
    ["http://192.168.1.1", "plain http"],
    ["http://0.0.0.0", "plain http"],
    ["http://[::]", "plain http"],
    ["http://[::ffff:10.0.0.1]", "plain http"],
    ["http://128.0.0.1", "plain http"],
    ["http://127.0.0.1.evil.com", "plain http"],
    ["http://127.0.0.1@evil.com", "plain http"],
    ["http://localhost.evil.com", "plain http"],
    ["http://evil-localhost", "plain http"],
    ["http://localhost@evil.com", "plain http"],
    ["https://user:pass@host.example", "must not contain credentials"],
    ["https://user@host.example", "must not contain credentials"],
    ["https://host.example/api", "must be scheme and host only"],
    ["https://host.example/?a=1", "must be scheme and host only"],
    ["https://host.example?a=1", "must be scheme and host only"],
    ["https://host.example/#a", "must be scheme and host only"],
    ["ftp://host.example", "must start with https://"],
    ["file:///etc/passwd", "must start with https://"],
    ["host.example", "must be a URL"],
    ["", "must be a URL"]
  ])("refuses %s", (baseUrl, detail) => {
    const result = Environment.origin(Environment.local(baseUrl))
    assert.isTrue(Result.isFailure(result))
    const error = Result.getOrThrow(Result.flip(result))
    assert.strictEqual(error._tag, "InvalidConfiguration")
    assert.strictEqual(error.option, "environment.baseUrl")
    assert.include(error.message, detail)
    assert.notInclude(error.message, "pass")
  })
})

describe("an environment", () => {
  it("is the documented sandbox, or one with a host of its own", () => {
    // contract/core.yaml, environments
    assert.deepStrictEqual(Environment.sandbox, { name: "sandbox", baseUrl: "https://open-fat.cb.paykka.com" })
    const baseUrl = "https://host.example"
    assert.deepStrictEqual(Environment.production({ baseUrl }), { name: "production", baseUrl })
    assert.deepStrictEqual(Environment.local(baseUrl), { name: "local", baseUrl })
    // @ts-expect-error the production host is not published
    assert.isFunction(() => Environment.production({}))
  })

  it.effect("that cannot be used fails when the client is built", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(make("http://example.com"))
      assert.strictEqual(error.option, "environment.baseUrl")
      const production = Environment.production({ baseUrl: "http://10.0.0.1" })
      const refused = yield* Effect.flip(make("", { environment: production }))
      assert.strictEqual(refused._tag, "InvalidConfiguration")
    })
  )

  it.effect("on localhost is reached by that name", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      const client = yield* make(platform.baseUrl.replace("127.0.0.1", "localhost"))
      yield* read(client)
      assert.strictEqual(platform.received.length, 1)
    })
  )
})
