import * as Va from "@paykka/schemas/Va"
import { assert, describe, it } from "@effect/vitest"
import type { ConfigError } from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import type { InvalidConfiguration } from "../src/Environment.ts"
import * as PaykkaClient from "../src/PaykkaClient.ts"
import * as PaykkaConfig from "../src/PaykkaConfig.ts"
import { merchId, read, reasonOf } from "./support/client.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { signer } from "./support/keys.ts"
import * as TestPlatform from "./support/TestPlatform.ts"

type Variables = Readonly<Record<string, string>>

const from = (variables: Variables) => ConfigProvider.layer(ConfigProvider.fromEnvRecord(variables))

const options = (variables: Variables) => Effect.provide(PaykkaConfig.options, from(variables))

const client = (variables: Variables) =>
  Effect.provide(
    PaykkaClient.PaykkaClient,
    PaykkaConfig.layer.pipe(Layer.provide([signer, FetchHttpClient.layer, from(variables)]))
  )

const refusal = (variables: Variables): Effect.Effect<ConfigError | InvalidConfiguration, PaykkaClient.Service> =>
  Effect.flip(client(variables))

describe("PaykkaConfig", () => {
  it.effect("without variables is the sandbox", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* options({}), {
        environment: { name: "sandbox", baseUrl: "https://open-fat.cb.paykka.com" },
        merchId: undefined,
        timeout: undefined,
        undocumentedPaths: undefined,
        overrides: undefined
      })
      yield* client({})
    })
  )

  it.effect("reads every variable", () =>
    Effect.gen(function* () {
      const settings = yield* options({
        PAYKKA_ENVIRONMENT: "production",
        PAYKKA_BASE_URL: "https://host.example",
        PAYKKA_MERCH_ID: merchId,
        PAYKKA_TIMEOUT: "90 seconds",
        PAYKKA_UNDOCUMENTED_PATHS: "refuse",
        PAYKKA_OVERRIDES:
          '{"va.apply":{"path":"/v3/va","merchantHeader":"optional"},"file.upload":{"metaPart":"data","metaPartType":"application/json","filePart":"document"}}'
      })
      assert.deepStrictEqual(settings.environment, { name: "production", baseUrl: "https://host.example" })
      assert.strictEqual(settings.merchId, merchId)
      assert.strictEqual(Duration.toMillis(Duration.fromInputUnsafe(settings.timeout ?? 0)), 90_000)
      assert.strictEqual(settings.undocumentedPaths, "refuse")
      assert.deepStrictEqual(settings.overrides, {
        "va.apply": { path: "/v3/va", merchantHeader: "optional" },
        "file.upload": { metaPart: "data", metaPartType: "application/json", filePart: "document" }
      })
    })
  )

  it.effect("knows all environments, and the sandbox at another place", () =>
    Effect.gen(function* () {
      const at = (name: string) =>
        Effect.map(
          options({ PAYKKA_ENVIRONMENT: name, PAYKKA_BASE_URL: "https://host.example" }),
          ({ environment }) => environment
        )
      for (const name of ["sandbox", "production", "local"]) {
        assert.deepStrictEqual(yield* at(name), { name, baseUrl: "https://host.example" } as never)
      }
    })
  )

  it.effect("makes a client that calls", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      platform.answer({}, "stall")
      const service = yield* client({
        PAYKKA_ENVIRONMENT: "local",
        PAYKKA_BASE_URL: platform.baseUrl,
        PAYKKA_MERCH_ID: "M7",
        PAYKKA_TIMEOUT: "7 seconds",
        PAYKKA_OVERRIDES: '{"va.inquiry":{"path":"/v3/va"},"va.apply":{"merchantHeader":"forbidden"}}'
      })
      yield* service.execute(Va.apply, {})
      const fiber = yield* Effect.forkChild(Effect.flip(read(service, { retry: RetryPolicy.none })))
      yield* platform.arrival(2)
      yield* TestClock.adjust("7 seconds")
      assert.include(reasonOf(yield* Fiber.join(fiber), "Unreachable").detail, " 7 s")
      assert.deepStrictEqual(platform.refused, [])
      assert.deepStrictEqual(
        platform.received.map(({ target, headers }) => [target, headers["x-merch-id"]]),
        [
          [Va.apply.path, undefined],
          ["/v3/va", "M7"]
        ]
      )
    })
  )

  it.effect("refuses calls to undocumented paths when told so", () =>
    Effect.gen(function* () {
      const platform = yield* TestPlatform.make
      const service = yield* client({
        PAYKKA_ENVIRONMENT: "local",
        PAYKKA_BASE_URL: platform.baseUrl,
        PAYKKA_MERCH_ID: "M7",
        PAYKKA_UNDOCUMENTED_PATHS: "refuse"
      })
      const error = yield* Effect.flip(service.execute(Va.apply, {}))
      assert.include(error.message, 'overrides["va.apply"].path')
      assert.strictEqual(platform.received.length, 0)
      yield* read(service)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect.each([
    [{ PAYKKA_ENVIRONMENT: "prod" }, "ConfigError", ["PAYKKA_ENVIRONMENT", '"sandbox" | "production" | "local"']],
    [
      { PAYKKA_ENVIRONMENT: "production" },
      "InvalidConfiguration",
      ["PAYKKA_BASE_URL", "PAYKKA_ENVIRONMENT is production"]
    ],
    [{ PAYKKA_ENVIRONMENT: "local" }, "InvalidConfiguration", ["PAYKKA_BASE_URL", "PAYKKA_ENVIRONMENT is local"]],
    [{ PAYKKA_BASE_URL: "http://example.com" }, "InvalidConfiguration", ["baseUrl", "must start with https://"]],
    [{ PAYKKA_BASE_URL: "https://u:p@host.example" }, "InvalidConfiguration", ["baseUrl", "credentials"]],
    [{ PAYKKA_MERCH_ID: "M".repeat(21) }, "InvalidConfiguration", ["merchId", "1 to 20"]],
    [{ PAYKKA_TIMEOUT: "soon" }, "ConfigError", ["PAYKKA_TIMEOUT", "Duration"]],
    [{ PAYKKA_TIMEOUT: "-1 second" }, "InvalidConfiguration", ["timeout", "longer than zero"]],
    [{ PAYKKA_UNDOCUMENTED_PATHS: "no" }, "ConfigError", ["PAYKKA_UNDOCUMENTED_PATHS", '"warn" | "allow" | "refuse"']],
    [{ PAYKKA_OVERRIDES: "{" }, "ConfigError", ["PAYKKA_OVERRIDES", "JSON"]],
    [{ PAYKKA_OVERRIDES: "[]" }, "ConfigError", ["PAYKKA_OVERRIDES"]],
    [{ PAYKKA_OVERRIDES: '{"va.apply":{"path":1}}' }, "ConfigError", ["PAYKKA_OVERRIDES", "va.apply", "path"]],
    [
      { PAYKKA_OVERRIDES: '{"va.apply":{"path":"x"}}' },
      "InvalidConfiguration",
      ['overrides["va.apply"].path', "must start with /"]
    ],
    [
      { PAYKKA_OVERRIDES: '{"va.apply":{"paht":"/x"}}' },
      "InvalidConfiguration",
      ['overrides["va.apply"].paht', "is none of"]
    ],
    [
      { PAYKKA_OVERRIDES: '{"file.upload":{"metaPart":"a b"}}' },
      "InvalidConfiguration",
      ['overrides["file.upload"].metaPart', "1 to 64"]
    ],
    [
      { PAYKKA_OVERRIDES: '{"va.apply":{"merchantHeader":"never"}}' },
      "InvalidConfiguration",
      ['overrides["va.apply"].merchantHeader', "required, optional, forbidden"]
    ]
  ] as ReadonlyArray<readonly [Variables, string, ReadonlyArray<string>]>)(
    "says what is wrong with %j",
    ([variables, tag, says]) =>
      Effect.gen(function* () {
        const error = yield* refusal(variables)
        assert.strictEqual(error._tag, tag)
        for (const each of says) assert.include(error.message, each)
      })
  )

  it.effect("takes an empty variable for none", () =>
    Effect.gen(function* () {
      const empty = {
        PAYKKA_ENVIRONMENT: "",
        PAYKKA_BASE_URL: "",
        PAYKKA_MERCH_ID: "",
        PAYKKA_TIMEOUT: "",
        PAYKKA_UNDOCUMENTED_PATHS: ""
      }
      assert.deepStrictEqual(yield* options(empty), yield* options({}))
    })
  )
})
