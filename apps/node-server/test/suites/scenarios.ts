/** The scenarios of both apps, against this one on each of its databases, at the same time. */
import * as Scenarios from "@paykka/payouts/scenarios/scenarios"
import * as Effect from "effect/Effect"
import { describe } from "vitest"
import { hasPostgres, postgres, sqlite } from "./databases.ts"
import { type Variables, startService } from "./service.ts"

const play = (engine: string, database: Variables, skip = false) =>
  describe.skipIf(skip)(engine, { concurrent: true }, () => {
    describe("one after the other", { concurrent: false }, () =>
      Scenarios.play("node-server", (variables) =>
        Effect.map(startService({ ...variables, ...database }), ({ url }) => url)
      )
    )
  })

play("SQLite", sqlite())
play("PostgreSQL", await postgres(), !hasPostgres)
