/**
 * A local PayKKa over the SDK's own descriptors: checks every signature as the platform would and says in its log
 * what was wrong, keeps state per merchant, takes each object through its life, and posts signed notifications.
 *
 * It stands in for a platform of which much is not known. Whatever it does on inferred knowledge is marked in the
 * response header `x-sandbox-provenance`. Its state is in memory and gone with it.
 */
import * as Amount from "@paykka/schemas/Amount"
import type { Notification } from "@paykka/schemas/Notification"
import type { KeyInput } from "@paykka/signing/KeyMaterial"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Verifier from "@paykka/signing/Verifier"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Decisions from "./Decisions.ts"
import * as Faults from "./Faults.ts"
import * as agenda from "./internal/agenda.ts"
import * as assessment from "./internal/assessment.ts"
import * as balance from "./internal/balance.ts"
import { deliver } from "./internal/deliver.ts"
import * as file from "./internal/file.ts"
import * as forex from "./internal/forex.ts"
import * as gate from "./internal/gate.ts"
import * as keys from "./internal/keys.ts"
import * as ledger from "./internal/ledger.ts"
import * as merchantRegister from "./internal/merchants.ts"
import * as money from "./internal/money.ts"
import * as onboarding from "./internal/onboarding.ts"
import * as order from "./internal/order.ts"
import * as payee from "./internal/payee.ts"
import * as payment from "./internal/payment.ts"
import * as rates from "./internal/rates.ts"
import * as receiving from "./internal/receive.ts"
import type { Arrived } from "./internal/receive.ts"
import { Refusal, toResponse } from "./internal/refusal.ts"
import * as remittance from "./internal/remittance.ts"
import * as taping from "./internal/tape.ts"
import * as tradesettle from "./internal/tradesettle.ts"
import type { PartNames } from "./internal/upload.ts"
import * as va from "./internal/va.ts"
import { type Repetition, type Settings, type World, makeOnce } from "./internal/world.ts"
import * as Statuses from "./Statuses.ts"
import type { Tape } from "./Tape.ts"

/** A merchant that the sandbox knows. */
export interface Merchant {
  /** The merchant number, the value of `X-Merch-Id`. */
  readonly merchId: string
  /**
   * The id of the merchant's key. A merchant with two keys (rotation) is listed twice, and so is a key that serves
   * two merchants.
   */
  readonly keyId: string
  /** The merchant's public key. */
  readonly publicKey: KeyInput
}

/** What the sandbox is made of. */
export interface Options {
  /** Merchants that are onboarded already. Others come by `onboarding.apply` or `assessment.apply`, under the same keys. */
  readonly merchants: ReadonlyArray<Merchant>
  /** The platform's own key, which signs notifications; give its public half to the merchants. */
  readonly platformKey: { readonly keyId: string; readonly privateKey: KeyInput }
  /**
   * The merchants' callback URL, or one for each kind of notification (see {@link documentedPaths}); without one nothing
   * is notified. A notification is posted until it is answered with 200 within 10 seconds, at most seven times, with waits
   * of 0.5 to 16 seconds in between (our own choice). Where the function throws or gives no URL, nothing is sent and the
   * log says so.
   */
  readonly callbackUrl?: string | ((notification: Notification) => string) | undefined
  /** How notifications are sent. Default: the runtime's `fetch`. */
  readonly send?: ((request: Request) => Promise<Response>) | undefined
  /** How long the platform takes for a decision, such as opening an account. Default: 1 second. */
  readonly decidesAfter?: Duration.Input | undefined
  /** How cases are decided. Default: as the merchant wishes. For the next case only, see {@link Service.decide}. */
  readonly decisions?: Partial<Decisions.Decisions> | undefined
  /**
   * What a repeated `request_id` does, since PayKKa's behaviour is not known: it gets the first answer again and changes
   * nothing (the default), it is refused with `010004`, or it makes a second object.
   */
  readonly repeatedRequestId?: Repetition | undefined
  /** PayKKa's words for statuses that no source knows, where you know them; the sandbox's own begin with `SANDBOX_`. */
  readonly statuses?: Partial<Statuses.Statuses> | undefined
  /** The largest file, in bytes. Default: 10 MiB, which third-party notes give. */
  readonly maxFileBytes?: number | undefined
  /** Names of the parts of an upload. Default: `meta` and `file`. */
  readonly uploadParts?: Partial<PartNames> | undefined
  /** How long a quote holds; not without end. Default: 30 seconds (not stated by PayKKa). */
  readonly quoteLifetime?: Duration.Input | undefined
  /** Units of currencies for one euro, in place of or beside the sandbox's own round numbers. */
  readonly rates?: Readonly<Record<string, Amount.Input>> | undefined
  /** The fee of a payout, in its currency and on top of its amount. Default: 0. */
  readonly paymentFee?: Amount.Input | undefined
  /** How many requests a key may make in a time; more are refused with `010001`. Default: as many as it likes. */
  readonly rateLimit?: { readonly requests: number; readonly within: Duration.Input } | undefined
  /** How far a request's timestamp may be from now. Default: 5 minutes either way (not stated by PayKKa). */
  readonly tolerance?: Verifier.Options["tolerance"]
  /**
   * Keeps what the sandbox does, and gives it the state of an earlier one. A tape that cannot be read is a defect, as is one that other
   * options make impossible. Default: the state is gone with the sandbox.
   */
  readonly tape?: Tape | undefined
  /** Is told of each entry of the log as it is made. Must not throw. */
  readonly onLog?: ((entry: LogEntry) => void) | undefined
}

