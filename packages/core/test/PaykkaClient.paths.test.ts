/** What is said of paths that no official page shows. */
import * as Va from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as PaykkaClient from "../src/PaykkaClient.ts"
import { create, make, read, reasonOf, start } from "./support/client.ts"
import { logging } from "./support/logging.ts"
import { known } from "./support/operations.ts"

const input = { note: "" }

describe("a path that no official page shows", () => {
  it.effect("is warned of once in a process, with what it is and the key that corrects it", () =>
    Effect.gen(function* () {
      const operation = known("test.once", "inferred", ["/api/v2/merch/first", "/api/v2/merch/second"])
      const { platform, client } = yield* start()
      const { lines, layer } = logging()
      yield* Effect.gen(function* () {
        yield* client.execute(operation, input)
        yield* client.execute(operation, input)
        const another = yield* make(platform.baseUrl)
        yield* another.executeWithResponse(operation, input)
      }).pipe(Effect.provide(layer))
      assert.strictEqual(platform.received.length, 3)
      assert.strictEqual(lines.length, 1)
      for (const says of [
        "'Warn'",
        "test.once",
        "/api/v2/merch/test.once is inferred",
        "perhaps /api/v2/merch/first or /api/v2/merch/second",
        'overrides["test.once"].path',
        "PAYKKA_OVERRIDES",
        "PAYKKA_UNDOCUMENTED_PATHS"
      ]) {
        assert.include(lines[0], says)
      }
    })
  )

  it.effect("is warned of for each operation, third-party ones too", () =>
    Effect.gen(function* () {
      const { client } = yield* start()
      const { lines, layer } = logging()
      yield* Effect.gen(function* () {
        yield* client.execute(known("test.each.a", "third-party"), input)
        yield* client.execute(known("test.each.b", "inferred"), input)
      }).pipe(Effect.provide(layer))
      assert.strictEqual(lines.length, 2)
      assert.include(lines[0], "/api/v2/merch/test.each.a is third-party. If it is another one, set")
      assert.include(lines[1], "test.each.b")
    })
  )

  it.effect("is still to be warned of after a call that was refused, or that had a path of its own", () =>
    Effect.gen(function* () {
      const operation = known("test.later", "inferred")
      const { platform, client } = yield* start()
      const corrected = yield* make(platform.baseUrl, { overrides: { "test.later": { path: operation.path } } })
      const silent = yield* make(platform.baseUrl, { undocumentedPaths: "allow" })
      const { lines, layer } = logging()
      yield* Effect.gen(function* () {
        yield* Effect.flip(client.execute(operation, input, { merchId: "" }))
        yield* corrected.execute(operation, input)
        yield* silent.execute(operation, input)
        assert.deepStrictEqual(lines, [])
        yield* client.execute(operation, input)
      }).pipe(Effect.provide(layer))
      assert.strictEqual(lines.length, 1)
      assert.strictEqual(platform.received.length, 3)
    })
  )

  it.effect("is refused when told so, before anything is sent and with all other faults", () =>
    Effect.gen(function* () {
      const operation = known("test.refused", "third-party")
      const { platform, client } = yield* start([{}], { undocumentedPaths: "refuse" })
      const { lines, layer } = logging()
      const refused = client.execute(operation, input, { merchId: "" })
      const { faults } = reasonOf(yield* Effect.flip(refused).pipe(Effect.provide(layer)), "InvalidRequest")
      assert.deepStrictEqual(faults, [
        { path: "merchId", rule: "must have 1 to 20 printable ASCII characters" },
        {
          path: 'overrides["test.refused"].path',
          rule: "must be set: the path /api/v2/merch/test.refused is third-party (undocumentedPaths)"
        }
      ])
      assert.strictEqual(platform.received.length, 0)
      assert.deepStrictEqual(lines, [])
      const overrides = { "test.refused": { path: "/api/v3/test" } }
      const corrected = yield* make(platform.baseUrl, { undocumentedPaths: "refuse", overrides })
      yield* corrected.execute(operation, input)
      assert.strictEqual(platform.received[0]?.target, "/api/v3/test")
    })
  )

  it.effect("is not corrected by an override of something else", () =>
    Effect.gen(function* () {
      const overrides = { "va.apply": { merchantHeader: "optional" } } as const
      const { platform, client } = yield* start([{}], { undocumentedPaths: "refuse", overrides })
      reasonOf(yield* Effect.flip(create(client)), "InvalidRequest")
      assert.strictEqual(platform.received.length, 0)
    })
  )
})

describe("a path that is documented, or the caller's own", () => {
  it.effect.each(["warn", "refuse"] as ReadonlyArray<PaykkaClient.UndocumentedPaths>)("is called under %s", (policy) =>
    Effect.gen(function* () {
      const { platform, client } = yield* start([{}], { undocumentedPaths: policy })
      const { lines, layer } = logging()
      yield* Effect.gen(function* () {
        yield* read(client)
        const schema = Schema.Record(Schema.String, Schema.Unknown)
        yield* client.request({ path: "/api/v2/merch/new", body: {}, schema, effect: "read" })
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(
        platform.received.map(({ target }) => target),
        [Va.inquiry.path, "/api/v2/merch/new"]
      )
      assert.deepStrictEqual(lines, [])
    })
  )
})
