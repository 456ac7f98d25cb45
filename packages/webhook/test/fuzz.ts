/**
 * Changes genuine notifications at random and looks whether anything but a typed refusal comes of it.
 *
 *     node packages/webhook/test/fuzz.ts --seconds 60 [--seed N]
 *
 * The same seed gives the same messages. A failure names its seed and its run, and holds the message.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto"
import { parseArgs } from "node:util"
import { notifications } from "@paykka/schemas/Catalogue"
import * as Json from "@paykka/schemas/Json"
import * as Notification from "@paykka/schemas/Notification"
import * as Authorization from "@paykka/signing/Authorization"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Result from "effect/Result"
import type { Incoming } from "../src/Incoming.ts"
import * as ReplayGuard from "../src/ReplayGuard.ts"
import * as Webhook from "../src/Webhook.ts"
import { documentedExample, merchId, opened, platform, va } from "./support.ts"

// ---------------------------------------------------------------------------------------------------------
// Chance
// ---------------------------------------------------------------------------------------------------------

/** Random numbers of a seed: mulberry32. */
class Chance {
  #state: number
  constructor(seed: number, run: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(run, 0x85ebca6b)) >>> 0
  }
  /** A whole number below the limit. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
  of<A>(list: ReadonlyArray<A>): A {
    return list[this.below(list.length)]!
  }
}

/** Pieces that mean something to one of the parsers on the way. */
const pieces = [
  ...'{}[]",:\\+%=/ -.#?0\t\n\r\0'.split(""),
  "null",
  "true",
  "1e999",
  "-0",
  "0.10",
  "12345678901234567890",
  "\\u0000",
  "\\ud800",
  '\\"',
  "%7B",
  "%22",
  "%00",
  "%0A",
  "%ff",
  "%",
  "==",
  "\u0085",
  "\u009b",
  "\u2028",
  "\u202e",
  "\ufeff",
  "\ud800",
  "🏦",
  "付",
  '"__proto__":{"a":1},',
  '"constructor":{"prototype":1},',
  '"data":',
  '"data":{},',
  '"data":null,',
  '"type":"MERCH",',
  '"version":7,',
  '"account_no":"1",',
  '"account_no":1,',
  '"amount":1e-7,',
  '"beneficiary_id":[],',
  '"sign_type":"SHA256_WITH_RSA",',
  '"sign_type":"none",',
  '"timestamp":1764000000000,',
  '"timestamp":"1764000000000",',
  '"nonce":"0123456789abcdef",',
  '"key_id":"P1",',
  '"signature":"",',
  "[".repeat(70),
  '{"a":'.repeat(70),
  "[{}],".repeat(30),
  "x".repeat(40),
  "9".repeat(400)
]

/** The text changed at one to four places. `others` are texts to take pieces of. */
const changedText = (chance: Chance, text: string, others: ReadonlyArray<string>): string => {
  let result = text
  for (let left = 1 + chance.below(4); left > 0; left--) {
    const at = chance.below(result.length + 1)
    const length = 1 + chance.below(chance.below(4) === 0 ? 60 : 4)
    const [before, piece, after] = [result.slice(0, at), result.slice(at, at + length), result.slice(at + length)]
    switch (chance.below(9)) {
      case 0:
        result = before + after
        break
      case 1:
        result = before + piece + piece + after
        break
      case 2:
        result = before + chance.of(pieces) + piece + after
        break
      case 3:
        result = before + chance.of(pieces) + after
        break
      case 4:
        result =
          before + String.fromCharCode((piece.charCodeAt(0) || 0) ^ (1 << chance.below(8))) + piece.slice(1) + after
        break
      case 5:
        result = before + piece.toUpperCase() + after
        break
      case 6:
        result = before
        break
      case 7: {
        const other = chance.of(others)
        const from = chance.below(other.length + 1)
        result = before + other.slice(from, from + 1 + chance.below(120)) + after
        break
      }
      default:
        result = before + after + piece
    }
  }
  return result.slice(0, 20_000)
}

/** The bytes changed: as a text, or bit by bit. */
const changedBytes = (chance: Chance, bytes: Uint8Array, others: ReadonlyArray<string>): Uint8Array => {
  if (chance.below(3) > 0) {
    return new Uint8Array(Buffer.from(changedText(chance, Buffer.from(bytes).toString("utf8"), others), "utf8"))
  }
  const copy = new Uint8Array(bytes)
  if (copy.length > 0) copy[chance.below(copy.length)]! ^= 1 << chance.below(8)
  return copy
}

// ---------------------------------------------------------------------------------------------------------
// Genuine notifications
// ---------------------------------------------------------------------------------------------------------

