/** Each domain package alone: packed, installed in an empty project, type-checked, and run against a sandbox on a port. */
import { readFileSync } from "node:fs"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as SandboxNode from "@paykka/sandbox/node"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as File from "@paykka/schemas/File"
import * as Order from "@paykka/schemas/Order"
import * as Payee from "@paykka/schemas/Payee"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import * as Va from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { type Packed, create, pack } from "../project.ts"

interface KeyPair {
  readonly key_id: string
  readonly private_pkcs8_pem: string
  readonly public_spki_pem: string
}

const { merchant, platform } = (
  JSON.parse(readFileSync(new URL("../../../packages/signing/test/vectors/signing.json", import.meta.url), "utf8")) as {
    readonly keys: { readonly merchant: KeyPair; readonly platform: KeyPair }
  }
).keys

const merchId = "M24061911365700670"

/** A sandbox on a port, and a client that prepares what a program needs. */
const start = Effect.gen(function* () {
  const notified: Array<string> = []
  const sandbox = Sandbox.layer({
    merchants: [{ merchId, keyId: merchant.key_id, publicKey: merchant.public_spki_pem }],
    platformKey: { keyId: platform.key_id, privateKey: platform.private_pkcs8_pem },
    decidesAfter: "50 millis",
    callbackUrl: "https://merchant.test/hooks",
    send: async (request) => {
      notified.push(await request.text())
      return Response.json({})
    }
  })
  const context = yield* Layer.build(
    SandboxNode.layerServer().pipe(Layer.provideMerge(sandbox), Layer.provide(Logger.layer([])), Layer.orDie)
  )
  const { baseUrl } = Context.get(context, SandboxNode.SandboxServer)
  const signingKey = { keyId: merchant.key_id, privateKey: merchant.private_pkcs8_pem }
  const client = yield* Effect.map(
    Layer.build(
      PaykkaClient.layer({ environment: Environment.local(baseUrl), merchId, undocumentedPaths: "allow" }).pipe(
        Layer.provide([Layer.provide(Signer.layer, KeyStore.layer({ signingKey })), FetchHttpClient.layer])
      )
    ),
    Context.get(PaykkaClient.PaykkaClient)
  )
  return { baseUrl, client, notified, service: Context.get(context, Sandbox.Sandbox) }
})

type Stage = Effect.Success<typeof start>

const upload = ({ client }: Stage) =>
  Effect.map(
    client.execute(File.upload, {
      meta: {},
      file: { bytes: new TextEncoder().encode("%PDF-1.7\n"), name: "sample.pdf", type: "application/pdf" }
    }),
    ({ file_id }) => ({ FILE_ID: file_id })
  )

/** Money that has arrived, and an order of the same amount. */
const receive = (stage: Stage) =>
  Effect.gen(function* () {
    const { client, service } = stage
    yield* client.execute(Va.apply, { currencies: ["EUR"] })
    yield* service.advance("1 minute")
    const { recv_order_no } = yield* service.remit({ merchId, currency: "EUR", amount: 400 })
    const { FILE_ID } = yield* upload(stage)
    const { contract_order_no = "" } = yield* client.execute(Order.create, {
      buyer_name: "Sample Buyer",
      buyer_country: "DE",
      amount: 400,
      currency: "EUR",
      contract_no: "C-1",
      contract_file_ids: [FILE_ID],
      invoice_file_ids: [FILE_ID],
      order_date: "2026-11-02"
    })
    return { RECV_ORDER_NO: recv_order_no, CONTRACT_ORDER_NO: contract_order_no }
  })

/** Money that is settled. */
const settle = (stage: Stage) =>
  Effect.gen(function* () {
    const { RECV_ORDER_NO, CONTRACT_ORDER_NO } = yield* receive(stage)
    yield* stage.client.execute(Tradesettle.apply, {
      recv_order_no: RECV_ORDER_NO,
      relate_list: [{ contract_order_no: CONTRACT_ORDER_NO, amount: 400 }]
    })
    yield* stage.service.advance("1 minute")
    return {}
  })

