/** Work that outlives the request that began it, and is finished before the service stops. */
import { Payouts } from "@paykka/payouts/Payouts"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"

/** The service. */
export interface Service {
  /** Begins it, and waits for its end; who does not wait any more does not end it. */
  readonly run: (work: Effect.Effect<unknown, never, Payouts>) => Effect.Effect<unknown>
  /** Begins it. */
  readonly start: (work: Effect.Effect<unknown, never, Payouts>) => Effect.Effect<void>
}

/** Work in the background. See {@link Service}. */
export class Background extends Context.Service<Background, Service>()("@paykka/node-server/Background") {}

/** The end of its scope waits for all work. What that needs is the layer's own need, and so outlives it. */
export const layer: Layer.Layer<Background, never, Payouts> = Layer.effect(
  Background,
  Effect.gen(function* () {
    const payouts = yield* Payouts
    const running = yield* FiberSet.make()
    yield* Effect.addFinalizer(() => FiberSet.awaitEmpty(running))
    const begin = (work: Effect.Effect<unknown, never, Payouts>) =>
      FiberSet.run(running, Effect.provideService(work, Payouts, payouts))
    return {
      run: (work) => Effect.flatMap(begin(work), Fiber.join),
      start: (work) => Effect.asVoid(begin(work))
    }
  })
)
