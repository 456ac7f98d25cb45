/** `paykka sign`: signs a message by one's own key, and sends nothing. */
import * as Json from "@paykka/schemas/Json"
import * as Authorization from "@paykka/signing/Authorization"
import * as CanonicalString from "@paykka/signing/CanonicalString"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Nonce from "@paykka/signing/Nonce"
import * as Signer from "@paykka/signing/Signer"
import * as Environment from "@paykka/core/Environment"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type Failure, usage } from "./Failure.ts"
import * as MessageInput from "./messageInput.ts"
import { AsJson, note, print, printBytes } from "./output.ts"
import { operationAt } from "./documentedPaths.ts"
import * as Settings from "./settings.ts"
import * as WireRequest from "./wireRequest.ts"

const flags = () => ({
  ...MessageInput.flags(),
  as: Flag.Literals("as", ["curl", "http", "header"]).pipe(
    Flag.withDescription(
      "Print the signed message as a curl command or an HTTP dump, or the Authorization header alone"
    ),
    Flag.optional
  ),
  timestamp: Flag.String("timestamp").pipe(
    Flag.withMetavar("MILLIS"),
    Flag.withDescription("Milliseconds since the Unix epoch; default: now"),
    Flag.optional
  ),
  nonce: Flag.String("nonce").pipe(
    Flag.withMetavar("TEXT"),
    Flag.withDescription("Random text, 6 to 32 characters; default: a fresh one"),
    Flag.optional
  ),
  ...Settings.flags()
})

interface Given extends MessageInput.Given, Settings.Flags {
  readonly as: Option.Option<"curl" | "http" | "header">
  readonly timestamp: Option.Option<string>
  readonly nonce: Option.Option<string>
}

/** The merchant number to sign and to send: the flag's, the message's, that of the settings. */
const merchIdOf = (message: MessageInput.Message, path: string, given: Given, settings: Settings.Settings): string => {
  const configured = settings.values.get("PAYKKA_MERCH_ID")?.value
  if (Option.isSome(given.merchId)) return given.merchId.value
  const sent = MessageInput.valueOf(message, "x-merch-id")
  return sent ?? (operationAt(path)?.merchantHeader === "forbidden" ? "" : (configured ?? ""))
}

/** Where the message goes: as it says, else as the settings do. */
const originOf = Effect.fnUntraced(function* (message: MessageInput.Message, settings: Settings.Settings) {
  if (message.origin !== undefined) return message.origin
  if (!settings.values.has("PAYKKA_ENVIRONMENT")) return undefined
  const { environment } = yield* settings.client
  return Result.getOrUndefined(Environment.origin(environment))
})

const sign = Effect.fnUntraced(function* (given: Given) {
  const settings = yield* Settings.read(given)
  const message = yield* MessageInput.read(given)
  const path = Option.getOrElse(given.path, () => message.path)
  const merchId = merchIdOf(message, path, given, settings)
  const body = MessageInput.signedBody(message)
  if (message.parts !== undefined && body === undefined) {
    return yield* usage("the multipart body has no text of a part meta, which is what is signed")
  }
  const timestamp = Option.isSome(given.timestamp) ? given.timestamp.value : String(yield* Clock.currentTimeMillis)
  const nonce = Option.isSome(given.nonce) ? given.nonce.value : yield* Nonce.make
  const canonical = yield* Effect.fromResult(
    Result.mapError(CanonicalString.encode({ path, timestamp, nonce, merchId, body }), ({ message: rule }) =>
      usage(rule, "see paykka sign --help")
    )
  )
  const signer = yield* Effect.provideService(Signer.make, KeyStore.KeyStore, yield* settings.keyStore)
  const signed = yield* Effect.mapError(signer.sign(canonical), (error) => usage(error.message, "see paykka doctor"))
  const authorization = Authorization.encode({ sign_type: Authorization.signType, timestamp, nonce, ...signed })
  const request: WireRequest.WireRequest = {
    url: `${(yield* originOf(message, settings)) ?? ""}${path}`,
    headers: headersOf(message, authorization, merchId),
    body: message.body ?? new Uint8Array(),
    canonical
  }
  return { request, notes: notesOf(message) }
})