/** One line of the sandbox's log. Never holds a body. */
export type LogEntry =
  | {
      readonly kind: "request"
      readonly at: number
      readonly path: string
      readonly operation: string | undefined
      readonly status: number
      readonly retCode: string | undefined
      readonly requestId: string | undefined
      /** Why it was refused, with the comparison of a signature line by line. */
      readonly explanation: string | undefined
    }
  | {
      readonly kind: "notification"
      readonly at: number
      /** The kind, such as `va.notification`. */
      readonly notification: string
      readonly merchId: string
      readonly deliveries: number
      /** The last failure; undefined when it was acknowledged. */
      readonly failure: string | undefined
    }
  | {
      /** A fault was injected into a request. If it is processed an entry `request` follows, when it is. */
      readonly kind: "fault"
      readonly at: number
      readonly path: string
      readonly operation: string | undefined
      readonly requestId: string | undefined
      /** See `Faults.Facts`. */
      readonly nth: number
      /** In a few words, as by `Faults.describe`. */
      readonly fault: string
    }

/** Money that arrives from outside. */
export interface Remittance {
  readonly merchId: string
  readonly currency: string
  readonly amount: Amount.Input
}

/** A remittance that cannot arrive. */
export class CannotRemit extends /*#__PURE__*/ Data.TaggedError("CannotRemit")<{ readonly detail: string }> {
  override get message(): string {
    return this.detail
  }
}

/** An answer, whole or as a fault has it. */
export interface Answer {
  readonly _tag: "Answer"
  /** With its whole body. */
  readonly response: Response
  /** So many bytes of the body are sent; then the connection is closed, although more were announced. */
  readonly cutAfter?: number | undefined
  /** The body is sent byte by byte, with this wait in milliseconds before each. */
  readonly interval?: number | undefined
}

/** What a transport does to the connection of a request: it resets it, leaves it without an answer, or answers. */
export type Delivery = { readonly _tag: "Reset" } | { readonly _tag: "Silence" } | Answer

