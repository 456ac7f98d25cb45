/** `paykka doctor`: each thing that a call needs, looked at by itself. */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import { describe as describeReason, type PaykkaError } from "@paykka/core/PaykkaError"
import * as RequestId from "@paykka/core/RequestId"
import * as RetryPolicy from "@paykka/core/RetryPolicy"
import * as Environment from "@paykka/core/Environment"
import * as Va from "@paykka/schemas/Va"
import type * as KeyStore from "@paykka/signing/KeyStore"
import * as KeyStoreService from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Result from "effect/Result"
import { failed } from "./Failure.ts"
import { AsJson, isColoured, print } from "./output.ts"
import * as Settings from "./settings.ts"

/** A line of the report. */
interface Finding {
  readonly check: "configuration" | "signing key" | "platform key" | "reachability" | "clock" | "signed inquiry"
  readonly status: "ok" | "warning" | "failure"
  readonly detail: string
  readonly advice?: string
}

const finding =
  (status: Finding["status"]) =>
  (check: Finding["check"], detail: string, advice?: string): Finding => ({
    check,
    status,
    detail,
    ...(advice === undefined ? {} : { advice })
  })

const ok = finding("ok")
const warning = finding("warning")
const failure = finding("failure")

const configuration = (
  { profile, values }: Settings.Settings,
  options: PaykkaClient.Options
): ReadonlyArray<Finding> => {
  const { environment, merchId } = options
  const origin = Environment.origin(environment)
  if (Result.isFailure(origin)) return [failure("configuration", origin.failure.message, "correct PAYKKA_BASE_URL")]
  const from = profile === undefined ? "no profile" : `profile ${profile.name} of ${profile.file}`
  const merchant = merchId === undefined ? "no merchant number" : `merchant ${merchId}`
  const detail = `${environment.name}, ${origin.success}, ${merchant}; ${from}`
  if (merchId === undefined) {
    return [warning("configuration", detail, "set PAYKKA_MERCH_ID: nearly all operations send X-Merch-Id")]
  }
  const hidden = (profile?.given ?? []).filter(({ variable }) => {
    const source = values.get(variable)?.source
    return source === undefined || !source.startsWith("profile ")
  })
  return hidden.length === 0
    ? [ok("configuration", detail)]
    : [
        warning(
          "configuration",
          detail,
          `the environment or flags outrank the profile's ${hidden.map(({ variable }) => variable).join(", ")}`
        )
      ]
}

const keys = (keyStore: KeyStore.Service) =>
  Effect.gen(function* () {
    const signing = yield* Effect.result(keyStore.signingKey)
    const platform = yield* Effect.result(keyStore.platformKeys)
    const own = Result.isSuccess(signing)
      ? ok("signing key", `${signing.success.keyId}, ${signing.success.bits} bits, ${signing.success.fingerprint}`)
      : failure(
          "signing key",
          signing.failure.message,
          "set PAYKKA_KEY_ID, and PAYKKA_PRIVATE_KEY_FILE or PAYKKA_PRIVATE_KEY"
        )
    if (Result.isFailure(platform)) {
      const advice = "set PAYKKA_PLATFORM_PUBLIC_KEY_FILE before you receive notifications; calls need none"
      return [own, warning("platform key", platform.failure.message, advice)]
    }
    const listed = platform.success.map(({ bits, fingerprint }) => `${bits} bits, ${fingerprint}`).join("; ")
    return [own, ok("platform key", listed)]
  })

/** A key that cannot be used, as the message names its variable; also one's own key in place of the platform's. */
const unusable = (message: string): Finding =>
  failure(
    message.includes("PAYKKA_PLATFORM") ? "platform key" : "signing key",
    message,
    "paykka keys inspect says what a file is, paykka keys check-pair what belongs together"
  )

/** Differences that the call engine leaves alone. A `Date` tells whole seconds. */
const toleranceMillis = 30_000

const timeoutMillis = 10_000

/** Asks the host for anything. Every answer shows that it is reached, and its `Date` what time it is there. */
const reach = (origin: string): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.promise(async () => {
    const before = Date.now()
    try {
      const signal = AbortSignal.timeout(timeoutMillis)
      const response = await fetch(origin, { method: "HEAD", redirect: "manual", signal })
      const after = Date.now()
      const there = Date.parse(response.headers.get("date") ?? "")
      const reached = ok("reachability", `${origin} answers (HTTP ${response.status})`)
      if (Number.isNaN(there))
        return [reached, warning("clock", "the answer has no Date, so the clocks cannot be compared")]
      // Stamped between the two times here, and cut to whole seconds: the difference lies between these.
      const [least, most] = [there - after, there + 1000 - before]
      if (least <= 0 && most >= 0) return [reached, ok("clock", "the same as the platform's")]
      const certain = Math.min(Math.abs(least), Math.abs(most))
      const detail = `the platform's is at least ${Math.round(certain / 1000)} s ${least > 0 ? "ahead" : "behind"}`
      return [
        reached,
        certain > toleranceMillis
          ? failure("clock", detail, "set this machine's clock by NTP: a timestamp that is too far off is refused")
          : ok("clock", detail)
      ]
    } catch (cause) {
      const { cause: beneath, name } = cause as Error
      const code = (beneath as NodeJS.ErrnoException | undefined)?.code ?? name
      const advice = "look at PAYKKA_BASE_URL, the network, its firewall and proxy"
      return [failure("reachability", `${origin} gives no answer (${code})`, advice)]
    }
  })