/** Headers that are made anew, or belong to the connection and not to the message. */
const replaced = new Set(["authorization", "x-merch-id", "content-length", "host", "connection", "transfer-encoding"])

/** The names as the other requests of this package have them. */
const written: Readonly<Record<string, string>> = { "content-type": "Content-Type", accept: "Accept" }

const headersOf = (message: MessageInput.Message, authorization: string, merchId: string) => {
  const kept = message.headers.filter(({ name }) => !replaced.has(name.toLowerCase()) && !name.startsWith(":"))
  const hasType = kept.some(({ name }) => name.toLowerCase() === "content-type")
  return Object.fromEntries([
    ...kept.map(({ name, value }) => [written[name.toLowerCase()] ?? name, value] as const),
    ...(hasType ? [] : [["Content-Type", "application/json"] as const]),
    ["Authorization", authorization],
    ...(merchId === "" ? [] : [["X-Merch-Id", merchId] as const])
  ])
}

const notesOf = ({ notes, query, incomplete, method }: MessageInput.Message): ReadonlyArray<string> => [
  ...notes,
  ...(incomplete === undefined ? [] : [incomplete]),
  ...(query === undefined ? [] : ["the query was left out: the API has none, and it is not signed"]),
  ...(method === "POST" || method === undefined ? [] : [`the API is called by POST, not by ${method}`])
]

/** Prints it in the form that was asked for. */
const show = Effect.fnUntraced(function* (
  request: WireRequest.WireRequest,
  as: Given["as"]
): Effect.fn.Return<void, Failure> {
  const form = Option.getOrUndefined(as)
  if (form === "header") return yield* print(`Authorization: ${request.headers["Authorization"]}`)
  if (form === undefined) return yield* print(WireRequest.toText(request))
  if (WireRequest.isMultipart(request)) {
    return yield* usage(
      "the parts of a multipart body may be cut in many ways",
      "--as header has what is to be sent beside them"
    )
  }
  if (request.url.startsWith("/")) {
    return yield* usage("it is not known where the message goes", "give --base-url, or a message that has its host")
  }
  if (form === "http") return yield* printBytes(WireRequest.toHttp(request))
  const curl = WireRequest.toCurl(request, undefined)
  if (curl === undefined) return yield* usage("this body cannot stand in a command", "--as http has its bytes")
  return yield* print(curl)
})

export const command = () =>
  Command.make(
    "sign",
    flags(),
    Effect.fnUntraced(function* (given) {
      const { request, notes } = yield* sign(given)
      for (const each of notes) yield* note(`note: ${each}`)
      if ((yield* AsJson) && Option.isNone(given.as)) {
        return yield* print(Json.stringify({ ...WireRequest.toJson(request), notes }))
      }
      return yield* show(request, given.as)
    })
  ).pipe(
    Command.withDescription(
      "Sign a message by your key, anew where it has a signature already, and show what was signed: the text line by line, with its line ends, lengths and digest, and the header. The body is signed as it is, byte by byte; it is not checked, and nothing is sent. paykka call --dry-run is for a request that is checked."
    ),
    Command.withShortDescription("Sign a message"),
    Command.withExamples([
      {
        command: `paykka sign --path /api/v2/merch/va/inquiry --data '{"request_id":"R-1"}'`,
        description: "a message by its pieces"
      },
      {
        command: "paykka call va.inquiry --field request_id=R-1 --as curl | paykka sign - --as curl",
        description: "a pasted command, signed anew"
      },
      {
        command: `paykka sign --path /api/v2/merch/va/inquiry --data '{"request_id":"R-1"}' --as header`,
        description: "the header alone"
      }
    ])
  )