/** The service. */
export interface Service {
  /** Answers one request, as the platform would. */
  readonly handle: (request: Request) => Effect.Effect<Response>
  /**
   * Takes one request with the fault that the source gives it: what a transport is made of. The request is read to its
   * end; then the source is asked; then the fault is in the log and its times run; then the request is processed, if
   * it is to be at once. Its processing does not end with this effect: a caller may go away.
   */
  readonly receive: (request: Request, faults: Faults.Source) => Effect.Effect<Delivery>
  /** What has happened so far, oldest first; the last 1,000 entries. */
  readonly log: Effect.Effect<ReadonlyArray<LogEntry>>
  /** All movements of money, oldest first. Over all entries the amounts of a currency add up to nothing. */
  readonly ledger: Effect.Effect<ReadonlyArray<ledger.Entry>>
  /** Suspends or resumes a merchant: its calls are then refused with `010003`. */
  readonly suspend: (merchId: string, suspended: boolean) => Effect.Effect<void>
  /**
   * Lets money arrive on a merchant's open collection account of that currency, and notifies it. Gives the number of the
   * receipt. Fails with {@link CannotRemit} where there is no such account, the amount is not more than zero, or it has
   * more than 30 digits before the point or 10 behind it (our own limit, for payouts and conversions too).
   */
  readonly remit: (remittance: Remittance) => Effect.Effect<{ readonly recv_order_no: string }, CannotRemit>
  /** Tells how the next case of a kind is decided; told again, the one after it, and so on. */
  readonly decide: <Kind extends keyof Decisions.Decisions>(
    kind: Kind,
    as: Decisions.Decisions[Kind],
    reason?: string
  ) => Effect.Effect<void>
  /**
   * Puts the sandbox's clock forward, and not the program's: decisions that are due by then are made, each at its own
   * time, and their notifications go out. Signatures are still judged by the real time. Times that the sandbox tells are
   * by its own clock: when a quote lapses (`expire_at`) is afterwards ahead of the program's clock by as much as was
   * advanced, so a check by that clock, such as that of `forex.convert`, passes a quote that the sandbox refuses as
   * lapsed. In a test with Effect's `TestClock` adjusting that does the same, and moves both clocks together.
   */
  readonly advance: (duration: Duration.Input) => Effect.Effect<void>
}

/** A local PayKKa. See {@link Service}. */
export class Sandbox extends /*#__PURE__*/ Context.Service<Sandbox, Service>()("@paykka/sandbox/Sandbox") {}

/**
 * A callback URL for each kind of notification: the path under which the documentation files it, on the merchant's host.
 * Whether PayKKa calls these paths or any URL that was registered is not known.
 */
export const documentedPaths =
  (baseUrl: string) =>
  ({ path }: Notification): string =>
    new URL(path, baseUrl).href

const maxLog = 1000

const mebibyte = 1024 * 1024

const millis = (input: Duration.Input): number => Duration.toMillis(Duration.fromInputUnsafe(input))

const amountOption = (option: string, input: Amount.Input, mayBeZero = false): Amount.Amount => {
  const fault = money.faultOf(input, mayBeZero)
  if (fault !== undefined) throw new Error(`${option}: ${fault}`)
  return Amount.make(input)
}

/** Reads the options of the domains. Throws where one cannot be used: a defect. */
const settingsOf = (options: Options): Settings => {
  const quoteLifetimeMillis = millis(options.quoteLifetime ?? "30 seconds")
  if (!Number.isFinite(quoteLifetimeMillis)) throw new Error("quoteLifetime: must be finite; its end is told as a time")
  const given = Object.entries(options.rates ?? {})
  return {
    repeatedRequestId: options.repeatedRequestId ?? "same-answer",
    statuses: { ...Statuses.invented, ...options.statuses },
    maxFileBytes: options.maxFileBytes ?? 10 * mebibyte,
    quoteLifetimeMillis,
    rates: {
      ...rates.standard(),
      ...Object.fromEntries(given.map(([name, rate]) => [name, amountOption(`rates.${name}`, rate)]))
    },
    paymentFee: amountOption("paymentFee", options.paymentFee ?? 0, true)
  }
}

/**
 * Builds the sandbox. Fails with `InvalidKeyStore`, which names the option, when a key cannot be used. Other options
 * that cannot be used, such as a `callbackUrl` that is no URL, are defects.
 */
