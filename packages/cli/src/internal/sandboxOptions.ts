/** What `paykka sandbox` is given, the keys that it makes, and what a client of it sets. */
import { existsSync, mkdirSync } from "node:fs"
import { join, resolve } from "node:path"
import * as Json from "@paykka/schemas/Json"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Failure, usage } from "./Failure.ts"
import { makePair, writePair } from "./keyPair.ts"
import { AsJson, print } from "./output.ts"
import * as Port from "./port.ts"
import { quote } from "./wireRequest.ts"

/** What `--fault` may be, in words; `faultFlag.ts` reads it. */
export const faultKinds = "late=TIME, cut=BYTES, slow=TIME, reset, silence, broken-json, gateway=STATUS, error=CODE"

const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description))

export const flags = () => ({
  ...Port.flags(9090),
  folder: text("folder", "FOLDER", "Where the keys are, made where they are not").pipe(
    Flag.withDefault("paykka-sandbox")
  ),
  merchId: text("merch-id", "NUMBER", "The merchant that is onboarded already").pipe(
    Flag.withDefault("M24061911365700670")
  ),
  keyId: text("key-id", "ID", "Id of the merchant's key").pipe(Flag.withDefault("merchant-key")),
  publicKey: text(
    "public-key",
    "FILE",
    "The merchant's public key, where you have one; then no pair is made for it"
  ).pipe(Flag.optional),
  state: text("state", "FILE", "Keep the state in this SQLite file; default: in memory").pipe(Flag.optional),
  callback: text("callback", "URL", "Where notifications are sent; default: nowhere").pipe(Flag.optional),
  decidesAfter: text("decides-after", "TIME", "How long a decision takes, such as 500ms, 2s or 1m").pipe(
    Flag.withDefault("1s")
  ),
  fault: text(
    "fault",
    "'KIND ...'",
    `KIND [processed|unprocessed] [first=N] [OPERATION ...]; kinds: ${faultKinds}; may be repeated`
  ).pipe(Flag.atLeast(0)),
  faultRate: Flag.Finite("fault-rate").pipe(
    Flag.withDescription("Share of all other requests that have a fault by chance, from 0 to 1"),
    Flag.withDefault(0)
  ),
  seed: Flag.Int("seed").pipe(Flag.withDescription("The same chances again"), Flag.withDefault(1)),
  env: Flag.Boolean("env").pipe(
    Flag.withDescription("Make the keys, print the settings for a shell, and end"),
    Flag.withDefault(false),
    Flag.withoutNegation
  )
})

export type Given = Command.Command.Config.Infer<ReturnType<typeof flags>>

export const platformKeyId = "platform-key"

/** A pair that is there, or is made. */
const pairOf = Effect.fnUntraced(function* (folder: string, name: string): Effect.fn.Return<string, Failure> {
  const files = [join(folder, `${name}.pem`), join(folder, `${name}.pub.pem`)] as const
  const missing = files.filter((file) => !existsSync(file))
  if (missing.length === 1) {
    return yield* usage(
      `${missing[0]} is missing, and the other half of the pair is there`,
      "bring it back, or move the other away"
    )
  }
  if (missing.length === 2) {
    yield* Effect.mapError(writePair(files, makePair(2048)), (failure) =>
      existsSync(files[0])
        ? usage(`another program is making ${files[0]} at this moment`, "run it again, or choose another --folder")
        : failure
    )
  }
  return join(folder, name)
})

export interface Keys {
  readonly merchant: string | undefined
  readonly publicKey: string
  readonly platform: string
}

export const keysOf = Effect.fnUntraced(function* ({ folder, publicKey }: Given): Effect.fn.Return<Keys, Failure> {
  yield* Effect.try({
    try: () => mkdirSync(folder, { recursive: true, mode: 0o700 }),
    catch: (cause) => usage(`--folder ${folder} cannot be made (${(cause as NodeJS.ErrnoException).code})`)
  })
  const platform = yield* pairOf(folder, "platform")
  if (Option.isSome(publicKey)) return { merchant: undefined, publicKey: publicKey.value, platform }
  const merchant = yield* pairOf(folder, "merchant")
  return { merchant, publicKey: `${merchant}.pub.pem`, platform }
})

/** What a client of it sets. */
export const settingsOf = ({ merchId, keyId }: Given, { merchant, platform }: Keys, baseUrl: string) => ({
  PAYKKA_ENVIRONMENT: "local",
  PAYKKA_BASE_URL: baseUrl,
  PAYKKA_MERCH_ID: merchId,
  PAYKKA_KEY_ID: keyId,
  ...(merchant === undefined ? {} : { PAYKKA_PRIVATE_KEY_FILE: resolve(`${merchant}.pem`) }),
  PAYKKA_PLATFORM_KEY_ID: platformKeyId,
  PAYKKA_PLATFORM_PUBLIC_KEY_FILE: resolve(`${platform}.pub.pem`),
  PAYKKA_PLATFORM_PRIVATE_KEY_FILE: resolve(`${platform}.pem`)
})

export const printSettings = (settings: Readonly<Record<string, string>>) =>
  Effect.flatMap(AsJson, (asJson) =>
    print(
      asJson
        ? Json.stringify(settings)
        : Object.entries(settings)
            .map(([name, value]) => `export ${name}=${quote(value)}`)
            .join("\n")
    )
  )
