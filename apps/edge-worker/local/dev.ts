/** The worker for trying it out, in workerd before a local PayKKa: with keys made for it, a merchant who has money, and payees. */
import { randomBytes } from "node:crypto"
import * as Paykka from "@paykka/payouts/local/Paykka"
import * as Notifications from "@paykka/payouts/Notifications"
import * as Effect from "effect/Effect"
import * as Workerd from "./Workerd.ts"

const program = Effect.gen(function* () {
  let url = ""
  const paykka = yield* Paykka.make({
    send: async (request) => {
      const { headers } = request
      return fetch(url + Notifications.path, { method: "POST", headers, body: await request.text() })
    }
  })
  const token = randomBytes(12).toString("hex")
  const worker = yield* Workerd.start({
    variables: { ...paykka.variables, PAYOUTS_TOKEN: token },
    port: Number(process.env["PORT"] ?? 8787),
    onLog: (text) => process.stdout.write(text)
  })
  url = worker.url
  const order = { request_id: "first", amount: "12.50", currency: "EUR", beneficiary_id: "'$EUR_PAYEE'" }
  console.log(`
A payouts worker listens at ${url}, before a local PayKKa at ${paykka.server.baseUrl}.
In another terminal, pay somebody, and see what has become of it:

export PAYOUTS_URL=${url} PAYOUTS_TOKEN=${token} EUR_PAYEE=${paykka.payees.EUR} USD_PAYEE=${paykka.payees.USD}
curl -sS $PAYOUTS_URL/payouts -H "authorization: Bearer $PAYOUTS_TOKEN" -d '${JSON.stringify(order)}'
curl -sS $PAYOUTS_URL/payouts/first -H "authorization: Bearer $PAYOUTS_TOKEN"

Ctrl-C ends both, and leaves nothing behind.
`)
  return yield* Effect.never
})

await Effect.runPromise(Effect.scoped(program))
