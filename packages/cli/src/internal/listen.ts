/** `paykka listen`: receives notifications, and tells whether they are genuine. */
import { access, constants, mkdir, writeFile } from "node:fs/promises"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import * as Catalogue from "@paykka/schemas/Catalogue"
import * as Json from "@paykka/schemas/Json"
import * as Notification from "@paykka/schemas/Notification"
import * as Diagnosis from "@paykka/signing/Diagnosis"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import type * as Incoming from "@paykka/webhook/Incoming"
import { fromIncomingMessage } from "@paykka/webhook/node"
import * as Webhook from "@paykka/webhook/Webhook"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { documentedPaths } from "./documentedPaths.ts"
import { type Failure, usage } from "./Failure.ts"
import { AsJson, isTerminal, note, print, printable } from "./output.ts"
import * as Port from "./port.ts"
import { post } from "./post.ts"
import { pretty } from "./pretty.ts"
import { codeOf } from "./readInput.ts"
import * as Settings from "./settings.ts"

const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description))

const flags = () => ({
  ...Port.flags(8080),
  forwardTo: text(
    "forward-to",
    "ORIGIN",
    "Hand each on to an app there, such as http://127.0.0.1:3000: path, body, Authorization, X-Merch-Id and Content-Type; its answer is the answer"
  ).pipe(Flag.optional),
  save: text("save", "FOLDER", "Keep each message in a file there, for paykka replay and explain").pipe(Flag.optional),
  max: Flag.Int("max").pipe(Flag.withDescription("End after so many messages"), Flag.optional),
  ...Settings.profileFlags()
})

type Given = Command.Command.Config.Infer<ReturnType<typeof flags>>

interface Keys {
  readonly platform: ReadonlyArray<KeyStore.VerificationKey>
  readonly own: ReadonlyArray<KeyStore.VerificationKey>
  readonly merchIds: ReadonlyArray<string>
  readonly verifier: Verifier.Service
}

const keysOf = Effect.fnUntraced(function* (given: Given): Effect.fn.Return<Keys, Failure> {
  const settings = yield* Settings.read(Settings.ofProfile(given))
  const keyStore = yield* settings.keyStore
  const platform = yield* Effect.mapError(keyStore.platformKeys, ({ message }) =>
    usage(message, "set PAYKKA_PLATFORM_PUBLIC_KEY_FILE; paykka sandbox prints it for its own key")
  )
  const own = yield* settings.ownKey
  const verifier = yield* Effect.provideService(Verifier.make(), KeyStore.KeyStore, keyStore)
  const merchId = settings.values.get("PAYKKA_MERCH_ID")?.value
  return {
    platform,
    own: own === undefined ? [] : [own],
    merchIds: merchId === undefined ? [] : [merchId],
    verifier
  }
})

interface Received extends Incoming.Incoming {
  readonly headers: ReadonlyArray<{ readonly name: string; readonly value: string }>
  readonly target: string
}

const headersOf = ({ rawHeaders }: IncomingMessage): Received["headers"] =>
  rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [{ name, value: rawHeaders[index + 1]! }] : []))

const receive = (request: IncomingMessage): Effect.Effect<Received, Incoming.Unreadable> =>
  Effect.map(fromIncomingMessage(request), (incoming) => ({
    ...incoming,
    headers: headersOf(request),
    // One in its absolute form has a host, and nothing goes to any other than the app's.
    target: request.url?.startsWith("/") === true ? request.url : incoming.path
  }))

/** What the body tells; undefined where it is no JSON. */
const readBody = (body: Uint8Array): unknown => Result.getOrUndefined(Json.parse(new TextDecoder().decode(body)))

const kindsOf = ({ path }: Received, body: unknown): ReadonlyArray<string> =>
  Notification.recognise(Catalogue.notifications, path, Notification.readEnvelope(body).data).map(({ id }) => id)

/** Why it is not genuine, line by line. */
const explain = (received: Received, { platform, own, merchIds }: Keys): Effect.Effect<ReadonlyArray<string>> => {
  const { path, headers, body, target } = received
  const query = target.includes("?") ? target.slice(target.indexOf("?") + 1) : undefined
  return Effect.map(
    Diagnosis.diagnose({
      message: { method: "POST", path, query, headers, body },
      keys: platform,
      otherKeys: own,
      otherMerchIds: merchIds,
      otherPaths: documentedPaths(),
      now: Date.now()
    }),
    ({ findings }) => findings.map(({ code, detail }) => `${code}: ${detail}`)
  )
}

