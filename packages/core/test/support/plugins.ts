/** Plugins without a client: a request as they see it, what comes of it, and stores that are not there. */
import * as Va from "@paykka/schemas/Va"
import * as Effect from "effect/Effect"
import type { InvalidConfiguration } from "../../src/Environment.ts"
import * as Plugin from "../../src/Plugin.ts"

/** A request of a call. */
export const attemptOf = (facts: Partial<Plugin.Attempt> = {}): Plugin.Attempt => ({
  operation: Va.inquiry,
  origin: "https://paykka.test",
  path: Va.inquiry.path,
  requestId: "R-1",
  merchId: "M1",
  key: null,
  fingerprint: Effect.succeed("a fingerprint"),
  attempt: 1,
  offsetMillis: 0,
  isClockCorrection: false,
  ...facts
})

/** Its answer. */
export const answer: Plugin.Answer = { httpStatus: 200, headers: {} }

/** Runs an effect with the given plugins and no others. */
export const withPlugins =
  (...plugins: ReadonlyArray<Plugin.Plugin>) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(effect, Plugin.Current, plugins)

/** The option that is refused. */
export const refusedOption = <A, R>(made: Effect.Effect<A, InvalidConfiguration, R>): Effect.Effect<string, A, R> =>
  Effect.map(Effect.flip(made), ({ option }) => option)

/** How a store behaves, until it is told otherwise. */
export type Health = "well" | "failing" | "silent"
