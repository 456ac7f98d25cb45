/** The SDK's client, as a merchant makes it. */
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Va from "@paykka/va/Va"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { HttpClient } from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import { merchId, merchant, second } from "./keys.ts"

const ours = { keyId: merchant.key_id, privateKey: merchant.private_pkcs8_pem }
export const theirs = { keyId: second.key_id, privateKey: second.private_pkcs8_pem }

/** Where a sandbox is, and a transport to it. */
interface Reachable {
  readonly baseUrl: string
  readonly transport: Layer.Layer<HttpClient>
}

/** A client and its collection accounts. */
export const connect = ({ baseUrl, transport }: Reachable, signingKey = ours, merchantNumber = merchId) =>
  Layer.build(
    Va.layer.pipe(
      Layer.provideMerge(PaykkaClient.layer({ environment: Environment.local(baseUrl), merchId: merchantNumber })),
      Layer.provide([Signer.layer.pipe(Layer.provide(KeyStore.layer({ signingKey }))), transport])
    )
  ).pipe(
    Effect.map((context) => ({
      va: Context.get(context, Va.Va),
      client: Context.get(context, PaykkaClient.PaykkaClient)
    })),
    Effect.orDie
  )
