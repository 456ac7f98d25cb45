/**
 * Where keys come from: the merchant's signing key with its id, and PayKKa's verification keys (several may
 * be valid at once while they rotate).
 *
 * The service hands out keys as effects, so that a store may read them from a file, a vault or a key service
 * and may exchange them between two calls.
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as KeyMaterial from "./KeyMaterial.ts"

/** The merchant's own key. */
export interface SigningKey extends KeyMaterial.PrivateKey {
  /** The id that PayKKa issued for the pair; sent as `key_id`. */
  readonly keyId: string
}

/** One of the platform's keys. */
export interface VerificationKey extends KeyMaterial.PublicKey {
  /** Its id where it is known. A key without an id is tried for every message. */
  readonly keyId?: string | undefined
}

/** Key texts and ids, as configuration has them. */
export interface Options {
  /** The merchant's key; left out where nothing is signed, as in a service that only receives notifications. */
  readonly signingKey?: { readonly keyId: string; readonly privateKey: KeyMaterial.KeyInput } | undefined
  /** The platform's keys; left out where nothing is verified. */
  readonly platformKeys?:
    | ReadonlyArray<{ readonly keyId?: string | undefined; readonly publicKey: KeyMaterial.KeyInput }>
    | undefined
}

/** A key is not configured, or its source failed and no earlier key is at hand. */
export class KeyUnavailable
  extends /*#__PURE__*/ Data.TaggedError("KeyUnavailable")<{
    /** Which key was wanted. */
    readonly key: "signing" | "platform"
    /** What is the matter, without key text. */
    readonly detail: string
    /** The failure of the source, where one failed. */
    readonly cause?: unknown
  }>
{
  override get message(): string {
    return `no ${this.key} key: ${this.detail}`
  }
}

/** What is wrong with a set of keys: one of them is unusable, or an id is. */
export class InvalidKeyStore
  extends /*#__PURE__*/ Data.TaggedError("InvalidKeyStore")<{
    /** The option at fault, for example `platformKeys[1].publicKey`. */
    readonly option: string
    /** What is wrong with it, without key text. */
    readonly detail: string
  }>
{
  override get message(): string {
    return `${this.option}: ${this.detail}`
  }
}

/** The service: the keys of this moment. */
export interface Service {
  /** The key to sign with. Fails with {@link KeyUnavailable} when none is configured. */
  readonly signingKey: Effect.Effect<SigningKey, KeyUnavailable>
  /** The platform's keys that are valid now, at least one. Fails with {@link KeyUnavailable} when none is configured. */
  readonly platformKeys: Effect.Effect<ReadonlyArray<VerificationKey>, KeyUnavailable>
  /**
   * The platform's keys, loaded anew where the store holds that to be due: asked for when a message names a key that
   * none of `platformKeys` is. Messages are anybody's until they are verified, so a store limits how often it really loads, and
   * gives the keys at hand else. Left out by stores whose keys do not change.
   */
  readonly reloadPlatformKeys?: Effect.Effect<ReadonlyArray<VerificationKey>, KeyUnavailable> | undefined
}

/** Where keys come from. See {@link Service}. */
export class KeyStore extends /*#__PURE__*/ Context.Service<KeyStore, Service>()("@paykka/signing/KeyStore") {}

