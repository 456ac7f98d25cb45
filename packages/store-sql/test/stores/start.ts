/** What happens where several processes start at once. */
import { assert, describe, it } from "@effect/vitest"
import { makeDelivery } from "@paykka/tooling-conformance/replayGuard"
import { ReplayGuard } from "@paykka/webhook/ReplayGuard"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlReplayGuard from "../../src/SqlReplayGuard.ts"
import { type Database, clientOf } from "../programs/database.ts"
import { fresh, linesOf, silent, startProgram } from "../support.ts"

export const startSuite = (name: string, database: Database, skip: boolean): void => {
  describe.skipIf(skip)(`the start on ${name}`, () => {
    it.live("four processes make the tables at once", () =>
      Effect.gen(function* () {
        const programs = yield* Effect.all(
          Array.from({ length: 4 }, () => startProgram(new URL("../programs/start.ts", import.meta.url), database)),
          { concurrency: 4 }
        )
        const lines = programs.map(linesOf)
        yield* Effect.all(lines, { concurrency: 4 })
        for (const { stdin } of programs) stdin.write("start\n")
        assert.deepStrictEqual(yield* Effect.all(lines, { concurrency: 4 }), Array(4).fill("started"))
      }).pipe(Effect.scoped)
    )

    it.live("many connections make a table at once", () =>
      Effect.gen(function* () {
        for (let nth = 0; nth < 3; nth++) {
          const table = fresh()
          const guards = yield* Effect.all(
            Array.from({ length: 8 }, () =>
              Layer.build(Layer.provide(SqlReplayGuard.layer({ table }), Layer.merge(clientOf(database), silent)))
            )
          )
          const claims = guards.map((context) => Context.get(context, ReplayGuard).claim(makeDelivery()))
          yield* Effect.all(claims, { concurrency: "unbounded" })
        }
      }).pipe(Effect.scoped)
    )
  })
}
