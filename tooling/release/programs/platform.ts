/** PayKKa's side: a sandbox on a port. Prints its address, and goes on. */
import * as SandboxNode from "@paykka/sandbox/node"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"

declare const process: { readonly env: Readonly<Record<string, string>> }

const sandbox = Sandbox.layer({
  merchants: [
    {
      merchId: process.env["PAYKKA_MERCH_ID"]!,
      keyId: process.env["PAYKKA_KEY_ID"]!,
      publicKey: process.env["MERCHANT_PUBLIC_KEY"]!
    }
  ],
  platformKey: { keyId: "platform", privateKey: process.env["PLATFORM_PRIVATE_KEY"]! },
  decidesAfter: "50 millis"
})

const program = Effect.gen(function* () {
  const { baseUrl } = yield* SandboxNode.SandboxServer
  console.log(baseUrl)
  return yield* Effect.never
})

await Effect.runPromise(
  program.pipe(Effect.provide(SandboxNode.layerServer().pipe(Layer.provide(sandbox), Layer.provide(Logger.layer([])))))
)
