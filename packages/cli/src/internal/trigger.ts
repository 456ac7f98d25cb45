/** `paykka trigger`: sends a notification, signed as the platform signs. */
import { generateKeyPair } from "node:crypto"
import { promisify } from "node:util"
import * as Catalogue from "@paykka/schemas/Catalogue"
import type { Notification } from "@paykka/schemas/Notification"
import * as Shape from "@paykka/schemas/Shape"
import * as Authorization from "@paykka/signing/Authorization"
import * as Testing from "@paykka/webhook/testing"
import * as Clock from "effect/Clock"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as ExitCode from "../ExitCode.ts"
import * as Delivery from "./delivery.ts"
import { Failure, usage } from "./Failure.ts"
import * as PlatformSigner from "./platformSigner.ts"
import * as Values from "./values.ts"

const wrongs = ["signature", "key", "body", "path", "timestamp", "merchant"] as const

const kinds = () => Catalogue.notifications.map(({ id }) => id)

const flags = () => ({
  notification: Argument.Literals("notification", kinds()).pipe(
    Argument.withDescription(`Its kind: ${kinds().join(", ")}`)
  ),
  ...Values.flags("What it tells (the envelope's data): JSON, @ and a file, or - for stdin; default: an example"),
  wrong: Flag.Literals("wrong", wrongs).pipe(
    Flag.withDescription("Make it wrong after it was signed: to see the receiver refuse it"),
    Flag.optional
  ),
  ...Delivery.flags(),
  ...PlatformSigner.flags()
})

type Given = Command.Command.Config.Infer<ReturnType<typeof flags>>

/** What tells the kinds apart, and a number: little is documented of what notifications hold. */
const example = (notification: Notification): Values.Values => {
  const fields = Shape.of(notification.data).fields ?? []
  const wanted = ["request_id", ...notification.recognisedBy]
  const texts = fields.filter(({ name, shape }) => wanted.includes(name) && shape.type === "string")
  return Object.fromEntries(texts.map(({ name }) => [name, name === "request_id" ? "R-1" : "EXAMPLE-1"]))
}

const stranger = Effect.promise(async () => {
  const { privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" }
  })
  return privateKey
})

const hour = 3_600_000

/** Changes one character of a signature, which stays Base64 of the same length. */
const damaged = (header: string): string => {
  const fields = Result.getOrThrow(Authorization.decode(header))
  const { signature } = fields
  const at = Math.floor(signature.length / 2)
  const other = signature[at] === "A" ? "B" : "A"
  return Authorization.encode({ ...fields, signature: signature.slice(0, at) + other + signature.slice(at + 1) })
}

const sign = Effect.fnUntraced(function* (given: Given) {
  const notification: Notification = Catalogue.notifications.find(({ id }) => id === given.notification)!
  const { path: receiver } = yield* Delivery.target(given.to)
  const path = receiver ?? notification.path
  const { key, merchId } = yield* PlatformSigner.read(given)
  const wrong = Option.getOrUndefined(given.wrong)
  const values = yield* Values.read(Shape.of(notification.data), given, example(notification))
  const signed = yield* Testing.sign(notification, values as never, {
    extra: yield* Values.readExtra(given),
    key: wrong === "key" ? { ...key, privateKey: yield* stranger } : key,
    path: wrong === "path" ? `${path}/` : path,
    merchId,
    timestamp: (yield* Clock.currentTimeMillis) - (wrong === "timestamp" ? hour : 0)
  }).pipe(
    Effect.mapError((error) =>
      error._tag === "InvalidValue"
        ? new Failure({
            exit: ExitCode.usage,
            message: `${notification.id}: the data is invalid, nothing was sent`,
            lines: error.faults.map((fault) => `${fault.path} ${Values.ruleOf(fault.rule)}`.trim())
          })
        : usage(error.message, "see paykka trigger --help")
    )
  )
  const { headers, body } = signed
  return {
    path,
    headers: {
      ...headers,
      ...(wrong === "merchant" ? { "X-Merch-Id": "M00000000000000000" } : {}),
      ...(wrong === "signature" ? { Authorization: damaged(headers["Authorization"]!) } : {})
    },
    body: wrong === "body" ? new Uint8Array([...body, 0x20]) : body
  }
})

export const command = () =>
  Command.make(
    "trigger",
    flags(),
    Effect.fnUntraced(function* (given) {
      const outgoing = yield* sign(given)
      yield* Delivery.deliver(outgoing, given, Option.getOrUndefined(given.wrong), "paykka listen shows why")
    })
  ).pipe(
    Command.withDescription(
      "Send a notification to your receiver, signed by the key of a sandbox as PayKKa signs its own, and print what is answered. Ends with 0 where it is acknowledged; of a wrong one (--wrong) where it is refused. It is sent to --to, and nowhere else."
    ),
    Command.withShortDescription("Send a signed notification"),
    Command.withExamples([
      {
        command:
          "paykka listen --port 8091 --max 1 & paykka trigger va.notification --to http://127.0.0.1:8091/hooks --wait 10s",
        description: "to a receiver that is just starting"
      },
      {
        command:
          "paykka listen --port 8092 --max 2 & paykka trigger payment.notification --to http://127.0.0.1:8092 --times 2 --wait 10s",
        description: "delivered twice"
      },
      {
        command:
          "paykka listen --port 8093 --max 1 & paykka trigger payment.notification --to http://127.0.0.1:8093 --wrong body --wait 10s",
        description: "changed on its way: it must be refused"
      }
    ])
  )
