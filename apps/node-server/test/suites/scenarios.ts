/** The scenarios of both apps, against this one on each of its databases, at the same time. */
import * as Scenarios from "@paykka/payouts/scenarios/scenarios"
import * as Effect from "effect/Effect"
import { describe } from "vitest"
import { hasPostgres, postgres, sqlite } from "../databases.ts"
import { type Variables, startService } from "../service.ts"

const play = (engine: string, database: Variables, skip = false) =>
  // One after the other: they tell PayKKa what is to go wrong next.
  describe.skipIf(skip)(engine, { concurrent: false }, () =>
    Scenarios.play(`node-server on ${engine}`, (variables) =>
      Effect.map(startService({ ...variables, ...database }), ({ url }) => url)
    )
  )

const inPostgres = postgres()

/** Declares them. */
export const scenarios = () => {
  play("SQLite", sqlite())
  play("PostgreSQL", inPostgres, !hasPostgres)
}
