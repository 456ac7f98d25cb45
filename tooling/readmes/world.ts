/** Where the examples run: a PayKKa on a port, its host and keys as the READMEs name them, and a merchant that has money. */
import { generateKeyPairSync } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { format } from "node:util"
import * as Environment from "@paykka/core/Environment"
import * as SandboxNode from "@paykka/sandbox/node"
import * as Sandbox from "@paykka/sandbox/Sandbox"
import { type Paykka, createPaykka } from "@paykka/sdk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"

const pair = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" }
  })

const merchId = "M24061911365700670"

/** The examples' surroundings. */
export interface World {
  /** What was printed since the last call. */
  readonly printed: () => string
  /** The port on which a program listens, when it does. */
  readonly port: () => Promise<string>
  /** Where notifications go, from now on. */
  readonly receive: (receiver: (request: Request) => Promise<Response>) => void
  /** Where requests to `http://127.0.0.1:9090` go, from now on. */
  readonly sandboxAt: (port: string) => void
  /** A merchant's client. */
  readonly paykka: Paykka
  /** Opens an account; resolves when its notification was answered, with the status of the answer. */
  readonly openAccount: () => Promise<number>
  /** Lets money arrive; resolves when that was answered. */
  readonly remit: (amount: string) => Promise<{ readonly recv_order_no: string; readonly status: number }>
  /** Creates an order for that much. */
  readonly order: (amount: number) => Promise<string>
  /** What an application for onboarding or an assessment needs. */
  readonly application: object
  /** What an order needs. */
  readonly contract: object
  /** A payee in euro. */
  readonly beneficiaryId: string
}

/** Makes the surroundings in the working directory of this process. */
export const make = async (): Promise<World> => {
  let lines: Array<string> = []
  for (const method of ["log", "info", "warn", "error"] as const) {
    console[method] = (...args: ReadonlyArray<unknown>) => void lines.push(format(...args))
  }
  // Prints the port of each server, which is a free one whatever the example names.
  await import("../frameworks/preload.ts")
  const port = async (): Promise<string> => {
    for (;;) {
      const found = lines
        .map((line) => /^listening on port (\d+) in place of \d+$/.exec(line)?.[1])
        .find((each) => each !== undefined)
      if (found !== undefined) return found
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  const [merchant, platform] = [pair(), pair()]
  const files = {
    "merchant.pem": merchant.privateKey,
    "merchant.pub.pem": merchant.publicKey,
    "platform.pem": platform.privateKey,
    "platform.pub.pem": platform.publicKey,
    "documents/licence.pdf": "%PDF-1.7\n"
  }
  mkdirSync("documents")
  for (const [name, content] of Object.entries(files)) writeFileSync(name, content)
  Object.assign(process.env, {
    PAYKKA_MERCH_ID: merchId,
    PAYKKA_KEY_ID: "my-key-id",
    PAYKKA_PRIVATE_KEY: merchant.privateKey,
    PAYKKA_PLATFORM_PUBLIC_KEY: platform.publicKey
  })

  let receiver: (request: Request) => Promise<Response> = async () => Response.json({})
  let answered: (status: number) => void = () => {}
  const sandbox = Sandbox.layer({
    merchants: [{ merchId, keyId: "my-key-id", publicKey: merchant.publicKey }],
    platformKey: { keyId: "platform-key", privateKey: platform.privateKey },
    decidesAfter: 0,
    callbackUrl: Sandbox.documentedPaths("http://merchant.test"),
    send: async (request) => {
      const response = await receiver(request)
      answered(response.status)
      return response
    }
  })
  const scope = await Effect.runPromise(Scope.make())
  const context = await Effect.runPromise(
    Layer.buildWithScope(
      SandboxNode.layerServer().pipe(Layer.provideMerge(sandbox), Layer.provide(Logger.layer([]))),
      scope
    )
  )
  const service = Context.get(context, Sandbox.Sandbox)
  const { baseUrl } = Context.get(context, SandboxNode.SandboxServer)

  // The hosts that the examples name are here.
  const hosts = new Map([[Environment.sandbox.baseUrl, baseUrl]])
  const { fetch } = globalThis
  globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const host = hosts.get(url.origin)
    if (host === undefined) return fetch(input, init)
    return fetch(host + url.pathname, init)
  }

  const paykka = createPaykka({
    merchId,
    keyId: "my-key-id",
    privateKey: merchant.privateKey,
    undocumentedPaths: "allow"
  })
  /** Does something that is notified, and waits for the answer. */
  const notified = async <A>(act: () => Promise<A>): Promise<readonly [A, number]> => {
    const answer = new Promise<number>((resolve) => (answered = resolve))
    return [await act(), await answer]
  }
  const remit = async (amount: string) => {
    const money = { merchId, currency: "EUR", amount }
    const [{ recv_order_no }, status] = await notified(() => Effect.runPromise(Effect.orDie(service.remit(money))))
    return { recv_order_no, status }
  }
  const openAccount = async () =>
    (await notified(() => paykka.va.apply({ currencies: ["EUR"], country_code: "DE" })))[1]

  const { file_id } = await paykka.file.upload(new TextEncoder().encode("%PDF-1.7\n"), { name: "sample.pdf" })
  const contract = {
    buyer_name: "Sample Buyer",
    buyer_country: "DE",
    amount: 5000,
    currency: "EUR" as const,
    contract_no: "C-1",
    contract_file_ids: [file_id],
    invoice_file_ids: [file_id],
    order_date: "2026-11-02"
  }
  const order = async (amount: number) => (await paykka.order.create({ ...contract, amount })).contract_order_no ?? ""
  const address = { address1: "1 Sample Road" }
  const application = {
    contact_person: { phone_prefix: "86", phone: "00000000", email: "ops@merchant.example" },
    business: {
      industry: 0,
      main_industry: "sample",
      sub_industry: ["sample"],
      employee_number: "sample",
      address,
      export_country: ["DE"],
      export_type: ["sample"],
      trade_volume: "sample"
    },
    stakeholder_list: [],
    license: {
      region: "CN",
      ent_name: "Sample Trading Limited",
      ent_name_en: "Sample Trading Limited",
      found_date: "2019-08-24",
      registered_currency: "CNY",
      registered_capital: 10_000,
      address,
      license_file_id: file_id
    }
  }

  await openAccount()
  const { recv_order_no } = await remit("100000.00")
  const settlement = { recv_order_no, relate_list: [{ contract_order_no: await order(100_000), amount: "100000.00" }] }
  await notified(() => paykka.tradesettle.apply(settlement))
  const [{ request_id }] = await notified(() => paykka.payee.create({ beneficiary: { currency: "EUR" } }))
  const { beneficiary_id = "" } = await paykka.payee.inquiry({ request_id })

  return {
    printed: () => {
      const text = lines.join("\n")
      lines = []
      return text
    },
    port,
    receive: (to) => void (receiver = to),
    sandboxAt: (at) => void hosts.set("http://127.0.0.1:9090", `http://127.0.0.1:${at}`),
    paykka,
    openAccount,
    remit,
    order,
    application,
    contract,
    beneficiaryId: beneficiary_id
  }
}