export const make = /*#__PURE__*/ Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Service, KeyStore.InvalidKeyStore, Scope.Scope> {
  const { callbackUrl, send = (request: Request) => fetch(request), decidesAfter = "1 second" } = options
  if (typeof callbackUrl === "string" && !URL.canParse(callbackUrl)) {
    return yield* Effect.die(new Error("callbackUrl: must be a URL such as http://127.0.0.1:8080/hooks/paykka"))
  }
  const scope = yield* Effect.scope
  const clock = agenda.make(yield* Clock.Clock)
  const keyStore = yield* keys.make(options)
  const signer = yield* Effect.provideService(Signer.make, KeyStore.KeyStore, keyStore)
  const verifier = yield* Effect.provideService(
    Verifier.make({ tolerance: options.tolerance, unknownKeyId: "refuse" }),
    KeyStore.KeyStore,
    keyStore
  )

  const log: Array<LogEntry> = []
  const record = (entry: LogEntry) => {
    log.push(entry)
    if (log.length > maxLog) log.shift()
    options.onLog?.(entry)
  }

  // What a step of a domain wants sent; it goes out when the step is over.
  let outbox: Array<Effect.Effect<void>> = []
  const post = Effect.fnUntraced(function* (
    notification: Notification,
    merchId: string,
    data: Readonly<Record<string, unknown>>
  ): Effect.fn.Return<void> {
    const { id } = notification
    // Here, and not in the step that notifies: what the function throws must not break a step in its middle.
    const target = Result.try(() => {
      const url = typeof callbackUrl === "function" ? callbackUrl(notification) : callbackUrl
      return url === undefined ? undefined : new URL(url)
    })
    if (Result.isFailure(target)) {
      const failure = "callbackUrl gave no URL"
      yield* Effect.logWarning(`sandbox notification ${id}: ${failure}`)
      return record({ kind: "notification", at: clock.now(), notification: id, merchId, deliveries: 0, failure })
    }
    if (target.success === undefined) return
    // `ASSESSMENT` is third-party, and that all others are `MERCH` as well.
    const type = id === "assessment.notification" ? "ASSESSMENT" : "MERCH"
    const delivered = yield* Effect.provideService(
      deliver({ url: target.success, send }, merchId, type, data),
      Signer.Signer,
      signer
    )
    record({ kind: "notification", at: clock.now(), notification: id, merchId, ...delivered })
  })

  const judge = Decisions.makeJudge({ ...Decisions.standard, ...options.decisions })
  const books = ledger.make(clock.now)
  let numbers = 0
  const settings = settingsOf(options)
  const recorder = taping.make(options.tape, clock.now)
  const world: World = {
    settings,
    now: clock.now,
    later: (step) =>
      clock.add(millis(decidesAfter), () => {
        recorder.record("step")
        step()
      }),
    notify: (...what) => outbox.push(post(...what)),
    decide: judge.next,
    number: (prefix, digits = 9) => `${prefix}${String(++numbers).padStart(digits, "0")}`,
    ledger: books,
    once: makeOnce(settings.repeatedRequestId)
  }

  const merchants = merchantRegister.make(options.merchants)
  const files = file.make(world)
  const accounts = va.make(world)
  const receipts = remittance.make(world, accounts)
  const orders = order.make(world, files)
  const payees = payee.make(world)
  const routes = [
    ...files.routes,
    ...onboarding.make(world, files, merchants),
    ...assessment.make(world, files, merchants),
    ...accounts.routes,
    ...orders.routes,
    ...tradesettle.make(world, receipts, orders),
    ...balance.make(world),
    ...payees.routes,
    ...forex.make(world),
    ...payment.make(world, payees)
  ].map(recorder.recorded)
  const doors = gate.make({
    merchIds: options.merchants.map(({ merchId }) => merchId),
    uploadParts: { meta: "meta", file: "file", ...options.uploadParts },
    // Room for the largest file, with its `meta` and what multipart needs.
    maxBodyBytes: Math.max(16 * mebibyte, settings.maxFileBytes + mebibyte),
    rateLimit: options.rateLimit && { ...options.rateLimit, within: millis(options.rateLimit.within) },
    keyStore,
    verifier,
    merchants,
    now: clock.now,
    routes
  })

  recorder.play({
    routes,
    step: clock.playFirst,
    remit: (...what) => void receipts.arrive(...what),
    tell: (kind, as, reason) => judge.tell(kind, { as, reason } as never),
    suspend: doors.suspend,
    playAt: clock.playAt,
    resume: clock.resume
  })
  // It was sent the first time.
  outbox = []

  /** Sends what steps have left to be sent, and waits for what they have left to be done. */
  const flush: Effect.Effect<void> = Effect.suspend(() => {
    const sendings = outbox
    outbox = []
    const timers = clock.takeNoted().map(({ millis: after, until }) =>
      Effect.andThen(
        Effect.sleep(after),
        Effect.suspend(() => {
          clock.runDue(until)
          return flush
        })
      )
    )
    return Effect.forEach([...sendings, ...timers], (effect) => Effect.forkIn(effect, scope), { discard: true })
  })

  /** Takes the step that answers a request, and logs it. Gives the answer, and a warning where there is one. */
  const take = (path: string, step: () => gate.Answered) => {
    const { response, ...facts } = step()
    const { status } = response
    record({ kind: "request", at: clock.now(), path, status, ...facts })
    const why = facts.explanation === undefined ? "" : `: ${facts.explanation}`
    const warning =
      status === 200
        ? Effect.void
        : Effect.logWarning(`sandbox refused ${path} with ${facts.retCode ?? `HTTP ${status}`}${why}`)
    return { response, warning }
  }

  const process = Effect.fnUntraced(function* ({ request, path, body }: Arrived): Effect.fn.Return<Response> {
    const step = yield* doors.admit(request, body)
    const { response, warning } = take(path, step)
    yield* flush
    yield* warning
    return response
  })

  const processLater = ({ request, path, body }: Arrived, after: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      let step: (() => gate.Answered) | undefined
      let isDue = false
      const run = () => {
        if (isDue && step !== undefined) outbox.push(take(path, step).warning)
      }
      clock.add(after, () => {
        isDue = true
        run()
      })
      // The signature is checked now, beside the wait: it is good for some minutes only.
      const admitted = Effect.map(doors.admit(request, body), (admittedStep) => {
        step = admittedStep
        run()
      })
      return Effect.andThen(flush, Effect.andThen(admitted, flush))
    })

  const arrive = (request: Request): Effect.Effect<Arrived> =>
    Effect.map(
      Effect.promise(() => request.bytes().catch(() => undefined)),
      (body) => ({ request, path: new URL(request.url).pathname, body })
    )

  const receive = receiving.make({
    scope,
    operationOf: (path) => routes.find(({ operation }) => operation.path === path)?.operation.id,
    note: ({ path, operation, requestId, nth }, fault) =>
      record({ kind: "fault", at: clock.now(), path, operation, requestId, nth, fault: Faults.describe(fault) }),
    process,
    processLater,
    fail: (path, operation, explanation) =>
      Effect.suspend(() => {
        const response = toResponse(new Refusal({ code: "999999" }))
        const { warning } = take(path, () => ({
          response,
          operation,
          requestId: undefined,
          retCode: "999999",
          explanation
        }))
        return Effect.as(warning, response)
      })
  })

  // What the earlier sandbox had left to do.
  yield* flush

  return Sandbox.of({
    handle: (request) => Effect.flatMap(arrive(request), process),
    receive: (request, faults) => Effect.flatMap(arrive(request), (arrived) => receive(arrived, faults)),
    log: Effect.sync(() => [...log]),
    ledger: Effect.sync(books.entries),
    suspend: (merchId, suspended) =>
      Effect.sync(() => {
        recorder.record({ suspend: suspended, merchId })
        doors.suspend(merchId, suspended)
      }),
    remit: ({ merchId, currency, amount: input }) =>
      Effect.gen(function* () {
        const fault = money.faultOf(input)
        if (fault !== undefined) return yield* new CannotRemit({ detail: `amount ${fault}` })
        const amount = Amount.make(input)
        recorder.record({ remit: currency, merchId, amount })
        const receipt = receipts.arrive(merchId, currency, amount)
        if (receipt === undefined) {
          return yield* new CannotRemit({
            detail: `the merchant has no open collection account of currency ${currency}`
          })
        }
        yield* flush
        return { recv_order_no: receipt.recvOrderNo }
      }),
    decide: (kind, as, reason = "the sandbox was told so") =>
      Effect.sync(() => {
        recorder.record({ tell: kind, as, reason })
        judge.tell(kind, { as, reason })
      }),
    advance: (duration) =>
      Effect.suspend(() => {
        clock.advance(millis(duration))
        recorder.record("advance")
        return flush
      })
  })
})

/** The sandbox in memory. To reach it use `SandboxTransport` (no network) or `@paykka/sandbox/node` (a port). */
export const layer = (options: Options): Layer.Layer<Sandbox, KeyStore.InvalidKeyStore> =>
  Layer.effect(Sandbox, make(options))
