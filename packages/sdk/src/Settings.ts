/** Settings of a client, and the layer that they make. */
import * as Environment from "@paykka/core/Environment"
import * as Logging from "@paykka/core/Logging"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Plugin from "@paykka/core/Plugin"
import * as ResolvePolicy from "@paykka/core/ResolvePolicy"
import * as RetryPolicy from "@paykka/core/RetryPolicy"
import * as KeyStore from "@paykka/signing/KeyStore"
import type { KeyInput } from "@paykka/signing/KeyMaterial"
import * as Signer from "@paykka/signing/Signer"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Struct from "effect/Struct"
import { type Log, loggerOf } from "./log.ts"

/** Which PayKKa is called. */
export type Where =
  | {
      /** PayKKa's public sandbox. The default. */
      readonly environment?: "sandbox" | undefined
      /** Another host for it. */
      readonly baseUrl?: string | undefined
    }
  | {
      /** `production`: its host is handed out by PayKKa. `local`: a server of your own, such as `@paykka/sandbox`. */
      readonly environment: "production" | "local"
      /** Scheme and host, such as `https://open.example`. */
      readonly baseUrl: string
    }

/** Who signs: a key, or a function that signs somewhere else, such as in a key service. */
export type Who =
  | {
      /** The id that PayKKa issued for the key pair. */
      readonly keyId: string
      /** Your private key, 2048 bits or more: PEM (PKCS#8 or PKCS#1), DER or Base64, as text of an environment variable too. */
      readonly privateKey: KeyInput
      readonly sign?: undefined
    }
  | {
      /** Signs bytes (RSASSA-PKCS1-v1_5 with SHA-256); gives the signature in Base64 and the id of its key. */
      readonly sign: (bytes: Uint8Array) => Promise<{ readonly key_id: string; readonly signature: string }>
      readonly keyId?: undefined
      readonly privateKey?: undefined
    }

/** What the settings of any client have in common. */
export interface Common extends Omit<PaykkaClient.Options, "environment"> {
  /** Deviations from the standard retry policy (three requests at most); `false` sends every request once. */
  readonly retry?: Partial<RetryPolicy.RetryPolicy> | false | undefined
  /** Deviations from how unknown outcomes are asked for, with `onUnknown: "resolve"`. */
  readonly resolve?: Partial<ResolvePolicy.ResolvePolicy> | undefined
  /** What stands around calls, the first outermost; one that must be innermost, such as a journal, is last wherever it stands. */
  readonly plugins?: ReadonlyArray<Plugin.Plugin> | undefined
  /** Another `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Takes one line for each call, and warnings. Default: no line for a call; warnings go to the console. `false`: nothing is logged. */
  readonly log?: Log
}

/** Settings of a client. */
export type Settings = Where & Who & Common

const environmentOf = ({ environment = "sandbox", baseUrl }: Where): Environment.Environment =>
  environment === "sandbox"
    ? { ...Environment.sandbox, ...(baseUrl === undefined ? {} : { baseUrl }) }
    : { name: environment, baseUrl: baseUrl ?? "" }

const signerOf = ({ keyId, privateKey, sign }: Who): Layer.Layer<Signer.Signer, KeyStore.InvalidKeyStore> =>
  sign === undefined
    ? Layer.provide(Signer.layer, KeyStore.layer({ signingKey: { keyId, privateKey } }))
    : Layer.succeed(Signer.Signer, {
        sign: (bytes) =>
          Effect.tryPromise({
            try: () => sign(bytes),
            // What a foreign signer says may hold a secret.
            catch: (cause) => new Signer.SigningFailed({ detail: "the function sign has rejected", cause })
          })
      })

/** The client of the settings, and what is in force for its calls. Building it fails where a setting cannot be used. */
export const layer = (settings: Settings) => {
  const { retry = {}, resolve = {}, plugins = [], fetch, log, ...rest } = settings
  // Where it calls and who signs reach the client as layers: no key lies in its options.
  const options = Struct.omit(rest, ["environment", "baseUrl", "keyId", "privateKey", "sign"])
  const transport =
    fetch === undefined
      ? FetchHttpClient.layer
      : Layer.provide(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.Fetch, fetch))
  const policy = retry === false ? RetryPolicy.none : { ...RetryPolicy.standard, ...retry }
  return PaykkaClient.layer({ ...options, environment: environmentOf(settings) }).pipe(
    Layer.provide([signerOf(settings), transport]),
    Layer.provideMerge(
      Layer.mergeAll(
        Layer.succeed(RetryPolicy.Current, policy),
        Layer.succeed(ResolvePolicy.Current, { ...ResolvePolicy.standard, ...resolve }),
        Plugin.layer(...(typeof log === "function" ? [Logging.make()] : []), ...plugins),
        loggerOf(log)
      )
    )
  )
}
