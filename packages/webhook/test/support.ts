/** What the platform does, written from `contract/core.yaml`, `notifications.verification`, over node:crypto alone. */
import { createPrivateKey, randomBytes, sign } from "node:crypto"
import { readFileSync } from "node:fs"
import { type IncomingMessage, type ServerResponse, createServer } from "node:http"
import { type AddressInfo, type Socket, connect } from "node:net"
import * as Notification from "@paykka/schemas/Notification"
import { notification as va } from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Node from "../src/node.ts"
import * as ReplayGuard from "../src/ReplayGuard.ts"
import * as WebHandler from "../src/WebHandler.ts"
import * as Webhook from "../src/Webhook.ts"

interface KeyPair {
  readonly key_id: string
  readonly private_pkcs8_pem: string
  readonly public_spki_pem: string
}

/** A message that OpenSSL and the JDK signed alike. */
interface Vector {
  readonly id: string
  readonly signer: "merchant" | "platform"
  readonly key_id: string
  readonly path: string
  readonly timestamp: string
  readonly nonce: string
  readonly merch_id: string | null
  readonly body: { readonly text?: string; readonly base64?: string } | null
  readonly signature: string
}

const file: {
  readonly keys: { readonly merchant: KeyPair; readonly platform: KeyPair }
  readonly cases: ReadonlyArray<Vector>
} = JSON.parse(readFileSync(new URL("../../signing/test/vectors/signing.json", import.meta.url), "utf8"))

export const { merchant, platform } = file.keys
export const vectors = file.cases

const privateKeys = {
  platform: createPrivateKey(platform.private_pkcs8_pem),
  merchant: createPrivateKey(merchant.private_pkcs8_pem)
}

export { va }

/** A second kind, of which the contract knows the path and the telling field. */
export const payee = Notification.make({
  id: "payee.notification",
  title: "Result of a payee application",
  path: "/api/v2/merch/beneficiary/notify",
  data: Schema.Struct({ beneficiary_id: Schema.optionalKey(Schema.String) }),
  aliases: {},
  recognisedBy: ["beneficiary_id"],
  provenance: { ...va.provenance, path: "inferred", data: "inferred" },
  sources: []
})

/** The example of va.notification's page, whole. */
export const documentedExample = {
  type: "MERCH",
  data: {
    merch_id: "example",
    status: "ENABLED",
    currency: ["EUR"],
    country_code: "example",
    account_type: "LOCAL",
    account_no: "example",
    bic: "example",
    bank: "example",
    bank_name: "example",
    bank_address: "example",
    c_rsc_id: "example"
  }
} as const

export const merchId = "M24061911365700670"

/** Values that must not show in a log, in an answer or on the console. */
export const secrets = { account_no: "GB29NWBK60161331926819", bank_name: "秘密银行", bank_address: "Lombard Street 1" }

/** A notification of an opened account, with values of its own. */
export const opened = (data: Readonly<Record<string, unknown>> = {}) => ({
  type: "MERCH",
  version: "V2",
  data: { request_id: "VA20240501000001", merch_id: merchId, status: "ENABLED", ...secrets, ...data }
})