const refused = (error: PaykkaError): Finding => {
  const { reason, httpStatus, retCode } = error
  const facts = [
    httpStatus === undefined ? [] : [`HTTP ${httpStatus}`],
    retCode === undefined ? [] : [`ret_code ${retCode}`]
  ].flat()
  const detail = [describeReason(reason), ...facts].join(", ")
  switch (reason._tag) {
    case "NotFound":
      return ok("signed inquiry", "the signature is accepted; nobody has applied with that number, as expected")
    case "Unauthorized":
      return failure(
        "signed inquiry",
        detail,
        "is the public key given to PayKKa the one above (paykka keys inspect)? is the key id the one that PayKKa gave for it, and the merchant number yours?"
      )
    case "RateLimited":
      return warning("signed inquiry", detail, "wait, and ask again")
    default:
      return failure("signed inquiry", detail, "see docs/errors.md of the SDK")
  }
}

/** `va.inquiry` for a number that nobody has: reads, and changes nothing. */
const inquire = (options: PaykkaClient.Options, keyStore: KeyStore.Service) =>
  Effect.gen(function* () {
    const client = yield* PaykkaClient.make({ ...options, undocumentedPaths: "allow" })
    const request_id = yield* RequestId.make
    const reply = yield* client.executeWithResponse(Va.inquiry, { request_id }, { retry: RetryPolicy.none })
    return ok("signed inquiry", `the signature is accepted (HTTP ${reply.httpStatus})`)
  }).pipe(
    Effect.provideServiceEffect(Signer.Signer, Signer.make),
    Effect.provideService(KeyStoreService.KeyStore, keyStore),
    Effect.provide(FetchHttpClient.layer),
    Effect.catchTags({
      PaykkaError: (error) => Effect.succeed(refused(error)),
      InvalidConfiguration: (error) => Effect.succeed(failure("configuration", error.message))
    })
  )

const examine = Effect.fnUntraced(function* (given: Settings.Flags) {
  const read = yield* Effect.result(Settings.read(given))
  if (Result.isFailure(read)) return [failure("configuration", read.failure.message, read.failure.hint)]
  const settings = read.success
  const client = yield* Effect.result(settings.client)
  const keyStore = yield* Effect.result(settings.keyStore)
  const findings: Array<Finding> = []
  findings.push(
    ...(Result.isSuccess(client)
      ? configuration(settings, client.success)
      : [failure("configuration", client.failure.message, "see docs/configuration.md of the SDK")])
  )
  findings.push(...(Result.isSuccess(keyStore) ? yield* keys(keyStore.success) : [unusable(keyStore.failure.message)]))
  if (Result.isFailure(client)) return findings
  const origin = Environment.origin(client.success.environment)
  if (Result.isFailure(origin)) return findings
  const reached = yield* reach(origin.success)
  findings.push(...reached)
  const isReached = reached.every(({ check, status }) => check !== "reachability" || status === "ok")
  const canSign =
    Result.isSuccess(keyStore) && !findings.some(({ check, status }) => check === "signing key" && status === "failure")
  if (isReached && canSign) findings.push(yield* inquire(client.success, keyStore.success))
  return findings
})

const colours = { ok: 32, warning: 33, failure: 31 }

const line = ({ check, status, detail, advice }: Finding): string => {
  const mark = status.padEnd(7)
  const shown = isColoured(process.stdout) ? `\u001B[${colours[status]}m${mark}\u001B[39m` : mark
  return [
    `${shown}  ${check.padEnd(14)}  ${detail}`,
    ...(advice === undefined ? [] : [`${" ".repeat(25)}-> ${advice}`])
  ].join("\n")
}

export const command = () =>
  Command.make(
    "doctor",
    Settings.flags(),
    Effect.fnUntraced(function* (given) {
      const findings = yield* examine(given)
      yield* print((yield* AsJson) ? JSON.stringify(findings) : findings.map(line).join("\n"))
      const failures = findings.filter(({ status }) => status === "failure").length
      if (failures > 0) return yield* failed(`${failures} of ${findings.length} checks failed`)
    })
  ).pipe(
    Command.withDescription(
      "Look at what a call needs: configuration, keys, reachability, the clock, and a harmless signed inquiry (va.inquiry for a number that nobody has)."
    ),
    Command.withShortDescription("Find what is wrong with a setup"),
    Command.withExamples([
      { command: "paykka doctor", description: "with the settings of the environment or the usual profile" },
      { command: "paykka doctor --json", description: "for a program" }
    ])
  )
