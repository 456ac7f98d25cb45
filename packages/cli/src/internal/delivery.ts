/** Posts a message as often as is wanted, and tells what the receiver answers. */
import * as Json from "@paykka/schemas/Json"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { failed, type Failure, usage } from "./Failure.ts"
import { AsJson, note, print, printable } from "./output.ts"
import { type Answer, post } from "./post.ts"
import { readTime } from "./time.ts"

const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description))

export const flags = () => ({
  to: text("to", "URL", "Where it is sent; without a path to the message's own"),
  times: Flag.Int("times").pipe(
    Flag.withDescription("How often the very same message is sent, as when it is delivered again"),
    Flag.withDefault(1)
  ),
  delay: text(
    "delay",
    "TIME",
    "How long it is on its way: a time between signing and sending, such as 500ms, 2s or 1m"
  ).pipe(Flag.withDefault("0s")),
  every: text("every", "TIME", "How long to wait between one and the next").pipe(Flag.withDefault("0s")),
  wait: text("wait", "TIME", "How long to wait for the receiver, where nothing listens yet").pipe(
    Flag.withDefault("0s")
  )
})

export interface Given {
  readonly to: string
  readonly times: number
  readonly delay: string
  readonly every: string
  readonly wait: string
}

export interface Outgoing {
  readonly path: string
  /** Sent and not signed. */
  readonly query?: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** The URL of `--to`; its path is the receiver's, where it has one. */
export const target = (
  to: string
): Effect.Effect<{ readonly origin: string; readonly path: string | undefined }, Failure> => {
  const url = URL.parse(to)
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== url.origin + url.pathname) {
    return Effect.fail(
      usage("--to must be a URL without query and credentials, such as http://127.0.0.1:8080/hooks/paykka")
    )
  }
  return Effect.succeed({ origin: url.origin, path: url.pathname === "/" ? undefined : url.pathname })
}

const longestShown = 2000

/** Tries again for so long, where nothing listens. */
const postOnce = (
  origin: string,
  receiver: string,
  outgoing: Outgoing,
  waitMillis: number
): Effect.Effect<Answer, Failure> =>
  Effect.gen(function* () {
    const until = Date.now() + waitMillis
    while (true) {
      const answer = yield* Effect.result(post(origin, receiver, outgoing.headers, outgoing.body))
      if (answer._tag === "Success") return answer.success
      if (answer.failure !== "ECONNREFUSED" || Date.now() >= until) {
        const hint = answer.failure === "ECONNREFUSED" ? "--wait 10s waits for a receiver that starts" : undefined
        return yield* failed(`${origin}${receiver} gives no answer (${answer.failure})`, hint)
      }
      yield* Effect.sleep("100 millis")
    }
  })

/** HTTP cannot carry every text. */
const checkHeaders = ({ headers }: Outgoing): Effect.Effect<void, Failure> =>
  Effect.forEach(
    Object.entries(headers),
    ([name, value]) =>
      Effect.try({
        try: () => process.getBuiltinModule("node:http").validateHeaderValue(name, value),
        catch: () => usage(`the header ${name} has a character that HTTP cannot carry`)
      }),
    { discard: true }
  )

/** Sends it, prints the answers, and fails where they are not what is wanted of a message that is right, or wrong. */
export const deliver = Effect.fnUntraced(function* (
  outgoing: Outgoing,
  given: Given,
  wrong: string | undefined,
  hint: string | undefined
) {
  const { origin } = yield* target(given.to)
  if (given.times < 1) return yield* usage("--times must be at least 1")
  const [delay, every, wait] = [
    yield* readTime("--delay", given.delay),
    yield* readTime("--every", given.every),
    yield* readTime("--wait", given.wait)
  ]
  yield* checkHeaders(outgoing)
  const { path, query } = outgoing
  const receiver = query === undefined ? path : `${path}?${query}`
  const asJson = yield* AsJson
  const answers: Array<Pick<Answer, "status" | "body">> = []
  for (let nth = 1; nth <= given.times; nth++) {
    const pause = nth === 1 ? delay : every
    if (pause >= 1000) yield* note(`waiting for ${pause / 1000} s (${nth} of ${given.times})`)
    yield* Effect.sleep(pause)
    const { status, body } = yield* postOnce(origin, receiver, outgoing, nth === 1 ? wait : 0).pipe(
      // What was answered so far is no less true.
      Effect.tapError(() => (asJson && answers.length > 0 ? print(Json.stringify(answers)) : Effect.void))
    )
    const answer = { status, body: body.slice(0, longestShown) }
    answers.push(answer)
    if (!asJson) yield* print(`HTTP ${status}${body === "" ? "" : `  ${printable(answer.body)}`}`)
  }
  if (asJson) yield* print(Json.stringify(answers))
  const accepted = answers.filter(({ status }) => status >= 200 && status < 300).length
  const details = { answers: answers.map(({ status }) => status) }
  if (wrong !== undefined && accepted > 0) {
    return yield* failed(`the receiver accepted a message with a wrong ${wrong}`, "it must answer with 401", details)
  }
  if (wrong === undefined && accepted < answers.length) {
    return yield* failed(`${answers.length - accepted} of ${answers.length} not acknowledged`, hint, details)
  }
})
