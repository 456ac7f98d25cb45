/**
 * Faults of a platform on its worst day, as data: whether a request is processed, and what its caller then gets.
 *
 * A fault is a plain value and may be combined as such: `{ ...Faults.cut(20), latency: "1 second" }`. A {@link Source}
 * says which fault a request has. `SandboxTransport.layerWith` and `layerServer` of `@paykka/sandbox/node` inject them.
 */
import * as ErrorCode from "@paykka/schemas/ErrorCode"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { toResponse } from "./internal/delivery.ts"

/**
 * Whether the sandbox processes the request: when it arrives, never, or only so long after its caller got what the fault
 * gives it (after silence: so long after the request arrived).
 */
export type Processed = boolean | { readonly after: Duration.Input }

/** An answer in place of the sandbox's own. */
export interface Answer {
  /** From 200 to 599. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer>
}

/** What may be wrong with any answer. */
interface Manner {
  /** How long after its request it begins. */
  readonly latency?: Duration.Input | undefined
  /** So many bytes of the body are sent; then the connection is closed, although more were announced. */
  readonly cutAfter?: number | undefined
  /** The body comes byte by byte, with this wait before each. */
  readonly interval?: Duration.Input | undefined
}

/** The connection is reset before any byte of an answer. */
export interface Reset {
  readonly _tag: "Reset"
  readonly processed: Processed
  /** How long after the request. */
  readonly latency?: Duration.Input | undefined
}

/** No answer ever comes, and the connection stays open. */
export interface Silence {
  readonly _tag: "Silence"
  readonly processed: Processed
}

/** The sandbox's own answer to a request that it has processed: late, cut or slow. */
export interface Own extends Manner {
  readonly _tag: "Own"
}

/** Another answer in place of the sandbox's own. */
export interface Other extends Manner {
  readonly _tag: "Other"
  readonly processed: Processed
  readonly answer: Answer
}

/** A fault of one request. Its times go by the sandbox's clock. */
export type Fault = Reset | Silence | Own | Other

/** What is known of a request that has arrived. */
export interface Facts {
  readonly method: string
  readonly path: string
  /** The operation of this path, such as `payment.apply`. */
  readonly operation: string | undefined
  /** The `request_id` of a JSON body. */
  readonly requestId: string | undefined
  /** The how many-th request this is of those that the source is asked about, from 1. */
  readonly nth: number
}

/**
 * Says which fault a request has; none: undefined. It is asked when a request has been read to its end, before anything
 * else is done with it. To wait until it has been asked see {@link watched}.
 */
export type Source = (facts: Facts) => Fault | undefined

/** Whether, and when, the faulty request is processed. */
export interface Processing {
  readonly processed: Processed
}

/** The connection is reset before any byte of an answer. */
export const reset = ({ processed }: Processing): Reset => ({ _tag: "Reset", processed })

/** No answer ever comes, and the connection stays open. */
export const silence = ({ processed }: Processing): Silence => ({ _tag: "Silence", processed })

/** The request is processed, and answered this late. */
export const late = (latency: Duration.Input): Own => ({ _tag: "Own", latency })

/** The request is processed, and of the answer's body only the first bytes arrive. */
export const cut = (afterBytes: number): Own => ({ _tag: "Own", cutAfter: afterBytes })

/** The request is processed, and the answer's body comes byte by byte. */
export const slow = (interval: Duration.Input): Own => ({ _tag: "Own", interval })

const isRaw = (body: object | string): body is Answer["body"] => typeof body === "string" || body instanceof Uint8Array

// A worker must make no body while a module is loaded, which is when the faults of `everyKind` are made: so it is checked without.
const check = ({ status, headers, body }: Answer): void => {
  toResponse({ status, headers, body: "" })
  if (body.length > 0 && [204, 205, 304].includes(status)) {
    throw new Error(`body: an answer of status ${status} has none`)
  }
}

/** Another answer. A `body` that is no text and no bytes is sent as JSON. Throws where a status or a header cannot be one. */
export const answer = (
  content: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>> | undefined
    readonly body?: object | string | undefined
  },
  { processed }: Processing
): Other => {
  const { status, headers = {}, body = "" } = content
  const given: Answer = isRaw(body)
    ? { status, headers, body }
    : { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) }
  check(given)
  return { _tag: "Other", processed, answer: given }
}

/** What the answer of a gateway says besides. */
export interface GatewayOptions extends Processing {
  /** The header `Retry-After`: seconds, or its text. */
  readonly retryAfter?: number | string | undefined
}

const retryHeader = ({ retryAfter }: GatewayOptions): Record<string, string> =>
  retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }

/** A page of HTML, as a gateway in front of the platform answers with 408, 429, 502, 503 or 504. */
export const gateway = (status: number, options: GatewayOptions): Other =>
  answer(
    {
      status,
      headers: { "content-type": "text/html", ...retryHeader(options) },
      body: `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>\n`
    },
    options
  )

/** An error of the platform by its `ret_code`, such as `010001`, with the HTTP status that goes with it or another one. */
export const platformError = (
  code: string,
  { status, ...options }: GatewayOptions & { readonly status?: number | undefined }
): Other => {
  const row = ErrorCode.find(code)
  return answer(
    {
      status: status ?? row?.likelyHttpStatus ?? 500,
      headers: retryHeader(options),
      body: { ret_code: code, ret_msg: row?.meaning ?? "unknown error" }
    },
    options
  )
}

