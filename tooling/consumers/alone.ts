/** Each package alone with its peers in an empty project: type-checked and run, a domain against a sandbox on a port. */
import assert from "node:assert/strict"
import { copyFileSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
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
import { here, run } from "./command.ts"
import { exportsEntry } from "./entries.ts"
import { type Done, type Everything, askForHelp, checkExports } from "./everything.ts"
import { merchId, merchant, platform } from "./parties.ts"
import type { Report } from "./programs/everything.ts"
import { type Packed, install } from "./project.ts"

/** A sandbox on a port, and a client that prepares what a program needs. */
const start = Effect.gen(function* () {
  const notified: Array<string> = []
  const sandbox = Sandbox.layer({
    merchants: [{ merchId, keyId: merchant.keyId, publicKey: merchant.publicKey }],
    platformKey: platform,
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
  const client = yield* Effect.map(
    Layer.build(
      PaykkaClient.layer({ environment: Environment.local(baseUrl), merchId, undocumentedPaths: "allow" }).pipe(
        Layer.provide([Layer.provide(Signer.layer, KeyStore.layer({ signingKey: merchant })), FetchHttpClient.layer])
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
  /** Makes what the program needs, as environment variables. */
  readonly prepare: (stage: Stage) => Effect.Effect<Readonly<Record<string, string>>, { readonly message: string }>
  /** What the program prints. */
  readonly prints: unknown
}

/** The domains: what their programs in `programs/` need and print. */
const cases: Readonly<Record<string, Case>> = {
  file: { prepare: nothing, prints: { type: "application/pdf", size: 9, has_id: true } },
  onboarding: { prepare: upload, prints: { _tag: "Succeeded", status: "APPROVED", same: true } },
  assessment: { prepare: upload, prints: { _tag: "Succeeded", risk_level: "LOW" } },
  va: { prepare: nothing, prints: { _tag: "Succeeded", status: "ENABLED", currencies: ["EUR"] } },
  remittance: { prepare: notification, prints: { status: "PENDING_RELATE", relatable: true } },
  order: { prepare: upload, prints: { status: "RELATABLE", found: "RELATABLE", amount: "1200" } },
  tradesettle: { prepare: receive, prints: { _tag: "Unlisted", status: "SANDBOX_SETTLED" } },
  balance: { prepare: settle, prints: { currency: "EUR", positive: true } },
  payee: { prepare: nothing, prints: { _tag: "Unlisted", status: "SANDBOX_ACCEPTED", has_id: true } },
  forex: {
    prepare: settle,
    prints: { bought: "11.00", refused: "LimitExceeded", _tag: "Unlisted", status: "SANDBOX_CONVERTED" }
  },
  payment: { prepare: payee, prints: { first: "PROCESSING", _tag: "Unlisted", status: "SANDBOX_PAID" } }
}

const tsconfig = {
  compilerOptions: {
    target: "ES2024",
    lib: ["ES2024", "DOM", "DOM.Iterable"],
    module: "NodeNext",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: []
  },
  include: ["*.ts"]
}

/** Names of the packages that stand in a project's `node_modules`. */
const installedIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(folder, "node_modules"))
    .filter((entry) => !entry.startsWith("."))
    .flatMap((entry) =>
      entry.startsWith("@")
        ? readdirSync(join(folder, "node_modules", entry)).map((inner) => `${entry}/${inner}`)
        : [entry]
    )
    .toSorted()

/** Runs the program of a domain on a sandbox of its own. */
const call = async (folder: string, { prepare, prints }: Case): Promise<void> => {
  const printed = await Effect.gen(function* () {
    const stage = yield* start
    const variables = yield* prepare(stage)
    return yield* Effect.promise(() =>
      run("node", ["program.ts"], folder, {
        PAYKKA_ENVIRONMENT: "local",
        PAYKKA_BASE_URL: stage.baseUrl,
        PAYKKA_MERCH_ID: merchId,
        PAYKKA_KEY_ID: merchant.keyId,
        PAYKKA_PRIVATE_KEY: merchant.privateKey,
        PAYKKA_UNDOCUMENTED_PATHS: "allow",
        ...variables
      })
    )
  }).pipe(Effect.scoped, Effect.runPromise)
  assert.deepEqual(JSON.parse(printed), prints)
}

/** Installs, type-checks and runs one package: a domain by its program, any other by importing its modules and asking its commands for help. */
export const tryAlone = async (packed: Packed, name: string, { modules, commands }: Everything): Promise<Done> => {
  const wanted = packed.withPeers([name])
  const folder = await install(packed, name.replace("@paykka/", "alone-"), wanted)
  // No other domain, nor anything else that only happens to be there.
  assert.deepEqual(installedIn(folder), wanted.toSorted())
  const domain = cases[name.replace("@paykka/", "")]
  const own = modules.filter((module) => module.package === name)
  const program = join(folder, "program.ts")
  if (domain === undefined) writeFileSync(program, exportsEntry(own))
  else copyFileSync(join(here, "programs", `${name.replace("@paykka/", "")}.ts`), program)
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig))
  await run("tsc", ["-p", "tsconfig.json", "--pretty", "false"], folder)
  if (domain !== undefined) {
    await call(folder, domain)
    return { imports: "its program's", call: "ok" }
  }
  checkExports(JSON.parse(await run("node", ["program.ts"], folder)) as Report["exports"], own)
  await askForHelp(
    "node",
    commands.filter((command) => command.package === name),
    folder
  )
  return { imports: own.length > 0 ? `${own.length} modules` : "its command" }
}
