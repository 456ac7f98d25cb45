/** The server of `paykka sandbox`, apart from its words: it loads the whole sandbox. */
import { readFileSync } from "node:fs"
import * as Faults from "@paykka/sandbox/Faults"
import * as SandboxNode from "@paykka/sandbox/node"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import { type Failure, usage } from "./Failure.ts"
import * as FaultFlag from "./faultFlag.ts"
import { AsJson, note } from "./output.ts"
import * as Port from "./port.ts"
import { readInput } from "./readInput.ts"
import { lineOf } from "./sandboxLog.ts"
import { type Given, type Keys, platformKeyId, printSettings, settingsOf } from "./sandboxOptions.ts"
import { readTime } from "./time.ts"

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

export const serve = Effect.fnUntraced(function* (given: Given, keys: Keys) {
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