const payee = (stage: Stage) =>
  Effect.gen(function* () {
    yield* settle(stage)
    const { request_id } = yield* stage.client.execute(Payee.create, { beneficiary: { currency: "EUR" } })
    yield* stage.service.advance("1 minute")
    const { beneficiary_id = "" } = yield* stage.client.execute(Payee.inquiry, { request_id })
    return { BENEFICIARY_ID: beneficiary_id }
  })

const notification = (stage: Stage) =>
  Effect.gen(function* () {
    yield* receive(stage)
    const isReceipt = (body: string) => body.includes("recv_order_no")
    // It is sent by a fiber of its own.
    while (!stage.notified.some(isReceipt)) {
      yield* Effect.promise(() => new Promise<void>((resolve) => void setImmediate(resolve)))
    }
    return { NOTIFICATION: stage.notified.find(isReceipt)! }
  })

const nothing = () => Effect.succeed({})

interface Case {
  readonly domain: string
  /** Makes what the program needs, as environment variables. */
  readonly prepare: (stage: Stage) => Effect.Effect<Readonly<Record<string, string>>, { readonly message: string }>
  /** What the program prints. */
  readonly prints: unknown
}

const cases: ReadonlyArray<Case> = [
  { domain: "file", prepare: nothing, prints: { type: "application/pdf", size: 9, has_id: true } },
  { domain: "onboarding", prepare: upload, prints: { _tag: "Succeeded", status: "APPROVED", same: true } },
  { domain: "assessment", prepare: upload, prints: { _tag: "Succeeded", risk_level: "LOW" } },
  { domain: "va", prepare: nothing, prints: { _tag: "Succeeded", status: "ENABLED", currencies: ["EUR"] } },
  { domain: "remittance", prepare: notification, prints: { status: "PENDING_RELATE", relatable: true } },
  { domain: "order", prepare: upload, prints: { status: "RELATABLE", found: "RELATABLE", amount: "1200" } },
  { domain: "tradesettle", prepare: receive, prints: { _tag: "Unlisted", status: "SANDBOX_SETTLED" } },
  { domain: "balance", prepare: settle, prints: { currency: "EUR", positive: true } },
  { domain: "payee", prepare: nothing, prints: { _tag: "Unlisted", status: "SANDBOX_ACCEPTED", has_id: true } },
  {
    domain: "forex",
    prepare: settle,
    prints: { bought: "11.00", refused: "LimitExceeded", _tag: "Unlisted", status: "SANDBOX_CONVERTED" }
  },
  { domain: "payment", prepare: payee, prints: { first: "PROCESSING", _tag: "Unlisted", status: "SANDBOX_PAID" } }
]

describe("each domain package, alone in an empty project", () => {
  let packed: Packed
  beforeAll(async () => {
    packed = await pack()
  })

  for (const { domain, prepare, prints } of cases) {
    it.live(`@paykka/${domain} is installed, type-checked, and run against the sandbox`, () =>
      Effect.gen(function* () {
        const stage = yield* start
        const variables = yield* prepare(stage)
        const project = yield* Effect.promise(() => create(packed, domain))
        // Its own tarball and its peers: no other domain.
        const name = `@paykka/${domain}`
        assert.deepStrictEqual(project.installed(), [name, ...packed.peersOf(name)].toSorted())
        assert.strictEqual(yield* Effect.promise(() => project.typecheck()), "")
        const printed = yield* Effect.promise(() =>
          project.run({
            PAYKKA_ENVIRONMENT: "local",
            PAYKKA_BASE_URL: stage.baseUrl,
            PAYKKA_MERCH_ID: merchId,
            PAYKKA_KEY_ID: merchant.key_id,
            PAYKKA_PRIVATE_KEY: merchant.private_pkcs8_pem,
            PAYKKA_UNDOCUMENTED_PATHS: "allow",
            ...variables
          })
        )
        assert.deepStrictEqual(printed, prints)
      })
    )
  }
})
