import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import * as File from "@paykka/file/File"
import * as KeyStoreConfig from "@paykka/signing/KeyStoreConfig"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"

const paykka = File.layer.pipe(
  Layer.provide(PaykkaConfig.layer),
  Layer.provide([Layer.provide(Signer.layer, KeyStoreConfig.layer), FetchHttpClient.layer])
)

const program = Effect.gen(function* () {
  const file = yield* File.File
  const bytes = new TextEncoder().encode("%PDF-1.7\n")
  const { type, size, file_id } = yield* file.upload(bytes, { name: "sample.pdf" })
  return { type, size, has_id: /^[0-9]+$/.test(file_id) }
})

console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, paykka))))
