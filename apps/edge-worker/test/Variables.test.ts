/** What variables must be, and what is said where they are not. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Workerd from "../local/Workerd.ts"
import * as App from "../src/App.ts"
import * as Env from "../src/Env.ts"
import { bindings } from "./bindings.ts"

const refusal = (changed: Readonly<Record<string, unknown>>) =>
  Effect.map(Effect.flip(App.make({ ...bindings, ...changed })), ({ message }) => message)

describe("variables", () => {
  it.effect("are enough", () => App.make(bindings))

  it.effect.each([
    "PAYOUTS_TOKEN",
    "PAYKKA_BASE_URL",
    "PAYKKA_MERCH_ID",
    "PAYKKA_KEY_ID",
    "PAYKKA_PRIVATE_KEY",
    "PAYKKA_PLATFORM_PUBLIC_KEY",
    "PAYOUT",
    "REPLAY_GUARD",
    "DEAD_LETTERS",
    "INBOX"
  ])("are named when missing or empty: %s", (name) =>
    Effect.gen(function* () {
      for (const value of [undefined, ""]) {
        assert.strictEqual(yield* refusal({ [name]: value }), `${name} must be set`)
      }
    })
  )

  it.effect("are all named that are missing", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* refusal({ INBOX: undefined, PAYKKA_KEY_ID: "" }), "PAYKKA_KEY_ID, INBOX must be set")
    })
  )

  const secret = "s3cr3t"
  const publicKey = bindings.PAYKKA_PLATFORM_PUBLIC_KEY

  const unusable: ReadonlyArray<readonly [name: string, value: string]> = [
    ["PAYOUTS_TOKEN", secret],
    ["PAYKKA_ENVIRONMENT", secret],
    ["PAYKKA_BASE_URL", `http://${secret}.example`],
    ["PAYKKA_MERCH_ID", `${secret} and more`],
    ["PAYKKA_KEY_ID", `${secret} key`],
    ["PAYKKA_PRIVATE_KEY", secret],
    ["PAYKKA_PRIVATE_KEY", publicKey],
    ["PAYKKA_PLATFORM_PUBLIC_KEY", secret],
    ["PAYKKA_PLATFORM_PUBLIC_KEY", bindings.PAYKKA_PRIVATE_KEY],
    ["PAYKKA_PLATFORM_KEY_ID", `${secret} key`],
    ["PAYKKA_PLATFORM_PUBLIC_KEY_NEXT", secret],
    ["PAYKKA_TIMEOUT", secret],
    ["PAYKKA_UNDOCUMENTED_PATHS", secret],
    ["PAYKKA_OVERRIDES", secret],
    ["PAYKKA_OVERRIDES", `{"va.apply":{"path":"${secret}"}}`],
    ["PAYKKA_OVERRIDES", `["${secret}"]`],
    ["PAYKKA_OVERRIDES", "null"],
    ["PAYKKA_OVERRIDES", `{"${secret}":null}`],
    ["PAYOUTS_SEND_TIME", secret],
    ["PAYOUTS_LONGEST_PAUSE", "-1 second"]
  ]

  it.effect.each(unusable)("are named when they cannot be used, without what they are: %s", ([name, value]) =>
    Effect.gen(function* () {
      const message = yield* refusal({ [name]: value })
      assert.isTrue(message.startsWith(name), message)
      assert.notInclude(message, secret)
      for (const line of value.split("\n").filter((part) => part.length > 40)) assert.notInclude(message, line)
    })
  )

  it.effect("say the same of the queues as the wrangler configuration", () =>
    Effect.sync(() => {
      const [inbox, dead] = Workerd.config.queues.consumers
      assert.deepStrictEqual(
        [inbox?.max_retries, inbox?.dead_letter_queue, dead?.queue],
        [Env.maxRetries, Env.deadLetterQueue, Env.deadLetterQueue]
      )
    })
  )
})