/** A notification as the platform sends it. */
export interface Message {
  /** The path that is requested. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
}

/** What may differ from an honest notification. */
interface Options {
  /** The path that is requested. */
  readonly path?: string
  /** The path that is signed; the requested one where left out. */
  readonly signedPath?: string
  /** `X-Merch-Id`; null where the header is not sent. */
  readonly merchId?: string | null
  /** The merchant line that is signed; that of the header where left out. */
  readonly signedMerchId?: string
  readonly timestamp?: string
  readonly nonce?: string
  readonly signer?: "platform" | "merchant"
  /** What stands in the header instead of the honest values; undefined leaves a field out. */
  readonly header?: Readonly<Record<string, unknown>>
}

export const bytes = (body: unknown): Uint8Array<ArrayBuffer> =>
  body instanceof Uint8Array
    ? new Uint8Array(body)
    : new Uint8Array(Buffer.from(typeof body === "string" ? body : JSON.stringify(body), "utf8"))

const randomNonce = (): string => randomBytes(8).toString("hex")

/** Signs a notification: path, timestamp, nonce, merchant line and raw body, joined by line feeds. */
export const notify = (body: unknown, options: Options = {}): Message => {
  const { path = va.path, timestamp = String(Date.now()), nonce = randomNonce(), signer = "platform" } = options
  const header = options.merchId === undefined ? merchId : options.merchId
  const raw = bytes(body)
  const lines = [options.signedPath ?? path, timestamp, nonce, options.signedMerchId ?? header ?? "", ""].join("\n")
  const signature = sign("RSA-SHA256", Buffer.concat([Buffer.from(lines, "utf8"), raw]), privateKeys[signer])
  const authorization = {
    sign_type: "SHA256_WITH_RSA",
    timestamp,
    nonce,
    key_id: platform.key_id,
    signature: signature.toString("base64"),
    ...options.header
  }
  return {
    path,
    headers: {
      "Content-Type": "application/json",
      Authorization: encodeURIComponent(JSON.stringify(authorization)),
      ...(header === null ? {} : { "X-Merch-Id": header })
    },
    body: raw
  }
}

/** The same message with other headers; undefined removes one. */
export const withHeaders = (message: Message, headers: Readonly<Record<string, string | undefined>>): Message => ({
  ...message,
  headers: Object.fromEntries(
    Object.entries({ ...message.headers, ...headers }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]]
    )
  )
})

/** What the platform sees of an answer. */
export interface Answer {
  readonly status: number
  /** All headers but the date. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const readAnswer = async (response: Response): Promise<Answer> => ({
  status: response.status,
  headers: Object.fromEntries([...response.headers].filter(([name]) => name !== "date")),
  body: await response.text()
})

/** What was logged, each entry with all that a logger is given. */
export class Log {
  readonly entries: Array<string> = []
  readonly layer = Logger.layer([
    Logger.map(Logger.formatJson, (entry) => {
      this.entries.push(entry)
    })
  ])
  get text(): string {
    return this.entries.join("\n")
  }
}

export const keys: KeyStore.Options = {
  platformKeys: [{ keyId: platform.key_id, publicKey: platform.public_spki_pem }]
}

export const verifier = (
  options: Verifier.Options = {},
  keyStore: KeyStore.Options = keys
): Layer.Layer<Verifier.Verifier | ReplayGuard.ReplayGuard, KeyStore.InvalidKeyStore> =>
  Layer.merge(Verifier.layer(options).pipe(Layer.provide(KeyStore.layer(keyStore))), ReplayGuard.layerMemory())

/** Runs a Node listener on a free port of the loopback interface. */
export const serve = (
  listener: (request: IncomingMessage, response: ServerResponse) => void
): Effect.Effect<number, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer(listener).listen(0, "127.0.0.1", () => resolve(server))
        })
    ),
    (server) =>
      Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            server.close(() => resolve())
            server.closeAllConnections()
          })
      )
  ).pipe(Effect.map((server) => (server.address() as AddressInfo).port))

/** A running webhook, seen from outside. */
interface Running {
  readonly send: (message: Message, method?: string) => Effect.Effect<Answer>
  /** The port, behind the Node adapter. */
  readonly port: number | undefined
  readonly dispose: Effect.Effect<void>
}

/** Starts a webhook behind one of the adapters. */
interface Adapter {
  readonly name: string
  readonly start: <R, E>(
    webhook: Effect.Effect<Webhook.Webhook<R>, never, Verifier.Verifier | ReplayGuard.ReplayGuard>,
    layer: Layer.Layer<Verifier.Verifier | ReplayGuard.ReplayGuard | R, E>,
    options?: WebHandler.Options
  ) => Effect.Effect<Running, never, Scope.Scope>
}

export const init = ({ headers, body }: Message, method = "POST"): RequestInit =>
  method === "GET" || method === "HEAD" ? { method, headers } : { method, headers, body }

export const web: Adapter = {
  name: "web",
  start: (webhook, layer, options) =>
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => WebHandler.make(webhook, layer, options)),
        (handler) => Effect.promise(handler.dispose)
      ),
      (handler) => ({
        port: undefined,
        dispose: Effect.promise(handler.dispose),
        send: (message, method) =>
          Effect.promise(async () =>
            readAnswer(await handler.fetch(new Request(`https://merchant.test${message.path}`, init(message, method))))
          )
      })
    )
}

