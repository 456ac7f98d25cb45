/**
 * Remembers deliveries, so that a notification is handled once however often, and on however many machines, it arrives.
 *
 * A delivery is claimed before it is handled, and committed after. One that failed is released, so that the next delivery of the same
 * notification is handled; one whose process died frees itself when its lease is over. That the platform sends the same nonce and
 * signature again when it repeats a notification is an assumption: no page says so. A repetition under a new nonce is a new
 * notification to the guard.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import { type Told, hidden } from "./internal/hidden.ts"

/** What a delivery is known by. */
export interface Delivery {
  /** SHA-256 of merchant number and nonce, 64 hexadecimal digits: the notification. */
  readonly id: string
  /** SHA-256 of the signature, 64 hexadecimal digits: what was signed. */
  readonly signature: string
}

/** A delivery that is ours to handle, until it is committed or released or its lease is over. */
export interface Claimed {
  readonly _tag: "Claimed"
  readonly id: string
  /** Known to nobody else: who holds an older claim can neither commit nor release this one. */
  readonly token: string
}

/** What became of a claim. */
export type Claim =
  | Claimed
  /** It has been handled. */
  | { readonly _tag: "Handled" }
  /** Another delivery of it is being handled. */
  | { readonly _tag: "Busy" }
  /** Its nonce came with another signature before. */
  | { readonly _tag: "Conflict" }

/** The guard's store did not answer, or has no room. */
export class ReplayGuardUnavailable
  extends /*#__PURE__*/ Data.TaggedError("ReplayGuardUnavailable")<{
    readonly detail: string
    /** The failure of the store, where one failed; hidden, since it may hold an address or a password. */
    readonly cause?: Redacted.Redacted<unknown>
  }>
{
  constructor(told: Told) {
    super(hidden(told))
  }

  override get message(): string {
    return `the replay guard is not available: ${this.detail}`
  }
}

/** The service. Each of its steps is atomic, whoever else takes one at the same time. */
export interface Service {
  /** How long a claim holds. Handling is cut off when nine tenths of it are over. */
  readonly lease: Duration.Duration
  /** Claims a delivery, or tells what it is. */
  readonly claim: (delivery: Delivery) => Effect.Effect<Claim, ReplayGuardUnavailable>
  /** Remembers it as handled, and tells so. Does nothing, and tells false, where the claim is not held any more. */
  readonly commit: (claimed: Claimed) => Effect.Effect<boolean, ReplayGuardUnavailable>
  /** Gives it up, as if it had never arrived. Does nothing where the claim is not held any more. */
  readonly release: (claimed: Claimed) => Effect.Effect<void, ReplayGuardUnavailable>
}

/** Remembers deliveries. See {@link Service}. */
export class ReplayGuard extends /*#__PURE__*/ Context.Service<ReplayGuard, Service>()("@paykka/webhook/ReplayGuard") {}

/** Settings that all guards have. */
export interface Options {
  /** How long a claim holds: nine tenths of it are for the handler, the rest for the record of what it did. Default: 1 minute. */
  readonly lease?: Duration.Input | undefined
  /**
   * How long a handled delivery is remembered. Default: 1 day. It must be longer than twice the verifier's `tolerance`: what is
   * older the verifier refuses, and what is forgotten before would be handled again.
   */
  readonly retention?: Duration.Input | undefined
}

/** The settings in milliseconds. Throws where one is not finite and more than zero: a defect. */
export const settings = ({ lease = "1 minute", retention = "1 day" }: Options = {}): {
  readonly leaseMillis: number
  readonly retentionMillis: number
} => {
  const millis = (name: string, input: Duration.Input): number => {
    const value = Duration.toMillis(Duration.fromInputUnsafe(input))
    if (!(value >= 1 && Number.isFinite(value))) throw new Error(`${name} must be finite and at least a millisecond`)
    return Math.ceil(value)
  }
  return { leaseMillis: millis("lease", lease), retentionMillis: millis("retention", retention) }
}

/** A new token. */
export const makeToken = (): string => crypto.randomUUID()

interface Entry {
  readonly signature: string
  readonly token: string | undefined
  readonly until: number
}

/** Settings of the guard in memory. Its `retention` is an hour where nothing else is said. */
export interface MemoryOptions extends Options {
  /** How many deliveries are remembered at most. Where there is no room for another, it is not available. Default: 100 000. */
  readonly capacity?: number | undefined
}

// They stand in the order of their arrival, so those whose time is over are in front, but for claims that nobody finished.
const forget = (entries: Map<string, Entry>, now: number): void => {
  for (const [id, { until }] of entries) {
    if (until > now) return
    entries.delete(id)
  }
}

/** A guard of one process, in its memory. */
export const makeMemory = (options: MemoryOptions = {}): Effect.Effect<Service> =>
  Effect.map(Clock.Clock, (clock) => {
    const { leaseMillis, retentionMillis } = settings({ ...options, retention: options.retention ?? "1 hour" })
    const { capacity = 100_000 } = options
    const entries = new Map<string, Entry>()
    // Not the time of day, which may be set back or forward.
    const now = () => Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n)
    const held = ({ id, token }: Claimed): Entry | undefined => {
      const entry = entries.get(id)
      return entry?.token === token && entry.until > now() ? entry : undefined
    }
    const claim = ({ id, signature }: Delivery): Effect.Effect<Claim, ReplayGuardUnavailable> =>
      Effect.suspend((): Effect.Effect<Claim, ReplayGuardUnavailable> => {
        forget(entries, now())
        const entry = entries.get(id)
        if (entry !== undefined && entry.until > now()) {
          if (entry.signature !== signature) return Effect.succeed({ _tag: "Conflict" })
          return Effect.succeed({ _tag: entry.token === undefined ? "Handled" : "Busy" })
        }
        entries.delete(id)
        if (entries.size >= capacity) {
          return Effect.fail(new ReplayGuardUnavailable({ detail: `${capacity} deliveries are remembered already` }))
        }
        const token = makeToken()
        entries.set(id, { signature, token, until: now() + leaseMillis })
        return Effect.succeed({ _tag: "Claimed", id, token })
      })
    return ReplayGuard.of({
      lease: Duration.millis(leaseMillis),
      claim,
      commit: (claimed) =>
        Effect.sync(() => {
          const entry = held(claimed)
          if (entry === undefined) return false
          entries.set(claimed.id, { ...entry, token: undefined, until: now() + retentionMillis })
          return true
        }),
      release: (claimed) =>
        Effect.sync(() => {
          if (held(claimed) !== undefined) entries.delete(claimed.id)
        })
    })
  })

/** The layer of {@link makeMemory}: for one process. Several need a store that they share. */
export const layerMemory = (options: MemoryOptions = {}): Layer.Layer<ReplayGuard> =>
  Layer.effect(ReplayGuard, makeMemory(options))

/** Guards nothing: a repeated notification is handled again. For handlers that see to it themselves. */
export const layerNone: Layer.Layer<ReplayGuard> = /*#__PURE__*/ Layer.succeed(ReplayGuard, {
  lease: Duration.infinity,
  claim: ({ id }) => Effect.succeed({ _tag: "Claimed", id, token: "" }),
  commit: () => Effect.succeed(true),
  release: () => Effect.void
})
