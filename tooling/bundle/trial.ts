/**
 * `node trial.ts <fixture> <bundle>`: runs the bundle of a fixture for real, as a user would, against signatures that Node's own
 * crypto makes and checks. Exits with 0 when it does what it should, else says on stderr what it did.
 *
 * A process of its own, so that the bundle's logs do not mix with the figures.
 */
import assert from "node:assert/strict"
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import { pathToFileURL } from "node:url"
import type * as SdkPayment from "./fixtures/sdk-payment.ts"
import type * as VaCall from "./fixtures/va-call.ts"
import type * as VerifyWebhook from "./fixtures/verify-webhook.ts"
import type * as WebhookVa from "./fixtures/webhook-va.ts"

interface KeyPair {
  readonly key_id: string
  readonly private_pkcs8_pem: string
  readonly public_spki_pem: string
}

const vectors = JSON.parse(
  readFileSync(new URL("../../packages/signing/test/vectors/signing.json", import.meta.url), "utf8")
) as {
  readonly keys: { readonly merchant: KeyPair; readonly platform: KeyPair }
  readonly cases: ReadonlyArray<{ readonly id: string; readonly body: { readonly text: string } | null }>
}
const { merchant, platform } = vectors.keys

const merchId = "M24061911365700670"
const canonical = (path: string, timestamp: string, nonce: string, body: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`${path}\n${timestamp}\n${nonce}\n${merchId}\n`), body])

/** A notification as the platform would post it now; with another body than the signed one when `tampered`. */
const notification = (options: { readonly tampered: boolean; readonly path?: string }): Request => {
  const { path = "/hooks/paykka" } = options
  const text = vectors.cases.find(({ id }) => id === "notification-cjk")?.body?.text
  assert(text !== undefined, "the vector notification-cjk is missing")
  const body = Buffer.from(text)
  const timestamp = String(Date.now())
  const nonce = "0f8fad5bd9cb469fa16570867728950e"
  const signature = sign(
    "RSA-SHA256",
    canonical(path, timestamp, nonce, body),
    createPrivateKey(platform.private_pkcs8_pem)
  )
  const authorization = {
    sign_type: "SHA256_WITH_RSA",
    timestamp,
    nonce,
    key_id: platform.key_id,
    signature: signature.toString("base64")
  }
  return new Request(`https://merchant.example${path}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-Merch-Id": merchId,
      Authorization: encodeURIComponent(JSON.stringify(authorization))
    },
    body: options.tampered ? body.toString().replace("ENABLED", "EXPIRED") : body
  })
}

/** An object that is a replay guard which knows of nothing. */
const guard = {
  idFromName: (name: string) => name,
  get: () => ({
    fetch: async (_url: string, { body }: { readonly body: string }) =>
      Response.json({ _tag: (JSON.parse(body) as { readonly op: string }).op === "claim" ? "Claimed" : "Done" })
  })
}

const trials: Readonly<Record<string, (bundle: unknown) => Promise<void>>> = {
  "verify-webhook": async (bundle) => {
    const { start } = bundle as typeof VerifyWebhook
    const { fetch } = start({ platformPublicKey: platform.public_spki_pem })
    assert.equal((await fetch(notification({ tampered: false }))).status, 200)
    assert.equal((await fetch(notification({ tampered: true }))).status, 401)
  },

  "webhook-va": async (bundle) => {
    const { start } = bundle as typeof WebhookVa
    const accounts: Array<unknown> = []
    const webhook = start({
      platformPublicKey: platform.public_spki_pem,
      onAccount: async (account) => void accounts.push([account.request_id, account.status])
    })
    assert.equal((await webhook.fetch(notification({ tampered: true }))).status, 401)
    assert.equal((await webhook.fetch(notification({ tampered: false }))).status, 200)
    assert.deepEqual(accounts, [["VA20240501000002", "ENABLED"]])
    await webhook.dispose()
  },

  "va-call-http": (bundle) => assertCalls((bundle as typeof VaCall).run, "/api/v2/merch/va/apply"),

  "va-call": (bundle) => assertCalls((bundle as typeof VaCall).run, "/api/v2/merch/va/apply"),

  "sdk-payment": (bundle) => assertCalls((bundle as typeof SdkPayment).run, "/api/v2/merch/pay/apply"),

  "edge-worker": async (bundle) => {
    const { default: worker } = bundle as {
      readonly default: { readonly fetch: (request: Request, env: object) => Promise<Response> }
    }
    const sent: Array<unknown> = []
    const env = {
      PAYOUT: guard,
      REPLAY_GUARD: guard,
      DEAD_LETTERS: guard,
      INBOX: { send: async (message: unknown) => void sent.push(message) },
      PAYOUTS_TOKEN: "the-token-of-the-trial",
      PAYKKA_MERCH_ID: merchId,
      PAYKKA_KEY_ID: merchant.key_id,
      PAYKKA_PRIVATE_KEY: merchant.private_pkcs8_pem,
      PAYKKA_PLATFORM_PUBLIC_KEY: platform.public_spki_pem
    }
    const path = "/hooks/payment"
    assert.equal((await worker.fetch(notification({ tampered: true, path }), env)).status, 401)
    assert.equal((await worker.fetch(notification({ tampered: false, path }), env)).status, 200)
    assert.equal(sent.length, 1)
    assert.equal((await worker.fetch(new Request("https://merchant.example/payouts"), env)).status, 401)
  }
}

/** Has a program make its call of a platform that knows the merchant's key; it must come signed, and its answer reach the program. */
async function assertCalls(run: typeof VaCall.run, path: string): Promise<void> {
  const seen: Array<{ readonly path: string | undefined; readonly genuine: boolean; readonly requestId: string }> = []
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    const { timestamp, nonce, signature } = JSON.parse(
      decodeURIComponent(request.headers.authorization ?? "")
    ) as Readonly<Record<string, string>>
    const signed = canonical(request.url ?? "", timestamp ?? "", nonce ?? "", body)
    const genuine = verify(
      "RSA-SHA256",
      signed,
      createPublicKey(merchant.public_spki_pem),
      Buffer.from(signature ?? "", "base64")
    )
    const { request_id: requestId } = JSON.parse(body.toString()) as { readonly request_id: string }
    seen.push({ path: request.url, genuine, requestId })
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ request_id: requestId }))
  })
  await once(server.listen(0, "127.0.0.1"), "listening")
  try {
    const { port } = server.address() as AddressInfo
    const answer = await run({
      baseUrl: `http://127.0.0.1:${port}`,
      merchId,
      keyId: merchant.key_id,
      privateKey: merchant.private_pkcs8_pem
    })
    assert.deepEqual(seen, [{ path, genuine: true, requestId: answer.request_id }])
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const [fixture = "", file = ""] = process.argv.slice(2)
const trial = trials[fixture]
assert(trial !== undefined, `there is no trial of ${JSON.stringify(fixture)}`)
try {
  await trial(await import(pathToFileURL(file).href))
} catch (error) {
  console.error(error instanceof assert.AssertionError ? error.message : error)
  process.exitCode = 1
}
