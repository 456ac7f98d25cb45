/** Where the settings of a call come from: flags, before variables of the environment, before a profile. */
import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import type * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as SigningNode from "@paykka/signing/node"
import * as KeyMaterial from "@paykka/signing/KeyMaterial"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Flag from "effect/cli/Flag"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { type Failure, usage } from "./Failure.ts"
import * as Profile from "./profile.ts"
import { readInput } from "./readInput.ts"

const flag = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

/** The flags of every command that calls PayKKa. */
export const flags = () => ({
  profile: flag(
    "profile",
    "NAME",
    "Profile of the configuration file (PAYKKA_PROFILE); default: the one it calls default"
  ),
  config: flag(
    "config",
    "FILE",
    "Configuration file; default: paykka.json here, then $XDG_CONFIG_HOME/paykka/config.json"
  ),
  environment: Flag.Literals("environment", ["sandbox", "production", "local"]).pipe(
    Flag.withDescription("PAYKKA_ENVIRONMENT"),
    Flag.optional
  ),
  baseUrl: flag("base-url", "URL", "PAYKKA_BASE_URL: scheme and host"),
  merchId: flag("merch-id", "NUMBER", "PAYKKA_MERCH_ID: the merchant number"),
  keyId: flag("key-id", "ID", "PAYKKA_KEY_ID: id of your key"),
  privateKeyFile: flag("private-key-file", "FILE", "PAYKKA_PRIVATE_KEY_FILE: your private key")
})

/** What was given with the flags. */
export interface Flags {
  readonly profile: Option.Option<string>
  readonly config: Option.Option<string>
  readonly environment: Option.Option<string>
  readonly baseUrl: Option.Option<string>
  readonly merchId: Option.Option<string>
  readonly keyId: Option.Option<string>
  readonly privateKeyFile: Option.Option<string>
}

/** The flags of a command that signs or receives notifications. */
export const profileFlags = () => {
  const { profile, config, merchId } = flags()
  return { profile, config, merchId }
}

/** Those flags, as if the others were not given. */
export const ofProfile = (given: Pick<Flags, "profile" | "config" | "merchId">): Flags => ({
  profile: given.profile,
  config: given.config,
  merchId: given.merchId,
  environment: Option.none(),
  baseUrl: Option.none(),
  keyId: Option.none(),
  privateKeyFile: Option.none()
})

/** The settings in force, under the names of their variables. */
export interface Settings {
  readonly profile: Profile.Profile | undefined
  readonly values: ReadonlyMap<string, { readonly value: string; readonly source: string }>
  /** Client options. */
  readonly client: Effect.Effect<PaykkaClient.Options, Failure>
  /** The keys. */
  readonly keyStore: Effect.Effect<KeyStore.Service, Failure>
  /** The public half of one's own key; undefined where none is set. */
  readonly ownKey: Effect.Effect<KeyStore.VerificationKey | undefined, Failure>
}

// A key that is given in one form hides what a weaker source gives in the other.
const nameOf = (variable: string): string => variable.replace(/_FILE$/, "")

const ownKey = (values: Settings["values"]): Settings["ownKey"] =>
  Effect.gen(function* () {
    const file = values.get("PAYKKA_PRIVATE_KEY_FILE")?.value
    const text = file === undefined ? values.get("PAYKKA_PRIVATE_KEY")?.value : yield* readInput(file)
    if (text === undefined) return undefined
    const input = typeof text === "string" ? Redacted.make(text) : Redacted.make(text)
    const key = yield* Effect.mapError(KeyMaterial.publicHalf(input), ({ message }) =>
      usage(`${file ?? "PAYKKA_PRIVATE_KEY"}: ${message}`, "see paykka doctor")
    )
    return { ...key, keyId: values.get("PAYKKA_KEY_ID")?.value }
  })

/** Reads the settings. Programs that a profile names for keys are run. */
export const read = Effect.fnUntraced(function* (given: Flags): Effect.fn.Return<Settings, Failure> {
  const values = new Map<string, { readonly value: string; readonly source: string }>()
  const isSet = (variable: string) => [...values.keys()].some((other) => nameOf(other) === nameOf(variable))
  // A host belongs to the environment that it was given with: a production host called as the sandbox would be written to without a question.
  const isOpen = (variable: string) =>
    !isSet(variable) && !(variable === "PAYKKA_BASE_URL" && isSet("PAYKKA_ENVIRONMENT"))
  const set = (entries: ReadonlyArray<readonly [variable: string, value: string | undefined]>, source: string) => {
    const news = entries.filter(([variable, value]) => value !== undefined && value !== "" && isOpen(variable))
    for (const [variable, value] of news) values.set(variable, { value: value!, source })
  }
  set(
    [
      ["PAYKKA_ENVIRONMENT", Option.getOrUndefined(given.environment)],
      ["PAYKKA_BASE_URL", Option.getOrUndefined(given.baseUrl)],
      ["PAYKKA_MERCH_ID", Option.getOrUndefined(given.merchId)],
      ["PAYKKA_KEY_ID", Option.getOrUndefined(given.keyId)],
      ["PAYKKA_PRIVATE_KEY_FILE", Option.getOrUndefined(given.privateKeyFile)]
    ],
    "flag"
  )
  set(
    Object.entries(process.env).filter(([name]) => name.startsWith("PAYKKA_")),
    "environment"
  )
  const wanted = Option.getOrUndefined(given.profile) ?? (process.env["PAYKKA_PROFILE"] || undefined)
  const profile = yield* Profile.load(Option.getOrUndefined(given.config), wanted)
  if (profile !== undefined) {
    // What is outranked is not even read: a program would run for it.
    const open = profile.given.filter(({ variable }) => isOpen(variable))
    const entries = yield* Effect.forEach(open, ({ variable, value }) =>
      Effect.map(value, (text) => [variable, text] as const)
    )
    set(entries, `profile ${profile.name} of ${profile.file}`)
  }
  const env = Object.fromEntries([...values].map(([variable, { value }]) => [variable, value]))
  const provider = ConfigProvider.fromEnv({ env })
  /** An error that names a variable also says where its value comes from. */
  const orUsage = <A, E extends { readonly message: string }>(effect: Effect.Effect<A, E>) =>
    effect.pipe(
      Effect.provideService(ConfigProvider.ConfigProvider, provider),
      Effect.mapError(({ message }) => {
        const [variable = ""] = /PAYKKA_[A-Z_]+/.exec(message) ?? []
        const source = values.get(variable)?.source ?? values.get(`${variable}_FILE`)?.source
        const from = source === undefined || source === "environment" ? "" : ` (${source})`
        return usage(message.replaceAll(/\s+/g, " ") + from, "see paykka doctor")
      })
    )
  return {
    profile,
    values,
    client: orUsage(PaykkaConfig.options),
    keyStore: orUsage(
      Effect.scoped(
        Effect.map(Layer.build(SigningNode.layerConfig), (context) => Context.get(context, KeyStore.KeyStore))
      )
    ),
    ownKey: ownKey(values)
  }
})
