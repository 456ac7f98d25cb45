/** workerd is killed while deliveries are claimed; what the objects store outlives it. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { makeDelivery } from "@paykka/tooling-conformance/replayGuard"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as Effect from "effect/Effect"
import { account, guardOf, start, until } from "./support.ts"

const running = (folder: string) =>
  Effect.acquireRelease(
    Effect.promise(() => start(folder)),
    ({ stop }) => Effect.promise(stop)
  )

describe("the objects' storage", () => {
  it.live("knows after a crash what was handled and what was claimed, and frees that when its lease is over", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "paykka-objects-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
      )
      const signed = yield* account("once", "/direct")
      const [handled, held, short] = [makeDelivery(), makeDelivery(), makeDelivery()]

      yield* Effect.gen(function* () {
        const worker = yield* running(folder)
        assert.strictEqual(yield* worker.notify(signed), 200)
        assert.deepStrictEqual((yield* worker.seen).handled, ["once"])
        yield* Effect.gen(function* () {
          const { claim, commit } = yield* ReplayGuard.ReplayGuard
          const claimed = yield* claim(handled)
          if (claimed._tag !== "Claimed") return assert.fail(claimed._tag)
          yield* commit(claimed)
          assert.strictEqual((yield* claim(held))._tag, "Claimed")
        }).pipe(Effect.provide(guardOf(worker)()))
        yield* Effect.gen(function* () {
          const { claim } = yield* ReplayGuard.ReplayGuard
          assert.strictEqual((yield* claim(short))._tag, "Claimed")
        }).pipe(Effect.provide(guardOf(worker)({ lease: "200 millis" })))
      }).pipe(Effect.scoped)

      const worker = yield* running(folder)
      yield* Effect.gen(function* () {
        const { claim } = yield* ReplayGuard.ReplayGuard
        assert.strictEqual((yield* claim(handled))._tag, "Handled")
        assert.strictEqual((yield* claim(held))._tag, "Busy")
        const answers = new Set<string>()
        const ask = Effect.tap(claim(short), ({ _tag }) => Effect.sync(() => answers.add(_tag)))
        yield* until(ask, ({ _tag }) => _tag === "Claimed")
        assert.isFalse(answers.has("Handled"))
      }).pipe(Effect.provide(guardOf(worker)()))
      assert.strictEqual(yield* worker.notify(signed), 200)
      assert.deepStrictEqual((yield* worker.seen).tried, {})
    }).pipe(Effect.scoped)
  )
})