/** Makes the folder before anything arrives that would be lost without it. */
const makeFolder = (folder: string): Effect.Effect<void, Failure> =>
  Effect.tryPromise({
    try: async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await access(folder, constants.W_OK)
    },
    catch: (cause) => usage(`--save ${folder} is no folder that can be written to (${codeOf(cause)})`)
  })

/** A file of what arrived, for its owner only. */
const save = (folder: string, received: Received, kind: string, nth: number): Effect.Effect<string, Failure> => {
  const at = new Date().toISOString().replaceAll(":", "-")
  const file = join(folder, `${at}-${kind}-${nth}.http`)
  const lines = [`POST ${received.target} HTTP/1.1`, ...received.headers.map(({ name, value }) => `${name}: ${value}`)]
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`)
  return Effect.tryPromise({
    try: async () => {
      await writeFile(file, Buffer.concat([head, received.body]), { mode: 0o600, flag: "wx" })
      return file
    },
    catch: (cause) => usage(`${file} cannot be written (${codeOf(cause)})`)
  })
}

const handedOn = new Set(["authorization", "x-merch-id", "content-type"])

/** What the app answers. */
const forward = (origin: string, { target, headers, body }: Received): Effect.Effect<Webhook.Answer, string> => {
  const kept = headers.filter(({ name }) => handedOn.has(name.toLowerCase()))
  const posted = post(origin, target, Object.fromEntries(kept.map(({ name, value }) => [name, value])), body)
  return Effect.map(posted, ({ status, contentType, ...answer }) => ({
    status,
    body: answer.body,
    headers: contentType === undefined ? {} : { "Content-Type": contentType }
  }))
}

/** The line, or lines, of a message. */
interface Shown {
  readonly at: string
  readonly kind: ReadonlyArray<string>
  readonly path: string
  readonly merch_id: string | null
  readonly verified: boolean
  readonly duplicate: boolean
  readonly refusal: ReadonlyArray<string>
  readonly status: number
  readonly forwarded?: string
  readonly saved?: string
  readonly not_saved?: string
  readonly body: unknown
}

const describe = (shown: Shown): string => {
  const { at, kind, path, merch_id, verified, duplicate, refusal, status, forwarded, saved, not_saved, body } = shown
  const words = [
    at.slice(11, 23),
    verified ? "verified" : "refused",
    kind.length === 0 ? "unknown kind" : kind.join(" or "),
    printable(path),
    printable(merch_id ?? "no merchant"),
    `answered ${status}`,
    ...(duplicate ? ["delivered again"] : [])
  ]
  return [
    words.join("  "),
    ...refusal.map((line) => `    ${line}`),
    ...(forwarded === undefined ? [] : [`    forwarded: ${forwarded}`]),
    ...(saved === undefined ? [] : [`    saved: ${saved}`]),
    ...(not_saved === undefined ? [] : [`    not saved: ${not_saved}`]),
    ...pretty(body)
      .split("\n")
      .map((line) => `    ${line}`)
  ].join("\n")
}

const originOf = Effect.fnUntraced(function* (forwardTo: string): Effect.fn.Return<string, Failure> {
  const url = URL.parse(forwardTo)
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    return yield* usage("--forward-to must be scheme and host alone, such as http://127.0.0.1:3000: the path is signed")
  }
  return url.origin
})

const takeOne = (given: Given, keys: Keys) => {
  const nonces = new Set<string>()
  let nth = 0
  return Effect.fnUntraced(function* (received: Received, origin: string | undefined, asJson: boolean) {
    nth++
    const verdict = yield* Effect.result(keys.verifier.verify(received))
    const verified = Result.isSuccess(verdict)
    const nonce = verified ? verdict.success.authorization.nonce : undefined
    const duplicate = nonce !== undefined && nonces.has(nonce)
    if (nonce !== undefined) nonces.add(nonce)
    const body = readBody(received.body)
    const kind = kindsOf(received, body)
    const saved = Option.isSome(given.save)
      ? yield* Effect.result(save(given.save.value, received, kind[0] ?? "unknown", nth))
      : undefined
    const app = origin === undefined ? undefined : yield* Effect.result(forward(origin, received))
    const own = Webhook.answer(verified ? 200 : 401)
    // What the app does not take is to come again.
    const answer = app === undefined ? own : Result.getOrElse(app, () => Webhook.answer(503))
    const shown: Shown = {
      at: new Date().toISOString(),
      kind,
      path: received.path,
      merch_id: received.merchId ?? null,
      verified,
      duplicate,
      refusal: verified ? [] : yield* explain(received, keys),
      status: answer.status,
      ...(app === undefined
        ? {}
        : { forwarded: Result.isSuccess(app) ? `HTTP ${app.success.status}` : `no answer (${app.failure})` }),
      ...(saved === undefined
        ? {}
        : Result.isSuccess(saved)
          ? { saved: saved.success }
          : { not_saved: saved.failure.message }),
      body: body ?? null
    }
    yield* print(asJson ? Json.stringify(shown) : describe(shown))
    return answer
  })
}

const write = (
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Webhook.Answer
): Effect.Effect<void> =>
  Effect.callback((resume) => {
    // Who has hung up meanwhile closes no more.
    if (response.destroyed) return resume(Effect.void)
    response.once("close", () => resume(Effect.void))
    // Who still sends what is too much would not read the answer.
    request.resume()
    response.writeHead(status, headers).end(body)
  })

const open = (server: Server, given: Given): Effect.Effect<number, Failure> =>
  Effect.callback((resume) => {
    server.once("error", (cause) => resume(Effect.fail(Port.cannotListen(given, cause))))
    server.listen({ host: given.host, port: given.port }, () =>
      resume(Effect.succeed((server.address() as AddressInfo).port))
    )
  })

const serve = Effect.fnUntraced(function* (given: Given) {
  const origin = Option.isSome(given.forwardTo) ? yield* originOf(given.forwardTo.value) : undefined
  const most = Option.getOrElse(given.max, () => Number.POSITIVE_INFINITY)
  if (most < 1) return yield* usage("--max must be at least 1")
  const keys = yield* keysOf(given)
  if (Option.isSome(given.save)) yield* makeFolder(given.save.value)
  const asJson = (yield* AsJson) || !isTerminal(process.stdout)
  const take = takeOne(given, keys)
  const enough = yield* Deferred.make<void>()
  let [taken, done] = [0, 0]
  const handle = Effect.fnUntraced(function* (request: IncomingMessage, response: ServerResponse) {
    const received = yield* Effect.result(receive(request))
    if (Result.isFailure(received)) {
      const { status, detail } = received.failure
      yield* note(`refused: ${detail}`)
      return yield* write(request, response, Webhook.answer(status))
    }
    // What is more than was wanted is to come again.
    if (taken >= most) return yield* write(request, response, Webhook.answer(503))
    taken++
    yield* write(request, response, yield* take(received.success, origin, asJson))
    if (++done >= most) yield* Deferred.succeed(enough, undefined)
  })
  const run = Effect.runForkWith(yield* Effect.context())
  // Imported it would load all of fetch, which it has names of.
  const { createServer } = process.getBuiltinModule("node:http")
  const server = createServer((request, response) => void run(handle(request, response)))
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      server.close()
      server.closeAllConnections()
    })
  )
  const port = yield* open(server, given)
  yield* note(`listening on ${Port.originOf({ host: given.host, port })}, any path; Ctrl-C ends it`)
  return yield* Deferred.await(enough)
})

export const command = () =>
  Command.make("listen", flags(), (given) => Effect.scoped(serve(given))).pipe(
    Command.withDescription(
      "Receive notifications until Ctrl-C: verify each by PayKKa's public key, show it, and of a refused one why; hand it on to an app and keep it in a file where that is wanted. A genuine one is answered with 200, another with 401, or as the app answers. What is shown and kept may be personal data. In a pipe each is a line of JSON. Unless --host says otherwise it can be reached from this machine only: for PayKKa to reach it a tunnel is yours to bring."
    ),
    Command.withShortDescription("Receive, verify and show notifications"),
    Command.withExamples([
      {
        command:
          "paykka listen --port 8095 --max 1 --save inbox & paykka trigger payment.notification --to http://127.0.0.1:8095/hooks --wait 10s",
        description: "receive one, and keep it"
      }
    ])
  )
