/** What each example of the READMEs is given, and what comes of it. */
import * as KeyStoreConfig from "@paykka/signing/KeyStoreConfig"
import * as Verifier from "@paykka/signing/Verifier"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as WebHandler from "@paykka/webhook/WebHandler"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import type { World } from "./world.ts"

/** How an example is run. The examples of a file are in its order; each has a case. */
export interface Case {
  /** The values of what the example declares. */
  readonly given?: (world: World) => object | Promise<object>
  /** It serves, or waits, and does not come to an end. */
  readonly isEndless?: boolean
  /** What is done with it when it has run; what it gives is printed. */
  readonly after?: (world: World, module: Readonly<Record<string, unknown>>) => Promise<unknown>
  /** What must have been printed. */
  readonly says: ReadonlyArray<RegExp>
}

/** Why the examples of a file are not run here. */
export type Elsewhere = string

const verifier = Layer.provide(Verifier.layer(), KeyStoreConfig.layer)

const nothing = async () => {}
const nothingInEffect = () => Effect.void

/** Hands the platform's notifications to the port on which the example listens. */
const toItsPort = async (world: World): Promise<void> => {
  const port = await world.port()
  world.receive(async (request) =>
    fetch(`http://127.0.0.1:${port}${new URL(request.url).pathname}`, {
      method: "POST",
      headers: request.headers,
      body: await request.bytes()
    })
  )
}

/** Opens an account, whose notification the example gets on its port. */
const notifiesOfAccount = async (world: World) => {
  await toItsPort(world)
  return `answered ${await world.openAccount()}`
}

type Fetching = (request: Request, env?: object) => Promise<Response>

const env = () => ({ PAYKKA_PLATFORM_PUBLIC_KEY: process.env["PAYKKA_PLATFORM_PUBLIC_KEY"] })

const fetchesAccount = async (world: World, { default: worker }: Readonly<Record<string, unknown>>) => {
  world.receive((request) => (worker as { readonly fetch: Fetching }).fetch(request, env()))
  return `answered ${await world.openAccount()}`
}

const account: Case = { says: [/account ENABLED/] }
const accountNotified: Case = { after: notifiesOfAccount, says: [/account ENABLED/, /answered 200/] }

const onboarding = (store: unknown): Case => ({
  given: ({ application }) => {
    const { license, ...others } = application as { readonly license: object }
    return { application: others, license, sendToLegalRepresentative: store }
  },
  says: [/^Succeeded \w+$/m]
})

const assessment = (store: unknown): Case => ({
  given: ({ application }) => ({ submission: application, store }),
  says: [/^Succeeded:? (LOW|MIDDLE|HIGH)$/m]
})

const orders: Case = {
  given: ({ contract }) => ({ contract }),
  says: [/recv_order_no: "a receipt's number"/, /amount: '1000'/, /amount: '200\.50'/]
}

const settlement: Case = {
  given: async (world) => ({
    recv_order_no: (await world.remit("1200.50")).recv_order_no,
    contract_order_no: await world.order(5000)
  }),
  says: [/^Unlisted SANDBOX_\w+ undefined$/m]
}

const payee: Case = {
  given: () => ({ beneficiary: { currency: "EUR" } }),
  says: [/^Unlisted SANDBOX_\w+ \w+$/m]
}

const payment = (store: unknown): Case => ({
  given: ({ beneficiaryId }) => ({ beneficiary_id: beneficiaryId, store }),
  says: [/^Unlisted SANDBOX_\w+$/m]
})

const conversion: Case = { says: [/^sold 1000\.00 for \d+\.\d+$/m] }

const upload: Case = {
  // The digest is OpenSSL's: printf '%%PDF-1.7\n' | openssl dgst -sha256
  says: [/^\d+ application\/pdf 0716f9264c9fe19f5d7455276107f3ddcc1d3497f63d60689a73558ae8a1bf5e$/m]
}

const balance: Case = { says: [/is no amount/] }

const receipt = async (world: World, receive: Fetching) => {
  world.receive((request) => receive(request))
  return `answered ${(await world.remit("10.00")).status}`
}

/** Makes the header of a request. */
const header: Case = {
  after: async (_, { header: effect }) => Effect.runPromise(effect as Effect.Effect<string>),
  says: [/^%7B%22sign_type%22%3A%22SHA256_WITH_RSA%22/m]
}

type Verify = (path: string, headers: Headers, body: Uint8Array) => unknown

/** Hands a notification to what verifies it, and says what came of it. */
const verifies = (run: (verified: unknown, module: Readonly<Record<string, unknown>>) => Promise<unknown>): Case => ({
  after: async (world, module) => {
    let verified: unknown
    world.receive(async (request) => {
      const { pathname } = new URL(request.url)
      const result = (module["verify"] as Verify)(pathname, request.headers, await request.bytes())
      verified = await run(result, module)
      return Response.json({})
    })
    await world.openAccount()
    return Object.keys(verified as object)
  },
  says: [/'?path'?|'?verified'?/]
})

