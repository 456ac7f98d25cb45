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
import * as Layer from "effect/Layer"
import * as Struct from "effect/Struct"
import type { Duration } from "./Duration.ts"
import { type Log, loggerOf } from "./log.ts"
import { type ResolveSettings, type RetrySettings, deviating } from "./Policies.ts"

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
      readonly sign: (bytes: Uint8Array) => Promise<Signer.Signed>
      readonly keyId?: undefined
      readonly privateKey?: undefined
    }

/** What the settings of any client have in common. */
export interface Common {
  /** The merchant number for `X-Merch-Id`, 1 to 20 characters, for example `M24061911365700670`. */
  readonly merchId?: string | undefined
  /** The longest wait for the complete answer to one request. Default: 30 seconds. */
  readonly timeout?: Duration | undefined
  /** Deviations from the standard retry policy (three requests at most); `false` sends every request once. */
  readonly retry?: RetrySettings | false | undefined
  /** What is done when it is not known whether a write was processed: reject (`fail`), or ask first (`resolve`). Default: `fail`. */
  readonly onUnknown?: "fail" | "resolve" | undefined
  /** Deviations from how unknown outcomes are asked for, with `onUnknown: "resolve"`. */
  readonly resolve?: ResolveSettings | undefined
  /** What stands around calls, the first outermost; one that must be innermost, such as a journal, is last wherever it stands. */
  readonly plugins?: ReadonlyArray<Plugin.Plugin> | undefined
  /** Another `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Takes one line for each call, and warnings. Default: no line for a call; warnings go to the console. `false`: nothing is logged. */
  readonly log?: Log
  /** The largest answer that is read, in bytes. Default: 4 MiB. */
  readonly maxResponseBytes?: number | undefined
  /**
   * Corrections of operations, by id, where the platform turns out to differ from the contract:
   * `{ "va.apply": { path: "/api/v2/merch/va/open", merchantHeader: "optional" } }`.
   */
  readonly overrides?: Readonly<Record<string, PaykkaClient.Override>> | undefined
  /** What is done when a path is called that no official page shows: `warn` (the default, once each), `allow`, or `refuse`. */
  readonly undocumentedPaths?: "warn" | "allow" | "refuse" | undefined
  /** Further checks of each message before it is sent. Its faults refuse the call. */
  readonly check?: PaykkaClient.Check | undefined
}

/** Settings of a client. */
export type Settings = Where & Who & Common

/** The retry policy of a setting. */
export const retryOf = (retry: Common["retry"]): RetryPolicy.RetryPolicy =>
  retry === false ? RetryPolicy.none : deviating(RetryPolicy.standard, retry)

const resolveOf = (resolve: Common["resolve"]): ResolvePolicy.ResolvePolicy =>
  deviating<ResolvePolicy.ResolvePolicy>(ResolvePolicy.standard, resolve)

const isFunction = (value: unknown): boolean => value === undefined || typeof value === "function"

/** The first thing that is wrong with the settings, but for what is found where it is used: host, keys, `overrides` and the like. */
const faultOf = (settings: Settings): Environment.InvalidConfiguration | undefined => {
  const {
    environment = "sandbox",
    baseUrl,
    privateKey,
    sign,
    retry,
    resolve,
    onUnknown,
    plugins,
    fetch,
    log
  } = settings
  const named = ["sandbox", "production", "local"]
  const rules: ReadonlyArray<readonly [option: string, right: boolean, rule: string]> = [
    ["environment", named.includes(environment), `must be one of ${named.join(", ")}`],
    ["baseUrl", environment === "sandbox" || baseUrl !== undefined, `is missing: ${environment} has no public host`],
    ["sign", isFunction(sign), "must be a function"],
    ["sign", sign === undefined || privateKey === undefined, "must not be given beside privateKey"],
    ["onUnknown", [undefined, "fail", "resolve"].includes(onUnknown), "must be fail or resolve"],
    ["plugins", plugins === undefined || Array.isArray(plugins), "must be a list"],
    ["fetch", isFunction(fetch), "must be a function"],
    ["log", log === false || isFunction(log), "must be a function or false"],
    ...[...RetryPolicy.faults(retryOf(retry)), ...ResolvePolicy.faults(resolveOf(resolve))].map(
      ({ path, rule }) => [path, false, rule] as const
    )
  ]
  const [fault] = rules.filter(([, right]) => !right)
  return fault && new Environment.InvalidConfiguration({ option: fault[0], detail: fault[2] })
}

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

const layerOf = (settings: Settings) => {
  const { retry, resolve, plugins = [], fetch, log, ...rest } = settings
  // Where it calls and who signs reach the client as layers: no key lies in its options.
  const options = Struct.omit(rest, ["environment", "baseUrl", "keyId", "privateKey", "sign"])
  return PaykkaClient.layerFetch({ ...options, environment: environmentOf(settings) }, fetch).pipe(
    Layer.provide(signerOf(settings)),
    Layer.provideMerge(
      Layer.mergeAll(
        Layer.succeed(RetryPolicy.Current, retryOf(retry)),
        Layer.succeed(ResolvePolicy.Current, resolveOf(resolve)),
        Plugin.layer(...(typeof log === "function" ? [Logging.make()] : []), ...plugins),
        loggerOf(log)
      )
    )
  )
}

/** The client of the settings, and what is in force for its calls. Building it fails where a setting cannot be used. */
export const layer = (
  settings: Settings
): Layer.Layer<PaykkaClient.PaykkaClient, Environment.InvalidConfiguration | KeyStore.InvalidKeyStore> =>
  Layer.unwrap(
    Effect.suspend(() => {
      const fault = faultOf(settings)
      return fault === undefined ? Effect.succeed(layerOf(settings)) : Effect.fail(fault)
    })
  )
