/** `npm start` as its users start it: a process of its own. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as SandboxNode from "@paykka/sandbox/node"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { merchId, merchant, options, second } from "./keys.ts"

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

type Env = Readonly<Record<string, string>>

// Whatever the one who runs the tests has set.
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PAYKKA_|NODE_OPTIONS$)/.test(name)))

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

const start = (args: ReadonlyArray<string>, env: Env = {}): Effect.Effect<Ended> =>
  Effect.promise(
    () =>
      new Promise<Ended>((resolve, reject) => {
        const child = spawn(process.execPath, [main, ...args], { env: { ...clean, ...env } })
        let [stdout, stderr] = ["", ""]
        child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
        child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
        child.on("error", reject)
        child.on("close", (code) => resolve({ code, stdout, stderr }))
      })
  )

type Step = Readonly<Record<string, unknown>>

/** The lines of `--json`: objects, each with the time since the start. */
const stepsOf = ({ stdout }: Ended): ReadonlyArray<Step> => {
  const steps = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Step)
  let before = 0
  for (const { at_millis } of steps) {
    assert.isAtLeast(at_millis as number, before)
    before = at_millis as number
  }
  return steps
}

/** Asserts that a text holds neither account numbers nor names of persons nor anything that may be part of a key. */
const assertDiscreet = ({ stdout, stderr }: Ended): void => {
  assert.notMatch(stdout + stderr, /SANDBOX[0-9]|Sample Person|SAMPLE0000|00000000\b(?!\d)|-----|[A-Za-z0-9+/]{40}/)
}

/** The story, step by step. */
const story = [
  "call file.upload",
  "call file.upload",
  "call file.upload",
  "call file.upload",
  "call onboarding.apply",
  "notification onboarding.notification verified",
  "call assessment.apply",
  "notification assessment.notification verified",
  "notification assessment.notification verified",
  "call va.apply",
  "notification va.notification verified",
  "call va.inquiry",
  "money",
  "notification remittance.notification verified",
  "call order.create",
  "call tradesettle.apply",
  "notification tradesettle.notification verified",
  "call balance.inquiry",
  "call forex.preorder",
  "call forex.confirm",
  "notification forex.notification verified",
  "call payee.create",
  "notification payee.notification verified",
  "call payment.apply",
  "notification payment.notification verified"
]

const nameOf = ({ step, operation, kind, verdict }: Step): string =>
  [step, operation ?? kind, verdict].flatMap((part) => (typeof part === "string" ? [part] : [])).join(" ")

describe("the walkthrough", () => {
  it.live("tells the story as JSON lines", () =>
    Effect.gen(function* () {
      const ended = yield* start(["--json"])
      assert.strictEqual(ended.code, 0, ended.stdout + ended.stderr)
      assertDiscreet(ended)
      const [begin, ...steps] = stepsOf(ended)
      assert.match(String(begin!["sandbox"]), /^http:\/\/127\.0\.0\.1:[0-9]+$/)
      assert.match(String(begin!["webhook"]), /^http:\/\/127\.0\.0\.1:[0-9]+$/)
      const names = steps.map(nameOf)
      assert.deepStrictEqual(names.slice(0, story.length), story)
      // How often the payment is asked for depends on how fast it is decided.
      const ending = names.slice(story.length).filter((name) => name !== "call payment.inquiry")
      assert.deepStrictEqual(ending, [
        "call balance.inquiry",
        "notification payment.notification refused",
        "log",
        "summary"
      ])
      const calls = steps.filter(({ step }) => step === "call")
      for (const call of calls) assert.deepInclude(call, { http_status: 200, attempts: 1 })
      // Descriptors of the contract: order.create is documented throughout, nothing is known of va.apply's answer.
      const knownOf = (operation: string) => calls.find((call) => call["operation"] === operation)!["known"]
      assert.deepStrictEqual(["order.create", "onboarding.apply", "va.apply"].map(knownOf), [
        "documented",
        "third-party",
        "unknown"
      ])
      const balances = calls.filter(({ operation }) => operation === "balance.inquiry").map(({ what }) => what)
      assert.deepStrictEqual(balances, ["available: EUR 12000", "available: EUR 7000.00, USD 1298.00"])
      const verified = steps.filter(({ verdict }) => verdict === "verified")
      for (const notification of verified) {
        assert.deepInclude(notification, { http_status: 200, key_id: "platform-key-1" })
      }
      const [refused, log, summary] = steps.slice(-3)
      assert.strictEqual(refused!["http_status"], 401)
      assert.strictEqual(log!["of"], "merchant")
      assert.include(String(log!["message"]), "the signature does not match")
      assert.deepInclude(summary, { calls: calls.length, verified: 9, refused: 1 })
    })
  )

  it.live("tells chosen parts only, and does first what they need", () =>
    Effect.gen(function* () {
      const ended = yield* start(["--json", "--only", "va,balance"])
      assert.strictEqual(ended.code, 0, ended.stdout + ended.stderr)
      const steps = stepsOf(ended)
      assert.deepStrictEqual(steps.filter(({ step }) => step === "call" || step === "notification").map(nameOf), [
        "call va.apply",
        "notification va.notification verified",
        "call va.inquiry",
        "call balance.inquiry",
        "notification tradesettle.notification refused"
      ])
      assert.strictEqual(
        steps.find(({ operation }) => operation === "balance.inquiry")!["what"],
        "available: EUR 12000"
      )
    })
  )

  it.live("tells it to people, on one screen", () =>
    Effect.gen(function* () {
      const ended = yield* start([])
      assert.strictEqual(ended.code, 0, ended.stdout + ended.stderr)
      assertDiscreet(ended)
      const lines = ended.stdout.split("\n")
      const parts = [
        /^A merchant's story/,
        /call +file\.upload +200 +inferred +br\.pdf/,
        /notice +onboarding\.notification +200 +inferred +verified: status APPROVED/,
        /notice +assessment\.notification +200 +third-party +verified: status PASS, risk LOW/,
        /notice +va\.notification +200 +documented +verified: status ENABLED/,
        /money +a buyer abroad sends 12000 EUR/,
        /call +order\.create +200 +documented/,
        /notice +tradesettle\.notification +200/,
        /call +forex\.confirm +200/,
        /notice +payment\.notification +200 +inferred +verified/,
        /call +balance\.inquiry +200 +unknown +available: EUR 7000\.00, USD 1298\.00/,
        /forgery +payment\.notification +401 +inferred +refused/,
        /log +merchant's +PayKKa notification refused/,
        /^\d+ signed calls answered, 9 notifications verified and acknowledged, 1 tampered copy refused/
      ]
      const places = parts.map((part) => lines.findIndex((line) => part.test(line)))
      assert.notInclude(places, -1)
      assert.deepStrictEqual(
        places,
        places.toSorted((a, b) => a - b)
      )
      assert.isAtMost(lines.length, 50)
      // Some digits more than the 126 columns that it is made for: a slow machine needs them for its milliseconds.
      for (const line of lines) assert.isAtMost(line.length, 130, line)
    })
  )

  it.live("a wrong argument is told with the usage", () =>
    Effect.gen(function* () {
      const { code, stdout, stderr } = yield* start(["--json", "--foo"])
      assert.strictEqual(code, 2)
      assert.strictEqual(stdout, "")
      assert.match(
        stderr,
        /^[^\n]*--foo[^\n]*\nUsage: npm start \[-- --json\] \[-- --only PART,\.\.\.\] \[-- --request-id ID\]\n/
      )
    })
  )
})

