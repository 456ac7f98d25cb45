/**
 * Reads variables and secrets: names and rules are those of `PaykkaConfig`, `KeyStoreConfig` and the payouts' `Settings`. It does without
 * Effect's `Config`, which would add 3.8 kB.
 */
import * as Environment from "@paykka/core/Environment"
import type * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Settings from "@paykka/payouts/Settings"
import * as Json from "@paykka/schemas/Json"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as KeyStoreConfig from "@paykka/signing/KeyStoreConfig"
import * as Effect from "effect/Effect"
import type { Env } from "./Env.ts"

/** What they say. */
export interface Values {
  /** What callers show. */
  readonly token: string
  readonly client: PaykkaClient.Options & { readonly merchId: string }
  readonly keys: KeyStore.Service
  readonly settings: Settings.Settings
}

const required = [
  "PAYOUTS_TOKEN",
  "PAYKKA_MERCH_ID",
  "PAYKKA_KEY_ID",
  "PAYKKA_PRIVATE_KEY",
  "PAYKKA_PLATFORM_PUBLIC_KEY",
  "PAYOUT",
  "REPLAY_GUARD",
  "DEAD_LETTERS",
  "INBOX"
]

const tokenForm = /^[\x21-\x7e]{16,}$/

const environments = ["sandbox", "production", "local"] as const

const invalid = (variable: string, rule: string) => new Settings.InvalidSetting({ variable, rule })

type Overrides = NonNullable<PaykkaClient.Options["overrides"]>

/** Throws where they are not of that form; their names and values are checked when the client is made. */
const readOverrides = (text: string): Overrides => {
  const parsed: unknown = JSON.parse(text)
  if (Json.isObject(parsed) && Object.values(parsed).every(Json.isObject)) return parsed as Overrides
  throw new TypeError("not an object of objects")
}

/** The variable behind an option of the client. */
const variableOf = (option: string): string =>
  ({
    "environment.baseUrl": "PAYKKA_BASE_URL",
    merchId: "PAYKKA_MERCH_ID",
    timeout: "PAYKKA_TIMEOUT",
    undocumentedPaths: "PAYKKA_UNDOCUMENTED_PATHS"
  })[option] ?? `PAYKKA_OVERRIDES (${option})`

/** Says what is wrong with an option of the client, by its variable. */
export const unusable = ({ option, detail }: Environment.InvalidConfiguration): Settings.InvalidSetting =>
  invalid(variableOf(option), detail)

/** Reads them. Fails with what is to be set, or set otherwise; no value is in that. */
export const read = (env: Env): Effect.Effect<Values, Settings.InvalidSetting | KeyStore.InvalidKeyStore> =>
  Effect.gen(function* () {
    const text = (name: string): string | undefined => {
      const value = env[name]
      return typeof value === "string" && value !== "" ? value : undefined
    }
    const missing = required.filter((name) => (env[name] ?? "") === "")
    const name = environments.find((known) => known === (text("PAYKKA_ENVIRONMENT") ?? "sandbox"))
    if (name === undefined) return yield* invalid("PAYKKA_ENVIRONMENT", `must be one of ${environments.join(", ")}`)
    const baseUrl = text("PAYKKA_BASE_URL") ?? (name === "sandbox" ? Environment.sandbox.baseUrl : "")
    if (baseUrl === "") missing.push("PAYKKA_BASE_URL")
    if (missing.length > 0) return yield* invalid(missing.join(", "), "must be set")
    const token = text("PAYOUTS_TOKEN") ?? ""
    if (!tokenForm.test(token)) {
      return yield* invalid("PAYOUTS_TOKEN", "must have 16 or more characters, none of them a blank, in ASCII")
    }
    const keys = yield* KeyStoreConfig.make({
      keyId: text("PAYKKA_KEY_ID"),
      privateKey: text("PAYKKA_PRIVATE_KEY"),
      platformPublicKey: text("PAYKKA_PLATFORM_PUBLIC_KEY"),
      platformKeyId: text("PAYKKA_PLATFORM_KEY_ID"),
      nextPublicKey: text("PAYKKA_PLATFORM_PUBLIC_KEY_NEXT"),
      nextKeyId: text("PAYKKA_PLATFORM_KEY_ID_NEXT")
    })
    const overrides = yield* Effect.try({
      try: () => readOverrides(text("PAYKKA_OVERRIDES") ?? "{}"),
      catch: () => invalid("PAYKKA_OVERRIDES", "must be a JSON object of objects, by the ids of operations")
    })
    const client = {
      environment: { name, baseUrl },
      merchId: text("PAYKKA_MERCH_ID") ?? "",
      // Both are checked when the client is made.
      timeout: text("PAYKKA_TIMEOUT") as PaykkaClient.Options["timeout"],
      undocumentedPaths: text("PAYKKA_UNDOCUMENTED_PATHS") as PaykkaClient.Options["undocumentedPaths"],
      overrides
    }
    return { token, client, keys, settings: yield* Effect.fromResult(Settings.read(env)) }
  })
