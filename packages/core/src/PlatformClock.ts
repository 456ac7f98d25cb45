/**
 * What the platform's clock shows. A request is refused when its timestamp is too far from it, and the machine's clock may
 * be wrong: the `Date` of an answer that refuses a signature tells by how much.
 *
 * The engine then signs that request again, once in a call, with the time that the platform showed. Only when that is
 * accepted is the difference kept, for all calls: a wrong `Date` next to a wrong key teaches nothing. Each client has a clock
 * of its own unless one is provided, which several clients then share. The `Telemetry` plugin counts the corrections.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { InvalidConfiguration } from "./Environment.ts"
import { isDuration } from "./internal/lasts.ts"

/** Settings of the clock. */
export interface Options {
  /**
   * Differences up to this are not taken for the reason of a refusal. PayKKa states no limit; a `Date` tells whole seconds.
   * Default: 30 seconds.
   */
  readonly tolerance?: Duration.Input | undefined
}

/** The service. */
export interface Service {
  /** Milliseconds to add to the program's time. */
  readonly offsetMillis: Effect.Effect<number>
  /** Whether a difference, in milliseconds, may be the reason of a refusal. */
  readonly isTelling: (skewMillis: number) => boolean
  /** Keeps an offset that the platform has accepted. */
  readonly learn: (offsetMillis: number) => Effect.Effect<void>
}

/** What the platform's clock shows. See {@link Service}. */
export class PlatformClock
  extends /*#__PURE__*/ Context.Service<PlatformClock, Service>()("@paykka/core/PlatformClock") {}

/** A clock that has learnt nothing yet. */
export const make = ({ tolerance = "30 seconds" }: Options = {}): Service => {
  const limit = Duration.toMillis(Duration.fromInputUnsafe(tolerance))
  let offsetMillis = 0
  return {
    offsetMillis: Effect.sync(() => offsetMillis),
    isTelling: (skewMillis) => Math.abs(skewMillis) > limit,
    learn: (learnt) => Effect.sync(() => void (offsetMillis = learnt))
  }
}

/** The layer of {@link make}: one clock for all clients of a program. Fails where the tolerance is no duration. */
export const layer = (options: Options = {}): Layer.Layer<PlatformClock, InvalidConfiguration> =>
  Layer.effect(
    PlatformClock,
    Effect.suspend(() =>
      isDuration(options.tolerance ?? 0)
        ? Effect.succeed(make(options))
        : Effect.fail(
            new InvalidConfiguration({
              option: "platformClock.tolerance",
              detail: "must be a duration, such as 30 seconds"
            })
          )
    )
  )

/** Never corrects: for programs whose own clock is surely right, and that would rather see the refusal. */
export const layerNone: Layer.Layer<PlatformClock> = /*#__PURE__*/ Layer.succeed(PlatformClock, {
  offsetMillis: /*#__PURE__*/ Effect.succeed(0),
  isTelling: () => false,
  learn: () => Effect.void
})