// encodeURIComponent, Go's QueryEscape and Java's URLEncoder write these differently; contract/core.yaml asks to keep key_id free of them.
const unsafeInKeyId = /[\s!'()*~\u0000-\u001f\u007f]/

const checkKeyId = (option: string, keyId: string): Effect.Effect<void, InvalidKeyStore> =>
  typeof keyId !== "string" || keyId === "" || unsafeInKeyId.test(keyId)
    ? Effect.fail(new InvalidKeyStore({ option, detail: "must be a non-empty text without blanks and ! ' ( ) * ~" }))
    : Effect.void

const readKey = <A>(option: string, key: Effect.Effect<A, KeyMaterial.InvalidKey>): Effect.Effect<A, InvalidKeyStore> =>
  Effect.mapError(key, (error) => new InvalidKeyStore({ option, detail: error.message }))

/** Reads and checks every key once; the service then hands out the same keys for ever. */
export const make = /*#__PURE__*/ Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Service, InvalidKeyStore> {
  let signing: SigningKey | undefined
  if (options.signingKey !== undefined) {
    const { keyId, privateKey } = options.signingKey
    yield* checkKeyId("signingKey.keyId", keyId)
    signing = { ...(yield* readKey("signingKey.privateKey", KeyMaterial.privateKey(privateKey))), keyId }
  }
  const platform: Array<VerificationKey> = []
  for (const [index, { keyId, publicKey }] of (options.platformKeys ?? []).entries()) {
    const option = `platformKeys[${index}]`
    if (keyId !== undefined) yield* checkKeyId(`${option}.keyId`, keyId)
    const key = yield* readKey(`${option}.publicKey`, KeyMaterial.publicKey(publicKey))
    if (key.fingerprint === signing?.fingerprint) {
      const detail = "this is the public half of your own signing key; PayKKa's public key is wanted here"
      return yield* new InvalidKeyStore({ option: `${option}.publicKey`, detail })
    }
    if (platform.some((other) => keyId !== undefined && other.keyId === keyId)) {
      return yield* new InvalidKeyStore({ option: `${option}.keyId`, detail: "names a key that is listed before it" })
    }
    platform.push({ ...key, keyId })
  }
  return KeyStore.of({
    signingKey:
      signing === undefined
        ? Effect.fail(new KeyUnavailable({ key: "signing", detail: "signingKey is not configured" }))
        : Effect.succeed(signing),
    platformKeys:
      platform.length === 0
        ? Effect.fail(new KeyUnavailable({ key: "platform", detail: "platformKeys is empty or not configured" }))
        : Effect.succeed(platform)
  })
})

/** A store of fixed keys. Building it fails with {@link InvalidKeyStore} when a key cannot be used. */
export const layer = (options: Options): Layer.Layer<KeyStore, InvalidKeyStore> => Layer.effect(KeyStore, make(options))

/** A source of keys that may change: a file, a vault, a key service. */
export interface RefreshingOptions<E, R> {
  /** Loads the keys. Its failure never removes keys that are in use. */
  readonly load: Effect.Effect<Options, E, R>
  /** How long loaded keys are used before they are loaded again. */
  readonly timeToLive: Duration.Input
  /**
   * How long after a load nothing is loaded for the sake of a `key_id` that no key has. Default: 1 minute. Anybody can
   * send such an id, so this is what bounds the load on the source; it is also how long a key that the platform uses before it is in the
   * source may stay unknown.
   */
  readonly unknownKeyInterval?: Duration.Input | undefined
}

// What a foreign source says of its failure may hold a secret; only its kind goes into a message.
const why = (cause: unknown): string => {
  if (cause instanceof InvalidKeyStore) return cause.message
  const { _tag: tag, name } = (cause ?? {}) as { readonly _tag?: unknown; readonly name?: unknown }
  const kind = typeof tag === "string" ? tag : typeof name === "string" ? name : "unknown error"
  return `the key source failed with ${kind}`
}

// How long a load may take; after it the keys in use are kept for another time to live.
const reloadTimeout = "10 seconds"

const toMillis = (duration: Duration.Input): number => Duration.toMillis(Duration.fromInputUnsafe(duration))

// Not the time of day: a clock that is set back would keep keys in use that have been withdrawn.
const millisOf = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n)

/** A load that is under way. */
interface Loading<E> {
  readonly promise: Promise<Exit.Exit<Service, E | InvalidKeyStore>>
  /** Breaks it off: when nobody waits for it any more. */
  readonly end: AbortController
  waiting: number
}

/**
 * A store that loads its keys when they are first needed and again after `timeToLive`, or when a `key_id` is unknown and
 * the last load is longer ago than `unknownKeyInterval`.
 *
 * There is one load at a time, which all share who need it. While keys are loaded for the sake of an unknown `key_id` only
 * those who asked for it wait. When a later load fails, hangs for ten seconds or brings unusable keys, the last good keys
 * stay in use, a warning is logged, and the next attempt comes after another `timeToLive` or `unknownKeyInterval`.
 */