/** The time of all runs: nothing depends on when they take place. */
const now = 1_764_000_000_000

const privateKey = createPrivateKey(platform.private_pkcs8_pem)
const publicKey = createPublicKey(platform.public_spki_pem)

const canonical = (path: string, timestamp: string, nonce: string, merchant: string, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([path, timestamp, nonce, merchant, ""].join("\n"), "utf8"), body])

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

interface Genuine {
  readonly path: string
  readonly json: string
  readonly merchId: string
  readonly body: Uint8Array
  readonly text: Buffer
}

const genuineOf = (path: string, merchant: string, body: Uint8Array, nonce: string): Genuine => {
  const timestamp = String(now)
  const text = canonical(path, timestamp, nonce, merchant, body)
  const signature = sign("RSA-SHA256", text, privateKey).toString("base64")
  const json = JSON.stringify({
    sign_type: "SHA256_WITH_RSA",
    timestamp,
    nonce,
    key_id: platform.key_id,
    signature
  })
  return { path, json, merchId: merchant, body, text }
}

const bodies = [
  JSON.stringify(opened()),
  JSON.stringify(documentedExample),
  JSON.stringify(opened({ amounts: [1, 2.5, { deep: [[[{}]]] }], bank: null }), null, 2),
  '{"type":"MERCH","data":{"amount":1200.50,"id":12345678901234567890,"x":1e-7}}',
  '{"data":{"beneficiary_id":"B1","status":"ENABLED"}}',
  '{"recv_order_no":"R1","status":"PENDING_RELATE"}',
  `\uFEFF${JSON.stringify(opened({ bank_name: "中国🏦\u2028\ud800" }))}\r\n`,
  `{"a":${"[".repeat(63)}${"]".repeat(63)}}`,
  "[]",
  "null",
  ""
]

const paths = ["/hooks/all", "/", va.path, ...notifications.map(({ path }) => path), "/hooks/付%20?"]

// ---------------------------------------------------------------------------------------------------------
// The webhook
// ---------------------------------------------------------------------------------------------------------

/** Settings of a run. */
export interface Options {
  readonly seed: number
  /** Ends after so many runs, or after so many seconds. */
  readonly runs?: number | undefined
  readonly seconds?: number | undefined
  /** Puts another verifier in the place of the real one: to see whether the fuzzer would notice. */
  readonly replaceVerifier?: ((real: Verifier.Service) => Verifier.Service) | undefined
}

/** What came of it. */
export interface Report {
  readonly seed: number
  readonly runs: number
  /** Changed messages by the status that they were answered with. */
  readonly statuses: Readonly<Record<string, number>>
  /** Changed headers that were read all the same, and bodies that were taken for a known kind. */
  readonly headersRead: number
  readonly bodiesKnown: number
  /** The kinds of reasons that stood in the log. */
  readonly reasons: ReadonlyArray<string>
}

/** Something else than a typed refusal. */
export class Finding extends Error {
  override readonly name = "Finding"
}

const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

/** Whether nothing in it inherits from anything else than what all objects and lists inherit from. */
const isPlain = (value: unknown): boolean =>
  typeof value !== "object" ||
  value === null ||
  ([Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value)) &&
    !Object.hasOwn(value, "__proto__") &&
    Object.values(value).every(isPlain))

