/** The process that receives: keeps notifications in the inbox and answers. Writes its port. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { notification as va } from "@paykka/schemas/Va"
import * as Inbox from "@paykka/webhook/Inbox"
import * as WebhookNode from "@paykka/webhook/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { stores } from "../engines.ts"
import { receiving } from "../killing.ts"
import { reachIn } from "../steps.ts"
import { engine, main, marks, verifier } from "./environment.ts"

const serve = Effect.gen(function* () {
  const inbox = yield* Inbox.make({
    notifications: [va],
    handlers: { "va.notification": () => Effect.die(new Error("this process does not handle")) },
    busyTimeout: "500 millis"
  })
  const answer = WebhookNode.handle(inbox)
  const run = Effect.runForkWith(yield* Effect.context())
  const server = createServer((request, response) => void run(answer(request, response)))
  server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port))
  return yield* Effect.never
})

main(Effect.provide(serve, [receiving(reachIn(marks)).pipe(Layer.provideMerge(stores(engine))), verifier]))
