/** The service for trying it out, before a local PayKKa in the same process: with keys made for it, a merchant who has money, and payees. */
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Paykka from "@paykka/payouts/local/Paykka"
import * as Notifications from "@paykka/payouts/Notifications"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as App from "./App.ts"
import * as Environment from "./Environment.ts"
import * as Process from "./Process.ts"

const folder = mkdtempSync(join(tmpdir(), "paykka-payouts-"))
// Whatever ends the process.
process.once("exit", () => rmSync(folder, { recursive: true, force: true }))

/** What may be chosen: its port, where it exports to, how it logs. */
const chosen = Object.entries(process.env).filter(([name]) => /^(PORT$|OTEL_|PAYOUTS_LOG_)/.test(name))

const start = Effect.gen(function* () {
  let url = ""
  const paykka = yield* Paykka.make({
    send: async (request) => {
      const { headers } = request
      return fetch(url + Notifications.path, { method: "POST", headers, body: await request.text() })
    }
  })
  const variables = {
    ...paykka.variables,
    PAYOUTS_TOKEN: randomBytes(12).toString("hex"),
    PAYOUTS_SQLITE_FILE: join(folder, "payouts.db"),
    PAYOUTS_LOG_FORMAT: "pretty",
    ...Object.fromEntries(chosen)
  }
  const app = yield* Layer.build(Layer.provideMerge(App.layer, Environment.layer(variables)))
  url = HttpServer.formatAddress(Context.get(app, HttpServer.HttpServer).address)
  const order = { request_id: "first", amount: "12.50", currency: "EUR", beneficiary_id: "'$EUR_PAYEE'" }
  console.log(`
A payouts service listens at ${url}, before a local PayKKa at ${paykka.server.baseUrl}.
In another terminal, pay somebody, and see what has become of it:

export PAYOUTS_URL=${url} PAYOUTS_TOKEN=${variables.PAYOUTS_TOKEN} EUR_PAYEE=${paykka.payees.EUR} USD_PAYEE=${paykka.payees.USD}
curl -sS $PAYOUTS_URL/payouts -H "authorization: Bearer $PAYOUTS_TOKEN" -d '${JSON.stringify(order)}'
curl -sS $PAYOUTS_URL/payouts/first -H "authorization: Bearer $PAYOUTS_TOKEN"

Ctrl-C ends both, and leaves nothing behind.
`)
  return Context.get(app, Environment.Environment).shutdownMillis
})

await Process.run(start)
