/** A real sandbox on a port, whose merchant has the key in `merchant.pem` of a folder. */
import { generateKeyPairSync } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Faults from "@paykka/sandbox/Faults"
import * as SandboxNode from "@paykka/sandbox/node"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"

export const merchId = "M24061911365700670"

const makePair = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" }
  })

export interface Standing {
  readonly baseUrl: string
  /** What a user sets to call it. */
  readonly env: Readonly<Record<string, string>>
  /** Private keys, as they must never show. */
  readonly secrets: ReadonlyArray<string>
  /** The requests, oldest first: path and status. */
  readonly log: () => Promise<ReadonlyArray<{ readonly path: string; readonly status: number }>>
  readonly stop: () => Promise<void>
}

/** Starts one, and writes the pairs of `merchant.pem` and `platform.pem` into the folder. */
export const standSandbox = async (folder: string, faults?: Faults.Source): Promise<Standing> => {
  const [merchant, platform] = [makePair(), makePair()]
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 })
  write("merchant.pem", merchant.privateKey)
  write("merchant.pub.pem", merchant.publicKey)
  write("platform.pem", platform.privateKey)
  write("platform.pub.pem", platform.publicKey)
  const sandbox = Sandbox.layer({
    merchants: [{ merchId, keyId: "merchant-key", publicKey: merchant.publicKey }],
    platformKey: { keyId: "platform-key", privateKey: platform.privateKey },
    callbackUrl: "http://127.0.0.1:9/hooks",
    send: async () => Response.json({})
  })
  const live = SandboxNode.layerServer({ faults }).pipe(Layer.provideMerge(sandbox), Layer.provide(Logger.layer([])))
  const scope = Scope.makeUnsafe()
  const context = await Effect.runPromise(Layer.buildWithScope(live, scope))
  const { baseUrl } = Context.get(context, SandboxNode.SandboxServer)
  return {
    baseUrl,
    env: {
      PAYKKA_ENVIRONMENT: "local",
      PAYKKA_BASE_URL: baseUrl,
      PAYKKA_MERCH_ID: merchId,
      PAYKKA_KEY_ID: "merchant-key",
      PAYKKA_PRIVATE_KEY_FILE: "merchant.pem",
      PAYKKA_PLATFORM_PUBLIC_KEY_FILE: "platform.pub.pem",
      PAYKKA_PLATFORM_PRIVATE_KEY_FILE: "platform.pem"
    },
    secrets: [merchant.privateKey, platform.privateKey].map((pem) => pem.split("\n")[1]!),
    log: async () => {
      const log = await Effect.runPromise(Context.get(context, Sandbox.Sandbox).log)
      // A notification is sent when its time comes.
      return log.flatMap((entry) => (entry.kind === "request" ? [entry] : []))
    },
    stop: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}
