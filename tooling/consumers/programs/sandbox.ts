/** A sandbox on a port, until the standard input ends. Prints its address. */
import * as SandboxNode from "@paykka/sandbox/node"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const { merchId, merchant, platform } = JSON.parse(process.env["PARTIES"] ?? "") as {
  readonly merchId: string
  readonly merchant: { readonly keyId: string; readonly publicKey: string }
  readonly platform: { readonly keyId: string; readonly privateKey: string }
}

const sandbox = Sandbox.layer({
  merchants: [{ merchId, keyId: merchant.keyId, publicKey: merchant.publicKey }],
  platformKey: platform,
  decidesAfter: "50 millis"
})

const program = Effect.gen(function* () {
  const { baseUrl } = yield* SandboxNode.SandboxServer
  console.log(baseUrl)
  yield* Effect.callback<void>((resume) => {
    process.stdin.resume().on("end", () => resume(Effect.void))
  })
})

void Effect.runPromise(Effect.provide(program, Layer.provide(SandboxNode.layerServer(), sandbox)))
