/** The whole service as a layer. */
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Balance from "@paykka/balance/Balance"
import * as PaykkaConfig from "@paykka/core/PaykkaConfig"
import * as Forex from "@paykka/forex/Forex"
import * as Payment from "@paykka/payment/Payment"
import * as Payouts from "@paykka/payouts/Payouts"
import * as Settings from "@paykka/payouts/Settings"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as SigningNode from "@paykka/signing/node"
import * as Verifier from "@paykka/signing/Verifier"
import * as SqlDeadLetters from "@paykka/store-sql/SqlDeadLetters"
import * as SqlInboxQueue from "@paykka/store-sql/SqlInboxQueue"
import * as SqlReplayGuard from "@paykka/store-sql/SqlReplayGuard"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import * as Advancing from "./Advancing.ts"
import * as Background from "./Background.ts"
import * as Database from "./Database.ts"
import { Environment } from "./Environment.ts"
import * as Gauges from "./Gauges.ts"
import * as Observability from "./Observability.ts"
import * as PayoutStoreSql from "./PayoutStoreSql.ts"
import * as Routes from "./Routes.ts"

const missing = (variable: string) => () => new Settings.InvalidSetting({ variable, rule: "is not set, nor its _FILE" })

/** Both sides' keys: the service signs and verifies. */
const keys = Layer.effectDiscard(
  Effect.gen(function* () {
    const { signingKey, platformKeys } = yield* KeyStore.KeyStore
    yield* Effect.mapError(signingKey, missing("PAYKKA_PRIVATE_KEY"))
    yield* Effect.mapError(platformKeys, missing("PAYKKA_PLATFORM_PUBLIC_KEY"))
  })
).pipe(Layer.provideMerge(SigningNode.layerConfig))

const paykka = Layer.mergeAll(Balance.layer, Forex.layer, Payment.layer).pipe(
  Layer.provide(PaykkaConfig.layer),
  Layer.provide([Signer.layer, FetchHttpClient.layer])
)

const inboxQueue = Layer.unwrap(
  Effect.map(Environment, ({ inboxLock }) => SqlInboxQueue.layer({ lockExpiration: inboxLock }))
  // It asks every second, mostly for nothing.
).pipe(Layer.provide(Layer.succeed(References.TracerEnabled, false)))

const stores = Layer.mergeAll(PayoutStoreSql.layer(), inboxQueue, SqlReplayGuard.layer(), SqlDeadLetters.layer()).pipe(
  Layer.provide(Database.layer)
)

const settings = Layer.effect(
  Settings.Current,
  Effect.map(Environment, (environment) => environment.settings)
)

// No journal of calls: the record of a payout is written before each call that moves money, and is what a restart goes on from.
const services = Background.layer.pipe(
  Layer.provideMerge(Payouts.layer),
  Layer.provideMerge([Layer.provideMerge(Layer.merge(paykka, Verifier.layer()), keys), stores, settings])
)

const server = Layer.unwrap(
  Effect.map(Environment, ({ host, port, shutdownMillis }) => {
    const nodeServer = createServer()
    // A connection that is kept would get around a port that is closed.
    nodeServer.on("request", ({ socket }, response) => {
      response.once("close", () => {
        if (!nodeServer.listening) socket.destroySoon()
      })
    })
    return NodeHttpServer.layer(() => nodeServer, { host, port, gracefulShutdownTimeout: shutdownMillis })
  })
)

/**
 * The service: it listens when the layer is built. When its scope closes it takes nothing new, answers what has come, finishes what it has
 * begun, exports what is left to be told, and closes its database, in this order.
 */
export const layer = Layer.effectDiscard(
  Effect.addFinalizer(() => Effect.logInfo("stopping: what was begun is finished first"))
).pipe(
  Layer.provideMerge(HttpRouter.serve(Routes.layer)),
  Layer.merge(Layer.merge(Advancing.layer, Gauges.layer)),
  Layer.provideMerge(server),
  Layer.provide(services),
  Layer.provide(Observability.layer)
)
