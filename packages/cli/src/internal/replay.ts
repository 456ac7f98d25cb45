/** `paykka replay`: sends a message again that was saved. */
import * as Testing from "@paykka/webhook/testing"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Delivery from "./delivery.ts"
import { usage } from "./Failure.ts"
import { note } from "./output.ts"
import * as MessageInput from "./messageInput.ts"
import * as PlatformSigner from "./platformSigner.ts"

const flags = () => ({
  file: Argument.String("file").pipe(
    Argument.withDescription("What paykka listen saved, or a curl command, an HTTP dump, a HAR file; - is stdin")
  ),
  entry: Flag.Int("entry").pipe(
    Flag.withMetavar("N"),
    Flag.withDescription("The entry of a HAR file, from 0; default: the first one with an Authorization header"),
    Flag.optional
  ),
  resign: Flag.Boolean("resign").pipe(
    Flag.withDescription("Sign it anew by the key of the sandbox, with a fresh timestamp and nonce"),
    Flag.withDefault(false),
    Flag.withoutNegation
  ),
  ...Delivery.flags(),
  ...PlatformSigner.flags()
})

type Given = Command.Command.Config.Infer<ReturnType<typeof flags>>

/** Headers that the receiver needs. */
const kept = ["authorization", "x-merch-id", "content-type"]

const outgoing = Effect.fnUntraced(function* (given: Given) {
  const message = yield* MessageInput.read({
    message: Option.some(given.file),
    entry: given.entry,
    path: Option.none(),
    header: [],
    data: Option.none()
  })
  const { path: receiver } = yield* Delivery.target(given.to)
  const path = receiver ?? message.path
  const query = receiver === undefined ? message.query : undefined
  const { body, notes, incomplete, method = "POST" } = message
  for (const each of [...notes, ...(incomplete === undefined ? [] : [incomplete])]) yield* note(`note: ${each}`)
  if (method !== "POST") yield* note(`note: it is sent by POST, and was a ${method}`)
  if (body === undefined) return yield* usage(`${given.file} has no body that could be sent again`)
  if (!given.resign) {
    const headers = message.headers.filter(({ name }) => kept.includes(name.toLowerCase()))
    return { path, query, headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])), body }
  }
  const platform = yield* PlatformSigner.read(given)
  const merchId = MessageInput.valueOf(message, "x-merch-id") ?? platform.merchId
  const signed = yield* Effect.mapError(Testing.signBody(body, { key: platform.key, path, merchId }), (error) =>
    usage(error.message, "see paykka replay --help")
  )
  return { path, query, headers: signed.headers, body }
})

export const command = () =>
  Command.make(
    "replay",
    flags(),
    Effect.fnUntraced(function* (given) {
      const hint = given.resign
        ? "paykka listen shows why"
        : "its timestamp may be too old by now, or its nonce known: --resign"
      yield* Delivery.deliver(yield* outgoing(given), given, undefined, hint)
    })
  ).pipe(
    Command.withDescription(
      "Send a saved message again, byte by byte, and print what is answered; with --resign under a fresh signature. It is sent to --to, and nowhere else."
    ),
    Command.withShortDescription("Send a saved message again"),
    Command.withExamples([
      {
        command:
          "paykka listen --port 8094 --max 1 & paykka call va.inquiry --field request_id=R-1 --as curl | paykka replay - --resign --to http://127.0.0.1:8094/hooks --wait 10s",
        description: "a request of yours, as if PayKKa had sent it"
      }
    ])
  )
