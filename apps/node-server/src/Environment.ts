/** What the service is told by environment variables. The README lists them. */
import { readFileSync } from "node:fs"
import * as Settings from "@paykka/payouts/Settings"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { LogLevel } from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"

/** Where payouts and notifications are kept. */
export type Database =
  | { readonly _tag: "Postgres"; readonly url: Redacted.Redacted }
  | { readonly _tag: "Sqlite"; readonly filename: string }

/** What the environment says. */
export interface Service {
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  readonly database: Database
  /** Of those who order payouts. */
  readonly token: Redacted.Redacted
  /** Of those who read metrics. */
  readonly metricsToken: Redacted.Redacted
  readonly merchId: string
  readonly logFormat: "json" | "pretty"
  readonly logLevel: LogLevel
  /** How long finishing may take when it is told to stop, in milliseconds. */
  readonly shutdownMillis: number
  /** How long a notification waits for an instance that had taken it and died. */
  readonly inboxLock: Duration.Duration
  readonly settings: Settings.Settings
}

/** What the environment says. See {@link Service}. */
export class Environment extends Context.Service<Environment, Service>()("@paykka/node-server/Environment") {}

const invalid = (variable: string, rule: string) => new Settings.InvalidSetting({ variable, rule })

const optional = <A>(config: Config.Config<A>) => Config.map(Config.option(config), Option.getOrUndefined)

/** A secret from a variable, or from the file that the variable with `_FILE` names. */
const secret = Effect.fnUntraced(function* (variable: string) {
  const given = yield* optional(Config.Redacted(variable))
  if (given !== undefined) return given
  const file = yield* optional(Config.String(`${variable}_FILE`))
  if (file === undefined) return undefined
  return yield* Effect.try({
    try: () => Redacted.make(readFileSync(file, "utf8").trim(), { label: variable }),
    catch: (cause) =>
      invalid(`${variable}_FILE`, `names a file that cannot be read (${(cause as NodeJS.ErrnoException).code})`)
  })
})

const tokenRule = "must have 16 or more characters, none of them a blank"

const checkToken = (variable: string, token: Redacted.Redacted) =>
  /^[\x21-\x7e]{16,}$/.test(Redacted.value(token))
    ? Effect.succeed(token)
    : Effect.fail(invalid(variable, `${tokenRule}, in ASCII`))

const database = Effect.gen(function* () {
  const url = yield* secret("DATABASE_URL")
  if (url === undefined) {
    const filename = yield* Config.String("PAYOUTS_SQLITE_FILE").pipe(Config.withDefault("payouts.db"))
    return { _tag: "Sqlite", filename } as const
  }
  return /^postgres(ql)?:\/\//.test(Redacted.value(url))
    ? ({ _tag: "Postgres", url } as const)
    : yield* invalid("DATABASE_URL", "must begin with postgres:// or postgresql://")
})

const Port = Schema.FiniteFromString.check(
  Schema.isInt({ message: "must be a whole number" }),
  Schema.isBetween({ minimum: 0, maximum: 65_535 }, { message: "must be from 0 to 65535" })
)

type Text = Extract<Duration.Input, string>

const duration = (variable: string, standard: Text, least: Text) =>
  Config.Duration(variable).pipe(
    Config.withDefault(Duration.fromInputUnsafe(standard)),
    Effect.filterOrFail(Duration.between({ minimum: Duration.fromInputUnsafe(least), maximum: Duration.days(1) }), () =>
      invalid(variable, `must be a duration from ${least} to 1 day, such as ${standard}`)
    )
  )

const plain = Config.all({
  host: Config.String("HOST").pipe(Config.withDefault("127.0.0.1")),
  port: Config.schema(Port, "PORT").pipe(Config.withDefault(8080)),
  merchId: optional(Config.String("PAYKKA_MERCH_ID")),
  logFormat: Config.Literals(["json", "pretty"], "PAYOUTS_LOG_FORMAT").pipe(Config.withDefault("json")),
  logLevel: Config.Literals(["Debug", "Info", "Warn", "Error"], "PAYOUTS_LOG_LEVEL").pipe(Config.withDefault("Info"))
})

const read = Effect.fnUntraced(function* (variables: Settings.Variables) {
  const { merchId, ...rest } = yield* plain
  const token = yield* secret("PAYOUTS_TOKEN")
  if (token === undefined) return yield* invalid("PAYOUTS_TOKEN", `is not set: it ${tokenRule}`)
  // Without one every call would be refused, and other merchants' notifications would be taken.
  if (merchId === undefined) return yield* invalid("PAYKKA_MERCH_ID", "is not set")
  const metricsToken = (yield* secret("PAYOUTS_METRICS_TOKEN")) ?? token
  return Environment.of({
    ...rest,
    merchId,
    database: yield* database,
    token: yield* checkToken("PAYOUTS_TOKEN", token),
    metricsToken: yield* checkToken("PAYOUTS_METRICS_TOKEN", metricsToken),
    shutdownMillis: Duration.toMillis(yield* duration("PAYOUTS_SHUTDOWN_TIME", "25 seconds", "1 millis")),
    // The times of the inbox's table are whole seconds.
    inboxLock: yield* duration("PAYOUTS_INBOX_LOCK_TIME", "1 minute", "2 seconds"),
    settings: yield* Effect.fromResult(Settings.read(variables))
  })
})

/** What is true of OpenTelemetry's variables where they are not set: it exports as soon as it is told where to. */
const standard = {
  OTEL_SERVICE_NAME: "payouts",
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_METRICS_EXPORTER: "otlp",
  OTEL_LOGS_EXPORTER: "otlp"
}

/** The environment of these variables, for everything that reads configuration. Fails with what names the variable at fault. */
export const layer = (
  variables: Settings.Variables
): Layer.Layer<Environment, Config.ConfigError | Settings.InvalidSetting> => {
  const given = Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => typeof entry[1] === "string")
  )
  const provider = ConfigProvider.fromEnv({ env: given }).pipe(
    ConfigProvider.orElse(ConfigProvider.fromEnv({ env: standard }))
  )
  return Layer.effect(Environment, read(variables)).pipe(Layer.provideMerge(ConfigProvider.layer(provider)))
}
