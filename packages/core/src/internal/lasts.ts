/** Checks of durations that a program gives. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/** Whether it is a duration, and one whose length in milliseconds is right. */
export const lasts = (input: Duration.Input, isRight: (millis: number) => boolean): boolean =>
  // Not a number is a duration of zero to Effect.
  typeof input === "number"
    ? isRight(input)
    : Option.exists(Duration.fromInput(input), (duration) => isRight(Duration.toMillis(duration)))

/** Whether it is a duration: of zero or longer. */
export const isDuration = (input: Duration.Input): boolean => lasts(input, (millis) => millis >= 0)