/** A complete answer of status 200 whose body ends in the middle of its JSON. */
export const brokenJson = (options: Processing): Other =>
  answer({ status: 200, headers: { "content-type": "application/json" }, body: '{"request_id":"' }, options)

/** One of each kind, for requests that were processed and for those that were not. */
export const everyKind: ReadonlyArray<Fault> = /*#__PURE__*/ (() => [
  ...[true, false, { after: "1 second" } as const].flatMap((processed) => [
    reset({ processed }),
    silence({ processed }),
    gateway(504, { processed })
  ]),
  late("1 second"),
  cut(8),
  slow("1 millis"),
  gateway(408, { processed: false }),
  gateway(429, { processed: false, retryAfter: 1 }),
  gateway(502, { processed: true }),
  gateway(503, { processed: false, retryAfter: 1 }),
  platformError("010001", { processed: false }),
  platformError("999999", { processed: true }),
  brokenJson({ processed: true })
])()

/** Each request's fault, in this order; undefined means none, and so does the end of the list. */
export const script =
  (faults: ReadonlyArray<Fault | undefined>): Source =>
  ({ nth }) =>
    faults[nth - 1]

/** What {@link seeded} may do. */
export interface SeededOptions {
  /** How likely a request has a fault, from 0 to 1. */
  readonly probability: number
  /** What faults there are, each with its weight. Default: {@link everyKind}, all alike. */
  readonly kinds?: ReadonlyArray<readonly [fault: Fault, weight: number]> | undefined
}

const isBetween = (value: number, least: number, most: number): boolean => value >= least && value <= most

/**
 * Faults by chance, and the same again for the same seed: the nth request's fault depends on the seed, the options and
 * `nth` alone. Numbers are drawn from Effect's `Random`. Throws where the seed is no whole number, or an option is
 * out of its range.
 */
export const seeded = (seed: number, options: SeededOptions): Source => {
  const { probability, kinds = everyKind.map((fault) => [fault, 1] as const) } = options
  if (!Number.isSafeInteger(seed)) throw new Error("seed: must be a whole number")
  if (!isBetween(probability, 0, 1)) throw new Error("probability: must be from 0 to 1")
  if (!kinds.every(([, weight]) => isBetween(weight, 0, Number.MAX_VALUE))) throw new Error("kinds: bad weight")
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0)
  if (total <= 0) throw new Error("kinds: at least one must have a weight above 0")
  return ({ nth }) => {
    const draws = Effect.all([Random.next, Random.next])
    const [chance, choice] = Effect.runSync(Random.withSeed(draws, `${seed}/${nth}`))
    if (chance >= probability) return undefined
    let rest = choice * total
    return kinds.find(([, weight]) => (rest -= weight) < 0)?.[0]
  }
}

/**
 * A source that is asked only about some requests: those of these operations (`payment.apply`) or paths
 * (`/api/v2/...`). `nth` counts them alone; the others have no fault.
 */
export const only = (operationsOrPaths: ReadonlyArray<string>, source: Source): Source => {
  const names: ReadonlySet<string | undefined> = new Set(operationsOrPaths)
  let nth = 0
  return (facts) => (names.has(facts.operation) || names.has(facts.path) ? source({ ...facts, nth: ++nth }) : undefined)
}

/** A source, and a way to wait for requests. */
export interface Watched {
  readonly source: Source
  /**
   * Waits until the source has been asked about its nth request, and the times of its fault run: a `TestClock` that is
   * adjusted then moves them.
   */
  readonly arrival: (nth: number) => Effect.Effect<Facts>
}

/** A source whose requests can be waited for, such as one that is to be left without an answer. */
export const watched = (source: Source): Watched => {
  const arrivals = new Map<number, Deferred.Deferred<Facts>>()
  const arrivalOf = (nth: number): Deferred.Deferred<Facts> => {
    const arrival = arrivals.get(nth) ?? Deferred.makeUnsafe()
    arrivals.set(nth, arrival)
    return arrival
  }
  return {
    source: (facts) => {
      // Who waits would else go on at once, in the middle of the question.
      queueMicrotask(() => Deferred.doneUnsafe(arrivalOf(facts.nth), Effect.succeed(facts)))
      return source(facts)
    },
    arrival: (nth) => Effect.suspend(() => Deferred.await(arrivalOf(nth)))
  }
}

const format = (input: Duration.Input): string => Duration.format(Duration.fromInputUnsafe(input))

const describeProcessed = (processed: Processed): string => {
  if (typeof processed === "boolean") return processed ? "; processed" : "; not processed"
  return `; processed ${format(processed.after)} later`
}

const describeManner = ({ latency, cutAfter, interval }: Manner): string =>
  [
    latency === undefined ? "" : ` after ${format(latency)}`,
    interval === undefined ? "" : `, a byte every ${format(interval)}`,
    cutAfter === undefined ? "" : `, cut after ${cutAfter} bytes`
  ].join("")

/** A fault in a few words, as the sandbox's log and the header `x-sandbox-fault` tell it. */
export const describe = (fault: Fault): string => {
  switch (fault._tag) {
    case "Reset":
      return `connection reset${describeManner(fault)}${describeProcessed(fault.processed)}`
    case "Silence":
      return `silence${describeProcessed(fault.processed)}`
    case "Own":
      return `the answer${describeManner(fault)}${describeProcessed(true)}`
    case "Other":
      return `HTTP ${fault.answer.status} instead${describeManner(fault)}${describeProcessed(fault.processed)}`
  }
}