const platform = Effect.map(
  Layer.build(
    SandboxNode.layerServer().pipe(
      Layer.provideMerge(Sandbox.layer(options)),
      Layer.provide(Logger.layer([])),
      Layer.orDie
    )
  ),
  (context) => ({
    ...Context.get(context, SandboxNode.SandboxServer),
    service: Context.get(context, Sandbox.Sandbox)
  })
)

const settings = (baseUrl: string): Env => ({
  PAYKKA_ENVIRONMENT: "local",
  PAYKKA_BASE_URL: baseUrl,
  PAYKKA_MERCH_ID: merchId,
  PAYKKA_KEY_ID: merchant.key_id
})

// As a variable holds it: in one line.
const inOneLine = (pem: string): string => pem.replaceAll("\n", "\\n")

// Below the ports that systems hand out: nobody ever listens there.
const nobody = "http://127.0.0.1:2"

describe("with PAYKKA_* variables set, an inquiry against that host", () => {
  it.live("is a success when nobody has applied: the signature was accepted", () =>
    Effect.gen(function* () {
      const { baseUrl, service } = yield* platform
      const ended = yield* start([], {
        ...settings(baseUrl),
        PAYKKA_PRIVATE_KEY: inOneLine(merchant.private_pkcs8_pem)
      })
      assert.strictEqual(ended.code, 0, ended.stdout + ended.stderr)
      assertDiscreet(ended)
      assert.include(ended.stdout, `va.inquiry to ${baseUrl}, as merchant ${merchId}, request_id `)
      assert.include(ended.stdout, "the signature was accepted")
      const log = yield* service.log
      assert.deepStrictEqual(
        log.map((entry) => (entry.kind === "request" ? [entry.operation, entry.status, entry.retCode] : [])),
        [["va.inquiry", 404, "010002"]]
      )
    })
  )

  it.live("fails with a wrong key, and says what to check", () =>
    Effect.gen(function* () {
      const { baseUrl, service } = yield* platform
      const ended = yield* start([], {
        ...settings(baseUrl),
        PAYKKA_PRIVATE_KEY: inOneLine(second.private_pkcs8_pem)
      })
      assert.strictEqual(ended.code, 1)
      assertDiscreet(ended)
      assert.match(ended.stderr, /^FAILED: .*check key_id, key pair, merchant number, path and clock/)
      assert.notInclude(ended.stdout, "accepted")
      const [entry, ...others] = yield* service.log
      assert.deepStrictEqual(others, [])
      assert.include(entry?.kind === "request" ? entry.explanation : "", "WrongKey")
    })
  )

  it.live("fails where nobody listens, as a JSON line too", () =>
    Effect.gen(function* () {
      const env = { ...settings(nobody), PAYKKA_PRIVATE_KEY: inOneLine(merchant.private_pkcs8_pem) }
      const ended = yield* start(["--json"], env)
      assert.strictEqual(ended.code, 1)
      assertDiscreet(ended)
      const steps = stepsOf(ended)
      assert.deepStrictEqual(
        steps.map(({ step }) => step),
        ["asking", "error"]
      )
      assert.strictEqual(steps[0]!["base_url"], nobody)
      assert.include(String(steps[1]!["message"]), "connection refused")
    })
  )
})
