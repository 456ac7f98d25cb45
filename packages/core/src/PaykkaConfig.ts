/**
 * Client settings from configuration (environment variables by default).
 *
 * | variable | meaning |
 * | --- | --- |
 * | `PAYKKA_ENVIRONMENT` | `sandbox` (the default), `production` or `local` |
 * | `PAYKKA_BASE_URL` | scheme and host; required for `production` and `local` |
 * | `PAYKKA_MERCH_ID` | the merchant number for `X-Merch-Id` |
 * | `PAYKKA_TIMEOUT` | the longest wait for one answer, such as `30 seconds` |
 * | `PAYKKA_UNDOCUMENTED_PATHS` | `warn` (the default), `allow` or `refuse` calls whose path no official page shows |
 * | `PAYKKA_OVERRIDES` | corrections of operations as JSON: `{"va.apply":{"path":"/...","merchantHeader":"optional"}}` |
 *
 * Keys have variables of their own: see `@paykka/signing/KeyStoreConfig`.
 */
import type { Signer } from "@paykka/signing/Signer"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type { HttpClient } from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Environment from "./Environment.ts"
import * as PaykkaClient from "./PaykkaClient.ts"

const optional = <A>(config: Config.Config<A>): Config.Config<A | undefined> =>
  Config.map(Config.option(config), Option.getOrUndefined)

// Names and values of corrections are checked by `PaykkaClient.make`.
const Overrides = /*#__PURE__*/ Schema.fromJsonString(
  /*#__PURE__*/ Schema.Record(Schema.String, /*#__PURE__*/ Schema.Record(Schema.String, Schema.String))
)

const variables = /*#__PURE__*/ Config.all({
  environment: /*#__PURE__*/ Config.Literals(["sandbox", "production", "local"], "PAYKKA_ENVIRONMENT").pipe(
    /*#__PURE__*/ Config.withDefault("sandbox")
  ),
  baseUrl: /*#__PURE__*/ optional(/*#__PURE__*/ Config.String("PAYKKA_BASE_URL")),
  merchId: /*#__PURE__*/ optional(/*#__PURE__*/ Config.String("PAYKKA_MERCH_ID")),
  timeout: /*#__PURE__*/ optional(/*#__PURE__*/ Config.Duration("PAYKKA_TIMEOUT")),
  undocumentedPaths: /*#__PURE__*/ optional(
    /*#__PURE__*/ Config.Literals(["warn", "allow", "refuse"], "PAYKKA_UNDOCUMENTED_PATHS")
  ),
  overrides: /*#__PURE__*/ optional(/*#__PURE__*/ Config.schema(Overrides, "PAYKKA_OVERRIDES"))
})

/** Reads the settings. Fails with a `ConfigError`, or `InvalidConfiguration` when a base URL is missing. */
export const options: Effect.Effect<PaykkaClient.Options, Config.ConfigError | Environment.InvalidConfiguration> =
  /*#__PURE__*/ Effect.gen(function* () {
    const { environment: name, baseUrl, overrides, ...rest } = yield* variables
    const others = { ...rest, overrides: overrides as PaykkaClient.Options["overrides"] }
    if (name === "sandbox") return { environment: { ...Environment.sandbox, ...(baseUrl && { baseUrl }) }, ...others }
    if (baseUrl === undefined) {
      const detail = `is not set, but PAYKKA_ENVIRONMENT is ${name}`
      return yield* new Environment.InvalidConfiguration({ option: "PAYKKA_BASE_URL", detail })
    }
    return { environment: { name, baseUrl }, ...others }
  })

/** The client of the environment: needs a signer and a transport. */
export const layer: Layer.Layer<
  PaykkaClient.PaykkaClient,
  Config.ConfigError | Environment.InvalidConfiguration,
  Signer | HttpClient
> = /*#__PURE__*/ Layer.effect(PaykkaClient.PaykkaClient, /*#__PURE__*/ Effect.flatMap(options, PaykkaClient.make))
