/** The retry matrix on real sockets: each failure with each kind of operation. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import { PaykkaError } from "@paykka/core/PaykkaError"
import type * as Faults from "@paykka/sandbox/Faults"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as SandboxNode from "@paykka/sandbox/node"
import * as Authorization from "@paykka/signing/Authorization"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Undici from "undici"
import * as Simulated from "../clock.ts"
import { merchId, sandboxKeys, signer } from "../keys.ts"
import { isUpToDate } from "../matrix/document.ts"
import { type Cause, type Failure, failures } from "../matrix/failures.ts"
import { type Kind, kinds } from "../matrix/kinds.ts"
import * as SilentListener from "../matrix/silentListener.ts"

// That of the server, whose `Date` is compared.
const startMillis = Date.now()

/** A certificate that nobody trusts. */
const makeCertificate = () => {
  const folder = mkdtempSync(join(tmpdir(), "paykka-calls-"))
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")]
  const options = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
  execFileSync("openssl", ["req", "-x509", ...options, "-keyout", key, "-out", cert], { stdio: "ignore" })
  const tls = { key: readFileSync(key), cert: readFileSync(cert) }
  rmSync(folder, { recursive: true })
  return tls
}

/** A request as it was handed to fetch. */
interface Tried {
  readonly body: string
  readonly authorization: Authorization.Authorization
}

const readRequest = (init: RequestInit | undefined): Tried => ({
  body: new TextDecoder().decode(init?.body as Uint8Array),
  authorization: Result.getOrThrow(Authorization.decode(new Headers(init?.headers).get("authorization") ?? ""))
})

/** undici's own limit for a connection is ten seconds, and this one in fact a second. */
const impatient = new Undici.Agent({ connect: { timeout: 100 } })

/** What a failure with an operation comes to. */
const tryOut = (failure: Failure, kind: Kind) =>
  Effect.gen(function* () {
    const { cause } = failure
    const tried: Array<Tried> = []
    const simulated = Simulated.make(startMillis)
    let interrupt = () => {}
    const source: Faults.Source = () => {
      if (cause._tag === "Interrupted") setImmediate(interrupt)
      if (cause._tag !== "Fault") return { _tag: "Silence", processed: false }
      // The answer will never come; the engine waits for it by now.
      if (cause.fault._tag === "Silence") setImmediate(() => Effect.runFork(simulated.expire))
      return cause.fault
    }
    const baseUrl = yield* baseUrlOf(cause, source)
    const fetch = cause._tag === "NoConnection" ? throughUndici : globalThis.fetch
    const watched: typeof globalThis.fetch = (url, init) => {
      tried.push(readRequest(init))
      return fetch(url, init)
    }
    const client = yield* Effect.map(
      Layer.build(
        PaykkaClient.layer({
          environment: Environment.local(baseUrl),
          merchId,
          timeout: Simulated.requestTimeout,
          undocumentedPaths: "allow"
        }).pipe(
          Layer.provide([signer, FetchHttpClient.layer]),
          Layer.provide(Layer.succeed(FetchHttpClient.Fetch, watched))
        )
      ),
      Context.get(PaykkaClient.PaykkaClient)
    )
    const fiber = yield* Effect.forkChild(simulated.run(kind.call(client)))
    interrupt = () => fiber.interruptUnsafe()
    const exit = yield* Fiber.await(fiber)
    const error = Exit.isFailure(exit) ? Result.getOrUndefined(Exit.findError(exit)) : undefined
    return { tried, exit, error, slept: simulated.slept }
  }).pipe(Effect.scoped)

const throughUndici = ((url: string, init: Undici.RequestInit) =>
  Undici.fetch(url, { ...init, dispatcher: impatient })) as unknown as typeof globalThis.fetch

const certificate = makeCertificate()

/** Where the call goes to. */
const baseUrlOf = (cause: Cause, faults: Faults.Source) => {
  switch (cause._tag) {
    case "NoName":
      return Effect.succeed("https://paykka.invalid")
    case "NoConnection":
      return SilentListener.make
    default:
      return Effect.gen(function* () {
        const tls = cause._tag === "Untrusted" ? { tls: certificate } : {}
        const context = yield* Layer.build(
          SandboxNode.layerServer({ faults, ...tls }).pipe(Layer.provide(Sandbox.layer(sandboxKeys)))
        )
        const server = Context.get(context, SandboxNode.SandboxServer)
        if (cause._tag === "Refused") yield* server.listen(false)
        return cause._tag === "NotTls" ? server.baseUrl.replace("http:", "https:") : server.baseUrl
      })
  }
}

const cases = failures.flatMap((failure) => kinds.map((kind) => ({ failure, kind })))

describe.concurrent("a call whose every request fails with", () => {
  it.live.each(cases.map(({ failure, kind }) => [failure.name, kind.name, failure, kind] as const))(
    "%s: %s",
    ([, , failure, kind]) =>
      Effect.gen(function* () {
        const expected = kind.isRead ? failure.read : failure.write
        const { tried, exit, error, slept } = yield* tryOut(failure, kind)
        assert.strictEqual(tried.length, expected.requests)

        // The same content always, and never the same signature.
        assert.strictEqual(new Set(tried.map(({ body }) => body)).size, 1)
        for (const part of ["nonce", "signature"] as const)
          assert.strictEqual(new Set(tried.map(({ authorization }) => authorization[part])).size, tried.length)

        // What the platform advises is waited for, and nothing is waited for after the last request.
        assert.strictEqual(slept.length, expected.requests - 1)
        for (const millis of slept) {
          if (failure.waits === undefined) assert.isTrue(millis >= 125 && millis <= 500, String(millis))
          else assert.strictEqual(millis, failure.waits)
        }

        if (expected.reason === "interrupted") {
          assert.isTrue(Exit.hasInterrupts(exit))
          return
        }
        assert.instanceOf(error, PaykkaError)
        assert.strictEqual(error.reason._tag, expected.reason)
        assert.strictEqual(error.retryable, expected.retryable)
        assert.strictEqual(error.attempts, expected.requests)
        if (error.reason._tag !== "OutcomeUnknown") return
        const { because, resolvedBy, key, query, sentAt } = error.reason
        assert.strictEqual(because._tag, failure.read.reason)
        assert.strictEqual(resolvedBy, kind.resolvedBy)
        assert.deepStrictEqual(key, kind.key)
        assert.strictEqual(query?.operation ?? null, kind.resolvedBy)
        assert.deepStrictEqual(query?.input ?? null, kind.key === null ? null : { [kind.key.field]: kind.key.value })
        assert.strictEqual(sentAt, startMillis)
        assert.strictEqual(error.requestId, kind.key?.value)
      })
  )
})

describe("docs/retries.md", () => {
  it("shows the matrix that was tried", () => {
    assert.isTrue(isUpToDate(), "run node tooling/calls/matrix/write.ts")
  })
})
