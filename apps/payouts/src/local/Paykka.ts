/**
 * A local PayKKa for this service: the sandbox on a port, with keys made for it, a merchant who has money, and payees. For trying the
 * service out, and for its scenarios.
 */
import { generateKeyPairSync } from "node:crypto"
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import type * as Faults from "@paykka/sandbox/Faults"
import * as SandboxNode from "@paykka/sandbox/node"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import * as Statuses from "@paykka/sandbox/Statuses"
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
import type * as Scope from "effect/Scope"

const pair = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" }
  })

/** The merchant. */
export const merchId = "M24061911365700670"

/** What the merchant has at first, in each of these. */
export const funds = { EUR: 1_000_000, USD: 1_000_000 }

/** Settings. */
export interface Options {
  /** Port of the sandbox. Default: a free one. */
  readonly port?: number | undefined
  /** Delivers notifications of payments, whose URL ends with `/hooks/payment`. */
  readonly send: (request: Request) => Promise<Response>
  readonly faults?: Faults.Source | undefined
  /** How long a decision takes, in milliseconds. Default: 1000. */
  readonly decidesAfterMillis?: number | undefined
  /** What becomes of a `request_id` that comes again. Default: the first answer again. */
  readonly repeatedRequestId?: Sandbox.Options["repeatedRequestId"]
  /** How far the time of a signature may be from now. Default: that of the sandbox. */
  readonly tolerance?: Sandbox.Options["tolerance"]
}

/** A local PayKKa. */
export interface Paykka {
  readonly sandbox: Sandbox.Service
  readonly server: SandboxNode.Server
  /** Payees that are accepted, by their currency. */
  readonly payees: { readonly EUR: string; readonly USD: string }
  /** What a service needs to call it: the names of both apps' settings. */
  readonly variables: Readonly<Record<string, string>>
}

/** In milliseconds. */
class DecidesAfter extends Context.Reference<number>("@paykka/payouts/local/DecidesAfter", {
  defaultValue: () => 1000
}) {}

/** Lets PayKKa decide what it was asked, without waiting for it. */
const decided = Effect.gen(function* () {
  const { advance } = yield* Sandbox.Sandbox
  yield* advance(yield* DecidesAfter)
})

/** Money in a currency, by the API itself: an account, a remittance, an order, its settlement. */
const fund = Effect.fnUntraced(function* (currency: keyof typeof funds, amount: number) {
  const client = yield* PaykkaClient.PaykkaClient
  const sandbox = yield* Sandbox.Sandbox
  yield* client.execute(Va.apply, { currencies: [currency] })
  yield* decided
  const { recv_order_no } = yield* sandbox.remit({ merchId, currency, amount })
  const { file_id } = yield* client.execute(File.upload, {
    meta: { filename: "contract.pdf" },
    file: { bytes: new TextEncoder().encode("%PDF-1.7\n"), name: "contract.pdf", type: "application/pdf" }
  })
  const { contract_order_no = "" } = yield* client.execute(Order.create, {
    buyer_name: "Sample Buyer",
    buyer_country: "DE",
    amount,
    currency,
    contract_no: `C-${currency}`,
    contract_file_ids: [file_id],
    invoice_file_ids: [file_id],
    order_date: "2026-11-02"
  })
  yield* client.execute(Tradesettle.apply, { recv_order_no, relate_list: [{ contract_order_no, amount }] })
  yield* decided
})

const addPayee = Effect.fnUntraced(function* (currency: string) {
  const client = yield* PaykkaClient.PaykkaClient
  const { request_id } = yield* client.execute(Payee.create, { beneficiary: { currency } })
  yield* decided
  const { beneficiary_id = "" } = yield* client.execute(Payee.inquiry, { request_id })
  return beneficiary_id
})

/** Starts it. */
export const make = ({
  port,
  send,
  faults,
  decidesAfterMillis = 1000,
  tolerance,
  repeatedRequestId
}: Options): Effect.Effect<Paykka, never, Scope.Scope> =>
  Effect.gen(function* () {
    const [merchant, platform] = [pair(), pair()]
    let isFunded = false
    const sandbox = Sandbox.layer({
      merchants: [{ merchId, keyId: "merchant-key", publicKey: merchant.publicKey }],
      platformKey: { keyId: "platform-key", privateKey: platform.privateKey },
      callbackUrl: ({ id }) => `http://payouts.localhost/hooks/${id === "payment.notification" ? "payment" : "others"}`,
      decidesAfter: decidesAfterMillis,
      tolerance,
      repeatedRequestId,
      // Others are not this service's business, nor is what it took to get the money.
      send: async (request) => (isFunded && request.url.endsWith("/hooks/payment") ? send(request) : Response.json({}))
    })
    const context = yield* Layer.build(
      SandboxNode.layerServer({ port, faults: (facts) => (isFunded ? faults?.(facts) : undefined) }).pipe(
        Layer.provideMerge(sandbox)
      )
    )
    const server = Context.get(context, SandboxNode.SandboxServer)
    const signingKey = { keyId: "merchant-key", privateKey: merchant.privateKey }
    const client = PaykkaClient.layer({
      environment: Environment.local(server.baseUrl),
      merchId,
      undocumentedPaths: "allow"
    }).pipe(Layer.provide([Layer.provide(Signer.layer, KeyStore.layer({ signingKey })), FetchHttpClient.layer]))
    const payees = yield* Effect.gen(function* () {
      yield* fund("EUR", funds.EUR)
      yield* fund("USD", funds.USD)
      return { EUR: yield* addPayee("EUR"), USD: yield* addPayee("USD") }
    }).pipe(
      Effect.provideService(DecidesAfter, decidesAfterMillis),
      Effect.provide(client),
      Effect.provideContext(context)
    )
    isFunded = true
    return {
      sandbox: Context.get(context, Sandbox.Sandbox),
      server,
      payees,
      variables: {
        PAYKKA_ENVIRONMENT: "local",
        PAYKKA_BASE_URL: server.baseUrl,
        PAYKKA_MERCH_ID: merchId,
        PAYKKA_KEY_ID: signingKey.keyId,
        PAYKKA_PRIVATE_KEY: signingKey.privateKey,
        PAYKKA_PLATFORM_KEY_ID: "platform-key",
        PAYKKA_PLATFORM_PUBLIC_KEY: platform.publicKey,
        PAYKKA_UNDOCUMENTED_PATHS: "allow",
        PAYOUTS_PAID_STATUSES: Statuses.invented.paymentPaid,
        PAYOUTS_FAILED_STATUSES: [Statuses.invented.paymentFailed, Statuses.invented.paymentReturned].join(","),
        PAYOUTS_CONVERTED_STATUSES: Statuses.invented.conversionDone,
        PAYOUTS_NOT_CONVERTED_STATUSES: Statuses.invented.conversionFailed
      }
    }
  }).pipe(Effect.orDie)
