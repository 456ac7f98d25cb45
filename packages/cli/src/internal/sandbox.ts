/** `paykka sandbox`: a local PayKKa. */
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import * as Faults from "@paykka/sandbox/Faults"
import * as SandboxNode from "@paykka/sandbox/node"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as Json from "@paykka/schemas/Json"
import * as Cause from "effect/Cause"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as FaultFlag from "./faultFlag.ts"
import { Failure, usage } from "./Failure.ts"
import { makePair, writePair } from "./keyPair.ts"
import { AsJson, note, print } from "./output.ts"
import * as Port from "./port.ts"
import { readInput } from "./readInput.ts"
import { lineOf } from "./sandboxLog.ts"
import { readTime } from "./time.ts"
import { quote } from "./wireRequest.ts"

const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description))

const flags = () => ({
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
    `KIND [processed|unprocessed] [first=N] [OPERATION ...]; kinds: ${FaultFlag.kinds}; may be repeated`
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

type Given = Command.Command.Config.Infer<ReturnType<typeof flags>>

const platformKeyId = "platform-key"

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
  if (missing.length === 2) yield* writePair(files, makePair(2048))
  return join(folder, name)
})

interface Keys {
  readonly merchant: string | undefined
  readonly publicKey: string
  readonly platform: string
}

const keysOf = Effect.fnUntraced(function* ({ folder, publicKey }: Given): Effect.fn.Return<Keys, Failure> {
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
const settingsOf = ({ merchId, keyId }: Given, { merchant, platform }: Keys, baseUrl: string) => ({
  PAYKKA_ENVIRONMENT: "local",
  PAYKKA_BASE_URL: baseUrl,
  PAYKKA_MERCH_ID: merchId,
  PAYKKA_KEY_ID: keyId,
  ...(merchant === undefined ? {} : { PAYKKA_PRIVATE_KEY_FILE: resolve(`${merchant}.pem`) }),
  PAYKKA_PLATFORM_KEY_ID: platformKeyId,
  PAYKKA_PLATFORM_PUBLIC_KEY_FILE: resolve(`${platform}.pub.pem`),
  PAYKKA_PLATFORM_PRIVATE_KEY_FILE: resolve(`${platform}.pem`)
})

const printSettings = (settings: Readonly<Record<string, string>>) =>
  Effect.flatMap(AsJson, (asJson) =>
    print(
      asJson
        ? Json.stringify(settings)
        : Object.entries(settings)
            .map(([name, value]) => `export ${name}=${quote(value)}`)
            .join("\n")
    )
  )

const faultsOf = Effect.fnUntraced(function* ({
  fault,
  faultRate,
  seed
}: Given): Effect.fn.Return<Faults.Source, Failure> {
  if (!(faultRate >= 0 && faultRate <= 1)) return yield* usage("--fault-rate must be from 0 to 1")
  const sources = yield* Effect.forEach(fault, (each) => Effect.fromResult(FaultFlag.parse(each)))
  const chance = Faults.seeded(seed, { probability: faultRate })
  return (facts) => {
    for (const source of sources) {
      const found = source(facts)
      if (found !== undefined) return found
    }
    return chance(facts)
  }
})

/** Node warns of its SQLite. */
const silenceExperiments = () => {
  const listeners = process.listeners("warning")
  process.removeAllListeners("warning")
  process.on("warning", (warning) => {
    if (warning.name === "ExperimentalWarning") return
    for (const listener of listeners) listener(warning)
  })
}

const tapeOf = ({ state }: Given) =>
  Effect.gen(function* () {
    if (Option.isNone(state)) return undefined
    silenceExperiments()
    return yield* Effect.mapError(SandboxNode.tapeSqlite(state.value), ({ message }) =>
      usage(`--state ${state.value}: ${message}`, "name another file, or end the sandbox that has this one")
    )
  })

/** The page that explains signatures, which is built beside this module. */
const debuggerPath = "/debugger"

const pages = (request: Request): Response | undefined => {
  if (request.method !== "GET" || new URL(request.url).pathname !== debuggerPath) return undefined
  const page = readFileSync(new URL("debugger.html", import.meta.url))
  return new Response(new Uint8Array(page), { headers: { "Content-Type": "text/html; charset=utf-8" } })
}

const serve = Effect.fnUntraced(function* (given: Given, keys: Keys) {
  const { merchId, keyId, host, port, callback } = given
  const asJson = yield* AsJson
  const decidesAfter = yield* readTime("--decides-after", given.decidesAfter)
  const callbackUrl = Option.getOrUndefined(callback)
  if (callbackUrl !== undefined && !/^https?:$/.test(URL.parse(callbackUrl)?.protocol ?? "")) {
    return yield* usage("--callback must be a URL such as http://127.0.0.1:8080/hooks/paykka")
  }
  const faults = yield* faultsOf(given)
  const tape = yield* tapeOf(given)
  const sandbox = Sandbox.layer({
    merchants: [{ merchId, keyId, publicKey: yield* readInput(keys.publicKey) }],
    platformKey: { keyId: platformKeyId, privateKey: yield* readInput(`${keys.platform}.pem`) },
    callbackUrl,
    decidesAfter,
    tape,
    onLog: (entry) => void process.stderr.write(`${lineOf(entry, asJson)}\n`)
  })
  const server = SandboxNode.layerServer({ host, port, faults, pages })
  // The log tells what the sandbox would warn of.
  const live = server.pipe(Layer.provide(sandbox), Layer.provide(Logger.layer([])))
  const context = yield* Layer.build(live).pipe(
    Effect.catchCause((cause) => {
      const error = Cause.squash(cause) as Error & { readonly _tag?: string }
      if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
      if (error._tag === "ServeError") return Effect.fail(Port.cannotListen(given, error.cause))
      const of = tape === undefined || error._tag === "InvalidKeyStore" ? "" : "the state does not fit these options: "
      return Effect.fail(usage(`${of}${error.message}`, "see paykka sandbox --help"))
    })
  )
  const { baseUrl } = yield* Effect.provideContext(SandboxNode.SandboxServer, context)
  yield* printSettings(settingsOf(given, keys, baseUrl))
  if (!asJson) {
    yield* note(
      [
        `PayKKa's sandbox listens on ${baseUrl}, with ${tape === undefined ? "its state in memory" : "its state kept"}; Ctrl-C ends it`,
        `${baseUrl}/docs describes the API, ${baseUrl}${debuggerPath} explains signatures`
      ].join("\n")
    )
  }
  return yield* Effect.never
})

export const command = () =>
  Command.make(
    "sandbox",
    flags(),
    Effect.fnUntraced(function* (given) {
      if (!given.env) return yield* Effect.scoped(Effect.flatMap(keysOf(given), (keys) => serve(given, keys)))
      if (given.port === 0) return yield* usage("--env needs a --port that is known: 0 is any")
      return yield* printSettings(settingsOf(given, yield* keysOf(given), Port.originOf(given)))
    })
  ).pipe(
    Command.withDescription(
      "Run a local PayKKa until Ctrl-C: it verifies signatures, keeps state, takes each object through its life and sends signed notifications. Prints the settings for a shell on stdout, and on stderr each request as it comes; of a refused signature also why. /debugger explains signatures in a browser, /docs describes the API."
    ),
    Command.withShortDescription("Run a local PayKKa"),
    Command.withExamples([
      {
        command: "paykka sandbox --env --folder sandbox",
        description: "make keys, and print the settings of the sandbox"
      },
      { command: `eval "$(paykka sandbox --env --folder sandbox)"`, description: "take the settings into a shell" },
      { command: "paykka sandbox --help", description: "all flags" }
    ])
  )
