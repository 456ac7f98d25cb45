import { connect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { ServeError } from "effect/http/HttpServerError"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as SandboxNode from "../src/node.ts"
import * as Sandbox from "../src/Sandbox.ts"
import { options } from "./support/keys.ts"
import { applyPath, call } from "./support/merchant.ts"

const sandbox = Sandbox.layer(options).pipe(Layer.provide(Logger.layer([])))

const start = (serverOptions?: SandboxNode.ServerOptions) =>
  Layer.build(SandboxNode.layerServer(serverOptions).pipe(Layer.provide([sandbox, Logger.layer([])]))).pipe(
    Effect.map((context) => Context.get(context, SandboxNode.SandboxServer).baseUrl)
  )

const statusOf = (baseUrl: string): Effect.Effect<number> =>
  Effect.flatMap(call(applyPath, { request_id: "R-1" }), ({ headers, body }) =>
    Effect.promise(async () => {
      const response = await fetch(baseUrl + applyPath, { method: "POST", headers, body: body! })
      await response.text()
      return response.status
    })
  )

const refused = (baseUrl: string): Effect.Effect<boolean> =>
  Effect.promise(() =>
    fetch(baseUrl).then(
      () => false,
      (error: unknown) => (error as { readonly cause: { readonly code: string } }).cause.code === "ECONNREFUSED"
    )
  )

describe("a sandbox on a port", () => {
  it.live("listens on a free port of 127.0.0.1 when nothing else is said", () =>
    Effect.gen(function* () {
      const [one, two] = [yield* start(), yield* start()]
      for (const baseUrl of [one, two]) {
        assert.match(baseUrl, /^http:\/\/127\.0\.0\.1:[1-9][0-9]{2,4}$/)
        assert.strictEqual(yield* statusOf(baseUrl), 200)
      }
      assert.notStrictEqual(one, two)
    })
  )

  it.live("tells an address that can be called also where it listens on all interfaces", () =>
    Effect.gen(function* () {
      const baseUrl = yield* start({ host: "0.0.0.0" })
      assert.match(baseUrl, /^http:\/\/127\.0\.0\.1:/)
      assert.strictEqual(yield* statusOf(baseUrl), 200)
    })
  )

  it.effect("tells the time of the clock that it judges signatures by", () =>
    Effect.gen(function* () {
      const baseUrl = yield* start()
      const dateOf = Effect.promise(async () => {
        const response = await fetch(baseUrl + applyPath, { method: "POST" })
        await response.text()
        return response.headers.get("date")
      })
      assert.strictEqual(yield* dateOf, "Thu, 01 Jan 1970 00:00:00 GMT")
      yield* TestClock.adjust("1 day")
      assert.strictEqual(yield* dateOf, "Fri, 02 Jan 1970 00:00:00 GMT")
    })
  )

  it.live("fails where the port is taken", () =>
    Effect.gen(function* () {
      const port = Number(new URL(yield* start()).port)
      const error = yield* Effect.flip(start({ port }))
      assert.instanceOf(error, ServeError)
      assert.strictEqual((error.cause as NodeJS.ErrnoException).code, "EADDRINUSE")
    })
  )

  it.effect("ends with its scope, whatever its clients are doing", () =>
    Effect.gen(function* () {
      for (const sent of [
        undefined,
        `POST ${applyPath} HTTP/1.1\r\nHost: 127.0.0.1\r\n`,
        `POST ${applyPath} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{`
      ]) {
        const scope = yield* Scope.make()
        const baseUrl = yield* Scope.provide(start(), scope)
        const closed = yield* Effect.promise(async () => {
          const socket = connect(Number(new URL(baseUrl).port), "127.0.0.1")
          // Being cut off is what this is about.
          socket.on("error", () => undefined)
          const end = new Promise<void>((resolve) => void socket.once("close", () => resolve()))
          await new Promise<void>((resolve) => void socket.once("connect", () => resolve()))
          if (sent !== undefined) await new Promise<void>((resolve) => void socket.write(sent, () => resolve()))
          return { end }
        })
        // A second connection, so that the server has seen the first one; it stays open for further requests.
        assert.strictEqual(yield* statusOf(baseUrl), 200)
        // An end that waited for a time limit would wait for ever: the TestClock stands still.
        yield* Scope.close(scope, Exit.void)
        yield* Effect.promise(() => closed.end)
        assert.isTrue(yield* refused(baseUrl))
      }
    })
  )
})
