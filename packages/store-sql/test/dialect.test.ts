/** Databases that the stores do not know. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as SqlClient from "effect/sql/SqlClient"
import * as Statement from "effect/sql/Statement"
import * as SqlDeadLetters from "../src/SqlDeadLetters.ts"
import * as SqlInboxQueue from "../src/SqlInboxQueue.ts"
import * as SqlReplayGuard from "../src/SqlReplayGuard.ts"

const mysql = Layer.effect(
  SqlClient.SqlClient,
  SqlClient.make({
    acquirer: Effect.die("asked"),
    compiler: Statement.makeCompiler({
      dialect: "mysql",
      placeholder: () => "?",
      onIdentifier: (name) => name,
      onRecordUpdate: () => ["", []],
      onCustom: () => ["", []]
    }),
    driver: "none",
    spanAttributes: []
  })
).pipe(Layer.provide(Reactivity.layer))

describe("another dialect", () => {
  const layers: ReadonlyArray<Layer.Layer<never, unknown, SqlClient.SqlClient>> = [
    SqlReplayGuard.layer(),
    SqlDeadLetters.layer(),
    SqlInboxQueue.layer()
  ]
  it.live.each(layers)("is refused at the start", (layer) =>
    Effect.gen(function* () {
      const defect = yield* Layer.build(Layer.provide(layer, mysql)).pipe(
        Effect.catchDefect(Effect.succeed),
        Effect.scoped
      )
      assert.strictEqual(String(defect), "Error: only PostgreSQL and SQLite are supported")
    })
  )
})