export const makeRefreshing = /*#__PURE__*/ Effect.fnUntraced(function* <E, R>(
  options: RefreshingOptions<E, R>
): Effect.fn.Return<Service, never, R> {
  const context = yield* Effect.context<R>()
  const timeToLive = toMillis(options.timeToLive)
  const unknownKeyInterval = toMillis(options.unknownKeyInterval ?? "1 minute")
  let lastGood: Service | undefined
  let freshUntil = 0
  let quietUntil = 0

  const loadOnce = options.load.pipe(Effect.provideContext(context), Effect.flatMap(make))
  const keep = (service: Service, what: string) =>
    Effect.as(
      Effect.logWarning(`PayKKa keys could not be loaded again (${what}); the last good ones stay in use`),
      service
    )
  const reloadOnce = (service: Service) =>
    loadOnce.pipe(
      Effect.timeoutOrElse({
        duration: reloadTimeout,
        orElse: () => keep(service, `no answer in ${reloadTimeout}`)
      }),
      Effect.catchCause((cause) =>
        Cause.hasInterrupts(cause) ? Effect.failCause(cause) : keep(service, why(Cause.squash(cause)))
      )
    )
  const note = (exit: Exit.Exit<Service, unknown>) =>
    Effect.clockWith((clock) => {
      // Also after an interruption: whoever can break off a load could else start one after the other.
      quietUntil = millisOf(clock) + unknownKeyInterval
      if (exit._tag === "Success") {
        lastGood = exit.value
        freshUntil = millisOf(clock) + timeToLive
      }
      return Effect.void
    })
  const firstLoad = Effect.timeoutOrElse(loadOnce, {
    duration: reloadTimeout,
    orElse: () => Effect.fail(new InvalidKeyStore({ option: "load", detail: `gave no answer in ${reloadTimeout}` }))
  })
  const load = Effect.suspend(() => (lastGood === undefined ? firstLoad : reloadOnce(lastGood)))
  // One load at a time, in a promise of the platform's: workerd cancels a request whose fiber waits for another request's.
  let loading: Loading<E> | undefined
  const begin = (): Loading<E> => {
    const end = new AbortController()
    const promise = Effect.runPromiseExitWith(context)(Effect.onExit(load, note), { signal: end.signal }).finally(
      () => {
        if (loading === begun) loading = undefined
      }
    )
    const begun = { promise, end, waiting: 0 }
    return begun
  }
  const join = (signal: AbortSignal) => {
    const joined = (loading ??= begin())
    joined.waiting++
    signal.addEventListener("abort", () => {
      if (--joined.waiting > 0) return
      if (loading === joined) loading = undefined
      joined.end.abort()
    })
    return joined.promise
  }
  const shared = Effect.flatten(Effect.promise(join))

  const current = Effect.clockWith((clock) =>
    lastGood !== undefined && millisOf(clock) < freshUntil ? Effect.succeed(lastGood) : shared
  )
  const reloaded = Effect.clockWith((clock) => (millisOf(clock) < quietUntil ? current : shared))

  const take = <A>(
    key: "signing" | "platform",
    from: typeof shared,
    select: (service: Service) => Effect.Effect<A, KeyUnavailable>
  ) =>
    from.pipe(
      Effect.mapError(
        (cause) => new KeyUnavailable({ key, detail: why(cause), cause: Redacted.make(cause, { label: "cause" }) })
      ),
      Effect.flatMap(select)
    )
  return KeyStore.of({
    signingKey: take("signing", current, (service) => service.signingKey),
    platformKeys: take("platform", current, (service) => service.platformKeys),
    reloadPlatformKeys: take("platform", reloaded, (service) => service.platformKeys)
  })
})

/** The layer of {@link makeRefreshing}. */
export const layerRefreshing = <E, R>(options: RefreshingOptions<E, R>): Layer.Layer<KeyStore, never, R> =>
  Layer.effect(KeyStore, makeRefreshing(options))