export const node: Adapter = {
  name: "node",
  start: (webhook, layer, options) =>
    Effect.gen(function* () {
      const handler = yield* Effect.acquireRelease(
        Effect.sync(() => Node.make(webhook, layer, options)),
        ({ dispose }) => Effect.promise(dispose)
      )
      const port = yield* serve(handler.listener)
      return {
        port,
        dispose: Effect.promise(handler.dispose),
        send: (message, method) =>
          Effect.promise(async () =>
            readAnswer(await fetch(`http://127.0.0.1:${port}${message.path}`, init(message, method)))
          )
      }
    })
}

export const adapters: ReadonlyArray<Adapter> = [web, node]

/** A webhook that writes down what reaches it. */
interface Recorded extends Running {
  readonly log: Log
  readonly events: ReadonlyArray<Webhook.Event<typeof va> | Webhook.Event<typeof payee>>
  readonly unknown: ReadonlyArray<Webhook.UnknownEvent>
}

/** Starts a webhook of both kinds that writes down what reaches it. */
export const record = (
  adapter: Adapter,
  options: {
    readonly verify?: Verifier.Options
    readonly keyStore?: KeyStore.Options
    readonly paths?: Readonly<Record<string, ReadonlyArray<string>>>
    readonly maxBodyBytes?: number
    /** Leaves events of unknown kind to the default. */
    readonly withoutOnUnknown?: boolean
  } = {}
): Effect.Effect<Recorded, never, Scope.Scope> =>
  Effect.gen(function* () {
    const log = new Log()
    const events: Array<Webhook.Event<typeof va> | Webhook.Event<typeof payee>> = []
    const unknown: Array<Webhook.UnknownEvent> = []
    const webhook = Webhook.make({
      notifications: [va, payee],
      paths: options.paths,
      handlers: {
        "va.notification": (event) => Effect.sync(() => events.push(event)),
        "payee.notification": (event) => Effect.sync(() => events.push(event))
      },
      ...(options.withoutOnUnknown === true
        ? {}
        : { onUnknown: (event: Webhook.UnknownEvent) => Effect.sync(() => unknown.push(event)) })
    })
    const layer = Layer.merge(verifier(options.verify, options.keyStore), log.layer)
    const running = yield* adapter.start(webhook, layer, { maxBodyBytes: options.maxBodyBytes })
    return { ...running, log, events, unknown }
  })

/** JSON of just so many bytes. */
export const padded = (size: number): string => {
  const json = JSON.stringify({ data: { account_no: "1" } })
  return json + " ".repeat(size - json.length)
}

/** Talks over a socket of its own; what came until the server closed the connection. */
export const raw = (port: number, talk: (socket: Socket) => void): Effect.Effect<string> =>
  Effect.callback((resume) => {
    let received = ""
    const socket = connect(port, "127.0.0.1", () => talk(socket))
    socket.setEncoding("utf8")
    socket.on("data", (chunk) => {
      received += String(chunk)
    })
    // Being cut off is what some of the tests are about; what counts is what came before.
    socket.on("error", () => undefined)
    socket.on("close", () => resume(Effect.succeed(received)))
  })

/** The head of a request as it goes over a socket. */
export const head = (target: string, headers: Readonly<Record<string, string | number>>, method = "POST"): string =>
  [
    `${method} ${target} HTTP/1.1`,
    "Host: 127.0.0.1",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "",
    ""
  ].join("\r\n")

/** A whole request as it goes over a socket. */
export const whole = (message: Message, headers: Readonly<Record<string, string | number>> = {}): Buffer =>
  Buffer.concat([
    Buffer.from(head(message.path, { ...message.headers, "Content-Length": message.body.length, ...headers })),
    message.body
  ])

/** The status of an answer that came over a socket. */
export const statusOf = (received: string): number => Number(/^HTTP\/1\.1 ([0-9]{3}) /.exec(received)?.[1])

/** What is written with console.error while the effect's scope is open; it is kept from the terminal. */
export const consoleErrors: Effect.Effect<ReadonlyArray<string>, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const lines: Array<string> = []
      const original = console.error
      console.error = (...parts: ReadonlyArray<unknown>) => {
        lines.push(parts.map(String).join(" "))
      }
      return { lines, original }
    }),
    ({ original }) =>
      Effect.sync(() => {
        console.error = original
      })
  ),
  ({ lines }) => lines
)