/** A line of the log without what differs from one message to the next. */
const kindOf = (line: string): string =>
  line
    .replace("PayKKa notification refused: ", "")
    .replace(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replace(/, path .*/, ", path …")
    .replace(/[0-9]+ s /, "… s ")

/** A header in one of the spellings that are read. */
const spelled = (chance: Chance, json: string): string => {
  switch (chance.below(4)) {
    case 0:
      return json
    case 1:
      return new URLSearchParams({ x: json }).toString().slice(2)
    default:
      return encodeURIComponent(json.toWellFormed())
  }
}

const fieldValues: ReadonlyArray<unknown> = [
  undefined,
  null,
  0,
  "",
  "x",
  [],
  {},
  true,
  "1764000000000",
  "A".repeat(344)
]

/** A header with one field more, less or other. */
const withField = (chance: Chance, json: string): string => {
  const fields = Object.entries(JSON.parse(json) as object)
  const index = chance.below(fields.length)
  const [name] = fields[index]!
  const other = [chance.of([name, name, "__proto__", "x", name.toUpperCase()]), chance.of(fieldValues)] as const
  const changed = chance.below(2) === 0 ? fields.with(index, [...other]) : [...fields, [...other]]
  return `{${changed
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
    .join(",")}}`
}

/** Runs until it is told to stop. Rejects with a {@link Finding} for the first thing that should not be. */
export const fuzz = async ({
  seed,
  runs = Infinity,
  seconds = Infinity,
  replaceVerifier
}: Options): Promise<Report> => {
  const setup = new Chance(seed, -1)
  const genuine = bodies.flatMap((body, index) =>
    [0, 1, 2].map((turn) =>
      genuineOf(
        // A nominal path may be signed in the place of any other: see the option paths of the webhook.
        turn === 0 ? "/hooks/all" : setup.of(paths).split("?")[0]!,
        setup.of(["", merchId, "M1"]),
        new Uint8Array(Buffer.from(body, "utf8")),
        `nonce-${seed >>> 0}-${index}-${turn}`.slice(-32)
      )
    )
  )
  const signed = new Set(genuine.map(({ text }) => digest(text)))

  /** What became of the message under way. */
  const seen: { verified?: Verifier.Verified | undefined; handled?: string | undefined } = {}
  const watched = Layer.effect(
    Verifier.Verifier,
    Effect.map(Verifier.make(), (real) => {
      const { verify: verifying } = replaceVerifier?.(real) ?? real
      return Verifier.Verifier.of({
        verify: (received) =>
          Effect.tap(verifying(received), (found) =>
            Effect.sync(() => {
              seen.verified = found
            })
          )
      })
    })
  ).pipe(
    Layer.provide(KeyStore.layer({ platformKeys: [{ keyId: platform.key_id, publicKey: platform.public_spki_pem }] }))
  )
  const lines: Array<string> = []
  const logger = Logger.make<unknown, void>(({ message }) => {
    lines.push([message].flat().map(String).join(" "))
  })
  const clock = Layer.effect(
    Clock.Clock,
    Effect.map(Clock.Clock, (real): Clock.Clock =>
      Object.assign(Object.create(real) as Clock.Clock, {
        currentTimeMillisUnsafe: () => now,
        currentTimeMillis: Effect.succeed(now)
      })
    )
  )
  // One that forgets at once, since it would else be full before a long run is over.
  const guard = ReplayGuard.layerMemory({ retention: "1 second" })
  const runtime = ManagedRuntime.make(Layer.mergeAll(watched, guard, Logger.layer([logger]), clock))

  const take = (event: { readonly kind: string }) =>
    Effect.sync(() => {
      seen.handled = event.kind
    })
  const handlers = Object.fromEntries(notifications.map(({ id }) => [id, take])) as Record<
    (typeof notifications)[number]["id"],
    typeof take
  >
  const webhook = await runtime.runPromise(Webhook.make({ notifications, handlers, onUnknown: take }))

  const forget = (): void => {
    seen.verified = undefined
    seen.handled = undefined
    lines.length = 0
  }

  /** What the header decoder may do. */
  const header = (value: string): boolean => {
    const decoded = Authorization.decode(value)
    if (Result.isFailure(decoded)) {
      check(decoded.failure instanceof Authorization.MalformedAuthorization, "a failure that is not typed")
      check(!unprintable.test(decoded.failure.message), "a reason that quotes what came")
      return false
    }
    for (const field of Object.values(decoded.success)) check(typeof field === "string", "a field that is no string")
    const again = Authorization.decode(Authorization.encode(decoded.success))
    const same = Result.isSuccess(again) && JSON.stringify(again.success) === JSON.stringify(decoded.success)
    // What is a character and a half in a header has no percent-encoding, and is written as it stands.
    check(
      same || !JSON.stringify(decoded.success).includes("\\ud"),
      "a header that is read otherwise when written anew"
    )
    return true
  }

  /** What the decoders of the body may do, as if it had been signed. */
  const body = (value: Uint8Array, path: string): boolean => {
    const text = Buffer.from(value).toString("utf8")
    const json = Json.parse(text)
    if (Result.isSuccess(json)) {
      const envelope = Notification.readEnvelope(json.success)
      check(envelope.type === undefined || typeof envelope.type === "string", "an envelope's type that is no string")
    } else check(json.failure instanceof Json.InvalidJson, "a failure that is not typed")
    const event = Webhook.decode(notifications, {
      authorization: { sign_type: "", timestamp: "", nonce: "", key_id: "", signature: "" },
      path,
      merchId: "",
      body: value,
      key: { fingerprint: "" }
    })
    if (event.kind === "unknown") {
      check(typeof event.detail === "string" && event.detail !== "", "an unknown event without a reason")
      return false
    }
    check(isPlain(event.data), "decoded data that inherits from what came")
    return true
  }

  /** What the whole may do with a changed message. */
  const whole = async (incoming: Incoming): Promise<number> => {
    forget()
    const answer = await runtime.runPromise(webhook.receive(incoming))
    check(answer.body === "{}", "an answer that says something")
    check(Object.keys(answer.headers).join() === "Content-Type", "a header that says something")
    for (const line of lines) check(!unprintable.test(line) && line.length < 1000, "a line that is not fit for a log")
    if (answer.status !== 200) {
      check(answer.status === 401, `status ${answer.status}`)
      check(seen.verified === undefined && seen.handled === undefined, "handled what was refused")
      check(lines.length === 1, "a refusal without its reason in the log")
      return 401
    }
    // It counts as unchanged: only what nobody signs differs, such as blanks or unknown keys in the header.
    const { verified } = seen
    if (verified === undefined) throw new Error("status 200 for what was not verified")
    const { authorization, path, merchId: merchant, body: taken } = verified
    const text = canonical(path, authorization.timestamp, authorization.nonce, merchant, taken)
    check(signed.has(digest(text)), "status 200 for a text that nobody signed")
    check(Buffer.from(taken).equals(Buffer.from(incoming.body)), "another body than the one that came")
    check(merchant === (incoming.merchId ?? ""), "another merchant number than the one that came")
    const signature = Buffer.from(authorization.signature, "base64")
    check(verify("RSA-SHA256", text, publicKey, signature), "status 200 for a signature that node:crypto refuses")
    return 200
  }

  const statuses: Record<string, number> = {}
  const reasons = new Set<string>()
  const properties = Reflect.ownKeys(Object.prototype).length
  let headersRead = 0
  let bodiesKnown = 0
  let run = 0
  const started = performance.now()
  const jsons = genuine.map(({ json }) => json)
  const texts = genuine.map(({ body: { buffer } }) => Buffer.from(buffer).toString("utf8"))
  try {
    for (; run < runs && performance.now() - started < seconds * 1000; run++) {
      const chance = new Chance(seed, run)
      const base = chance.of(genuine)
      let incoming: Incoming = {
        path: base.path,
        authorization: spelled(chance, base.json),
        merchId: base.merchId === "" ? undefined : base.merchId,
        body: base.body
      }
      const part = chance.below(8)
      if (part < 2) incoming = { ...incoming, authorization: spelled(chance, changedText(chance, base.json, jsons)) }
      else if (part === 2) {
        incoming = { ...incoming, authorization: changedText(chance, incoming.authorization!, jsons) }
      } else if (part === 3) incoming = { ...incoming, authorization: spelled(chance, withField(chance, base.json)) }
      else if (part === 4) incoming = { ...incoming, path: changedText(chance, base.path, paths) }
      else if (part === 5) incoming = { ...incoming, merchId: changedText(chance, base.merchId, [base.json, ...paths]) }
      else if (part === 6) incoming = { ...incoming, body: changedBytes(chance, base.body, texts) }
      else incoming = { ...incoming, authorization: spelled(chance, chance.of(genuine).json) }
      const other = changedBytes(chance, base.body, texts)
      try {
        if (header(incoming.authorization!)) headersRead++
        if (body(other, chance.of(paths))) bodiesKnown++
        const status = await whole(incoming)
        statuses[status] = (statuses[status] ?? 0) + 1
        if (lines[0] !== undefined) reasons.add(kindOf(lines[0]))
        check(Reflect.ownKeys(Object.prototype).length === properties, "a polluted prototype")
      } catch (error) {
        const message = { ...incoming, body: Buffer.from(incoming.body).toString("base64") }
        throw new Finding(
          `seed ${seed}, run ${run}: ${error instanceof Error ? error.message : String(error)}\n` +
            `message: ${JSON.stringify(message)}\nbody to decode (Base64): ${Buffer.from(other).toString("base64")}`,
          { cause: error }
        )
      }
    }
  } finally {
    await runtime.dispose()
  }
  return { seed, runs: run, statuses, headersRead, bodiesKnown, reasons: [...reasons].toSorted() }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { seconds: { type: "string" }, seed: { type: "string" } } })
  const seconds = Number(values.seconds ?? "60")
  const seed = Number(values.seed ?? String(Date.now() % 2 ** 31))
  if (!(seconds > 0) || !Number.isSafeInteger(seed)) throw new Error("--seconds and --seed must be numbers")
  console.log(`seed ${seed}, for ${seconds} s`)
  const { reasons, ...counts } = await fuzz({ seed, seconds })
  console.log(JSON.stringify(counts))
  for (const reason of reasons) console.log(`  ${reason}`)
}
