/** Settings of the service: the same names in a Node server's environment and in a worker's bindings. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Forex from "@paykka/schemas/Forex"
import type { LifeCycle } from "@paykka/schemas/LifeCycle"
import * as Option from "effect/Option"
import * as Payment from "@paykka/schemas/Payment"
import * as Result from "effect/Result"
import * as ResolvePolicy from "@paykka/core/ResolvePolicy"

/** The settings. */
export interface Settings {
  /** What the statuses of payments mean. PayKKa's are not known but for `PROCESSING`: one that is not listed holds the payout. */
  readonly payment: LifeCycle
  /** What the statuses of conversions mean. None is known. */
  readonly conversion: LifeCycle
  /** The longest time from the record that something is about to be sent until surely no request of it goes out any more, in milliseconds. */
  readonly sendMillis: number
  /** How much later "not found" is believed of a payment that was sent, in milliseconds. */
  readonly settleMillis: number
  /** How long a payout is tried while nothing that moves money was sent, in milliseconds; then it is rejected. */
  readonly patienceMillis: number
  /** The first and the longest pause between two looks at a payout, in milliseconds; it doubles in between. */
  readonly pauseMillis: readonly [first: number, longest: number]
}

/** A variable that cannot be used. */
export class InvalidSetting extends Data.TaggedError("InvalidSetting")<{
  readonly variable: string
  readonly rule: string
}> {
  override get message(): string {
    return `${this.variable} ${this.rule}`
  }
}

/** Variables: `process.env`, or the bindings of a worker. */
export type Variables = Readonly<Record<string, unknown>>

/** The variables, and what they are without. */
export const standard = {
  PAYOUTS_PAID_STATUSES: "",
  PAYOUTS_FAILED_STATUSES: "",
  PAYOUTS_CONVERTED_STATUSES: "",
  PAYOUTS_NOT_CONVERTED_STATUSES: "",
  PAYOUTS_SEND_TIME: "90 seconds",
  PAYOUTS_SETTLE_TIME: ResolvePolicy.standard.settle as "2 minutes",
  PAYOUTS_PATIENCE: "1 hour",
  PAYOUTS_FIRST_PAUSE: "1 second",
  PAYOUTS_LONGEST_PAUSE: "5 minutes"
} as const

type Name = keyof typeof standard

const durationRule = "must be a duration longer than zero, such as 90 seconds"

/** Reads the settings; what is left out or empty is {@link standard}. */
export const read = (variables: Variables): Result.Result<Settings, InvalidSetting> => {
  const text = (name: Name): string => {
    const value = variables[name]
    return typeof value === "string" && value !== "" ? value : standard[name]
  }
  const words = (name: Name): ReadonlyArray<string> =>
    text(name)
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "")
  const millis = (name: Name): number => {
    const input = text(name) as Duration.Input
    const found = Option.match(Duration.fromInput(input), { onNone: () => 0, onSome: Duration.toMillis })
    if (found > 0 && Number.isFinite(found)) return found
    throw new InvalidSetting({ variable: name, rule: durationRule })
  }
  return Result.try({
    try: () => ({
      payment: {
        ...Payment.lifeCycle,
        succeeded: words("PAYOUTS_PAID_STATUSES"),
        failed: words("PAYOUTS_FAILED_STATUSES")
      },
      conversion: {
        ...Forex.lifeCycle,
        succeeded: words("PAYOUTS_CONVERTED_STATUSES"),
        failed: words("PAYOUTS_NOT_CONVERTED_STATUSES")
      },
      sendMillis: millis("PAYOUTS_SEND_TIME"),
      settleMillis: millis("PAYOUTS_SETTLE_TIME"),
      patienceMillis: millis("PAYOUTS_PATIENCE"),
      pauseMillis: [millis("PAYOUTS_FIRST_PAUSE"), millis("PAYOUTS_LONGEST_PAUSE")] as const
    }),
    catch: (error) => error as InvalidSetting
  })
}

/** The settings in force. */
export class Current extends Context.Service<Current, Settings>()("@paykka/payouts/Settings") {}
