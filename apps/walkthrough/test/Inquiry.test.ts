import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as SandboxNode from "@paykka/sandbox/node"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import * as Inquiry from "../src/Inquiry.ts"
import type { Step } from "../src/Timeline.ts"
import { merchId, merchant, options } from "./keys.ts"
import { connect } from "./merchant.ts"

type Env = Readonly<Record<string, string>>

/** Runs the inquiry with these variables and nothing else of the environment. */
const run = (env: Env, requestId?: string) =>
  Effect.gen(function* () {
    const steps: Array<Step> = []
    const result = yield* Inquiry.run((step) => void steps.push(step), requestId).pipe(
      Effect.result,
      Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)))
    )
    return { steps, result }
  }).pipe(Effect.provide(Logger.layer([])))

const messageOf = (result: Result.Result<void, Error>): string =>
  Result.isFailure(result) ? result.failure.message : "no failure"

// Below the ports that systems hand out: nobody ever listens there.
const nobody = "http://127.0.0.1:2"

const settings = (baseUrl: string): Env => ({
  PAYKKA_ENVIRONMENT: "local",
  PAYKKA_BASE_URL: baseUrl,
  PAYKKA_MERCH_ID: merchId,
  PAYKKA_KEY_ID: merchant.key_id
})

const key = { PAYKKA_PRIVATE_KEY: merchant.private_pkcs8_pem }

const keyFile = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "paykka-walkthrough-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  ),
  (folder) => {
    const file = join(folder, "merchant.pem")
    writeFileSync(file, merchant.private_pkcs8_pem)
    return file
  }
)

/** A sandbox on a port, with an application that is open. */
const platform = Effect.gen(function* () {
  const context = yield* Layer.build(
    SandboxNode.layerServer().pipe(
      Layer.provideMerge(Sandbox.layer({ ...options, decidesAfter: 0 })),
      Layer.provide(Logger.layer([])),
      Layer.orDie
    )
  )
  const { baseUrl } = Context.get(context, SandboxNode.SandboxServer)
  const { va } = yield* connect({ baseUrl, transport: FetchHttpClient.layer })
  yield* va.apply({ request_id: "R-1", currencies: ["EUR"] })
  const { answer } = yield* va.awaitOutcome("R-1", { poll: { interval: "10 millis" } })
  return { baseUrl, accountNo: answer.account_no! }
})

describe("the inquiry", () => {
  it.live("tells the status of an application, with the key from a file, and not the account", () =>
    Effect.gen(function* () {
      const { baseUrl, accountNo } = yield* platform
      const { steps, result } = yield* run({ ...settings(baseUrl), PAYKKA_PRIVATE_KEY_FILE: yield* keyFile }, "R-1")
      assert.isTrue(Result.isSuccess(result), messageOf(result))
      const [asking, inquiry, ...others] = steps
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual(asking, { step: "asking", base_url: baseUrl, merch_id: merchId, request_id: "R-1" })
      assert.deepInclude(inquiry, { step: "inquiry", base_url: baseUrl })
      assert.include(inquiry?.step === "inquiry" ? inquiry.outcome : "", "status ENABLED")
      assert.notInclude(JSON.stringify(steps), accountNo)
    })
  )

  it.live("takes an application that nobody made for a success: the signature was accepted", () =>
    Effect.gen(function* () {
      const { baseUrl } = yield* platform
      const { steps, result } = yield* run({ ...settings(baseUrl), ...key })
      assert.isTrue(Result.isSuccess(result), messageOf(result))
      assert.include(JSON.stringify(steps.at(-1)), "the signature was accepted")
    })
  )

  it.live.each<{ readonly what: string; readonly env: Env; readonly says: ReadonlyArray<string> }>([
    { what: "no host", env: { PAYKKA_ENVIRONMENT: "local" }, says: ["PAYKKA_BASE_URL"] },
    { what: "an unknown kind of host", env: { PAYKKA_ENVIRONMENT: "test" }, says: ["PAYKKA_ENVIRONMENT", "sandbox"] },
    {
      what: "plain http to a host that is not this one",
      env: { ...settings("http://merchant.test"), ...key },
      says: ["https://"]
    },
    {
      what: "no key",
      env: { PAYKKA_ENVIRONMENT: "local", PAYKKA_BASE_URL: nobody, PAYKKA_MERCH_ID: merchId },
      says: ["PAYKKA_KEY_ID", "PAYKKA_PRIVATE_KEY", "PAYKKA_PRIVATE_KEY_FILE"]
    },
    { what: "a key_id without key", env: settings(nobody), says: ["PAYKKA_PRIVATE_KEY"] },
    {
      what: "a key file that is not there",
      env: { ...settings(nobody), PAYKKA_PRIVATE_KEY_FILE: "/nowhere/merchant.pem" },
      says: ["PAYKKA_PRIVATE_KEY_FILE", "/nowhere/merchant.pem", "ENOENT"]
    },
    {
      what: "a damaged key",
      env: { ...settings(nobody), PAYKKA_PRIVATE_KEY: merchant.private_pkcs8_pem.slice(0, -200) },
      says: ["PAYKKA_PRIVATE_KEY", "an incomplete PEM block"]
    },
    {
      what: "no merchant number",
      env: { ...key, PAYKKA_KEY_ID: "K", PAYKKA_ENVIRONMENT: "local", PAYKKA_BASE_URL: nobody },
      says: ["PAYKKA_MERCH_ID"]
    }
  ])("fails with $what, and says so", ({ env, says }) =>
    Effect.gen(function* () {
      const { result } = yield* run(env)
      assert.isTrue(Result.isFailure(result))
      for (const part of says) assert.include(messageOf(result), part)
      assert.notMatch(messageOf(result), /[A-Za-z0-9+/]{40}/)
    })
  )
})