export const cases: Readonly<Record<string, ReadonlyArray<Case> | Elsewhere>> = {
  "README.md": [account, account, accountNotified, accountNotified],
  "packages/onboarding/README.md": [onboarding(nothingInEffect), onboarding(nothing)],
  "packages/assessment/README.md": [assessment(nothingInEffect), assessment(nothing)],
  "packages/va/README.md": [{ says: [/^ENABLED$/m] }, { says: [/^ENABLED$/m] }],
  "packages/remittance/README.md": [
    {
      given: () => ({ settle: (number: string) => Effect.log(`settled ${number}`) }),
      after: async (world, { webhook }) => {
        const handler = WebHandler.make(webhook as never, Layer.merge(verifier, ReplayGuard.layerMemory()))
        return receipt(world, handler.fetch)
      },
      says: [/settled \w+/, /answered 200/]
    },
    {
      given: () => ({ settleReceipt: async (number: string) => console.log(`settled ${number}`) }),
      after: async (world, module) => receipt(world, module["fetch"] as Fetching),
      says: [/settled \w+/, /answered 200/]
    }
  ],
  "packages/order/README.md": [orders, orders],
  "packages/tradesettle/README.md": [settlement, settlement],
  "packages/balance/README.md": [balance, balance],
  "packages/payee/README.md": [payee, payee],
  "packages/forex/README.md": [conversion, conversion],
  "packages/payment/README.md": [payment(nothingInEffect), payment(nothing)],
  "packages/file/README.md": [upload, upload],
  "packages/core/README.md": [{ says: [/^undefined$/m] }, { says: [/^undefined$/m] }],
  "packages/schemas/README.md": [
    { says: [/\/api\/v2\/merch\/va\/apply \{"request_id":"R-1"/, /120050n/] },
    { says: [/^120050n\n1200\.60$/m] }
  ],
  "packages/signing/README.md": [
    header,
    verifies((effect, { verifier: own }) =>
      Effect.runPromise(Effect.provide(effect as Effect.Effect<object>, own as never))
    ),
    verifies(async (promise) => promise),
    { says: [] }
  ],
  "packages/webhook/README.md": [
    { after: fetchesAccount, says: [/application \w+ is ENABLED/, /answered 200/] },
    { after: fetchesAccount, says: [/application \w+ is ENABLED/, /answered 200/] },
    {
      given: () => ({ saveAccount: async (id: string, no: string) => console.log(`saved ${id} ${typeof no}`) }),
      after: notifiesOfAccount,
      says: [/saved \w+ string/, /answered 200/]
    },
    {
      after: async (world, { routes }) => {
        class Accounts extends Context.Service<Accounts, object>()("Accounts") {}
        const open = (id: string) => Effect.sync(() => console.log(`opened ${id}`))
        const services = Layer.merge(verifier, ReplayGuard.layerMemory())
        const { handler } = HttpRouter.toWebHandler(Layer.provide(routes as Layer.Layer<never>, services))
        const own = Context.make(Accounts, { open })
        world.receive((request) => handler(new Request("http://merchant.test/hooks/va", request), own))
        return `answered ${await world.openAccount()}`
      },
      says: [/opened \w+/, /answered 200/]
    },
    {
      given: () => {
        const saved = new Map<string, object>()
        return {
          find: (id: string) => saved.get(id),
          save: (id: string, told: { readonly status: string }) =>
            Effect.sync(() => console.log(`saved ${id} ${told.status}`, saved.set(id, told).size))
        }
      },
      after: async (world, { program }) => {
        const handle = await Effect.runPromise(program as Effect.Effect<(request: Request) => Effect.Effect<Response>>)
        world.receive((request) => Effect.runPromise(handle(request)))
        return `answered ${await world.openAccount()}`
      },
      says: [/answered 200/, /saved \w+ ENABLED 1/]
    }
  ],
  "packages/sandbox/README.md": [
    { says: [/^ENABLED RECV\d+$/m] },
    {
      isEndless: true,
      after: async (world) => {
        const port = await world.port()
        // The next example calls it.
        world.sandboxAt(port)
        const document = await (await fetch(`http://127.0.0.1:${port}/openapi.json`)).json()
        return (document as { readonly openapi: string }).openapi
      },
      says: [/^3\.1/m]
    },
    { says: [/^ENABLED$/m] },
    { isEndless: true, after: async (world) => typeof (await world.port()), says: [/PayKKa listens on http/] },
    { says: [] }
  ],
  "packages/sdk/README.md": [
    { says: [/^account ENABLED$/m] },
    { says: [/^1203\.60 0 120360n 1203\.60$/m] },
    { after: notifiesOfAccount, says: [/^account \w+ ENABLED$/m, /answered 200/] },
    { given: ({ beneficiaryId }) => ({ beneficiary_id: beneficiaryId }), says: [] },
    { says: [/account ENABLED/] }
  ],
  "packages/store-sql/README.md": [
    { after: notifiesOfAccount, says: [/application \w+ is ENABLED/, /answered 200/] },
    { after: notifiesOfAccount, says: [/application \w+ is ENABLED/, /answered 200/] },
    { after: async (_, { inbox, stores }) => [typeof inbox, typeof stores], says: [/object/] },
    { after: async (_, { journaled, recover }) => [typeof journaled, typeof recover], says: [/object/] }
  ],
  "packages/store-redis/README.md": "they need Redis, on which the package's own tests run",
  "packages/store-cloudflare/README.md": "they need the runtime of Workers, in which the package's own tests run"
}
