/** The one harmless call against a real host: `va.inquiry`, with the settings of the environment. */
import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import * as RequestId from "@paykka/core/RequestId"
import * as SigningNode from "@paykka/signing/node"
import * as Signer from "@paykka/signing/Signer"
import * as Va from "@paykka/va/Va"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import { Unexpected } from "./Stage.ts"
import type { Tell } from "./Walkthrough.ts"

/** The client, its keys and its host, all from `PAYKKA_*` variables. */
const layer = Va.layer.pipe(
  Layer.provide(PaykkaConfig.layer),
  Layer.provide([Signer.layer.pipe(Layer.provide(SigningNode.layerConfig)), FetchHttpClient.layer])
)

/**
 * Asks for an application. `NotFound` is a good answer too: the platform accepted the signature.
 *
 * @param requestId the application; without one a fresh number, which nobody has applied with
 */
export const run = Effect.fnUntraced(function* (tell: Tell, requestId: string | undefined) {
  const { environment, merchId } = yield* PaykkaConfig.options
  const request_id = requestId ?? (yield* RequestId.make)
  tell({ step: "asking", base_url: environment.baseUrl, merch_id: merchId, request_id })
  const before = yield* Clock.currentTimeMillis
  const outcome = yield* Va.Va.use((va) => va.inquiry.withResponse({ request_id })).pipe(
    Effect.map(({ httpStatus, attempts, value }) => {
      const status = value.status === undefined ? "no status" : `status ${value.status}`
      return `HTTP ${httpStatus}, ${status}, attempts ${attempts}`
    }),
    Effect.catchReason("PaykkaError", "NotFound", () =>
      Effect.succeed("the signature was accepted; nobody has applied with this request_id")
    ),
    Effect.catchReason("PaykkaError", "SigningFailed", ({ detail }) => {
      const advice = "set PAYKKA_KEY_ID, and PAYKKA_PRIVATE_KEY or PAYKKA_PRIVATE_KEY_FILE"
      return Effect.fail(new Unexpected({ detail: `${detail}; ${advice}` }))
    }),
    Effect.provide(layer)
  )
  const millis = (yield* Clock.currentTimeMillis) - before
  tell({ step: "inquiry", base_url: environment.baseUrl, outcome, millis })
})
