/**
 * How long the first request of an isolate takes: of the worker that was built, and of one that has nothing in it.
 *
 * Every sample is a new isolate of workerd, made for one request: its code is compiled and run, and the request is answered. The time is that from
 * sending the request to reading its answer, over loopback. Objects and queue answer at once, so that it is the worker's own time.
 */
import * as Notifications from "@paykka/payouts/Notifications"
import * as Payment from "@paykka/schemas/Payment"
import * as Testing from "@paykka/webhook/testing"
import * as Effect from "effect/Effect"
import * as Workerd from "./Workerd.ts"

// Makes an isolate for each request. What it is to run stands in a header.
const host = `
import built from "./built.txt"
import empty from "./empty.txt"
import wrapped from "./wrapped.txt"
const codes = { empty: { "main.js": empty }, wrapped: { "main.js": wrapped, "built.js": built } }
let isolates = 0
export default {
  fetch: (request, { LOADER, COMPATIBILITY_DATE, ...env }) =>
    LOADER.get(String(isolates++), () => ({
      compatibilityDate: COMPATIBILITY_DATE,
      mainModule: "main.js",
      modules: codes[request.headers.get("x-isolate")],
      env
    }))
      .getEntrypoint()
      .fetch(request)
}
`

const empty = `export default { fetch: () => new Response() }`

// With objects and a queue that need no other isolate.
const wrapped = `
import worker from "./built.js"
const object = {
  idFromName: (name) => name,
  get: () => ({
    fetch: async (_, { body }) => Response.json({ _tag: JSON.parse(body).op === "claim" ? "Claimed" : "Done" })
  })
}
const bindings = { PAYOUT: object, REPLAY_GUARD: object, DEAD_LETTERS: object, INBOX: { send: async () => undefined } }
export default { fetch: (request, env) => worker.fetch(request, { ...env, ...bindings }) }
`

const text = (path: string, contents: string) => ({ type: "Text" as const, path, contents })

/** What is measured, beside the empty worker: a request that needs nothing, and a notification that is verified and kept. */
const requests = { health: "/health", notification: Notifications.path }

/** The times of one round, in milliseconds. */
export type Round = Readonly<Record<"empty" | keyof typeof requests, number>>

const merchId = "M24061911365700670"

/** The figures of workerd that is started for them. The subjects take turns at being the first. */
const round = (index: number, merchant: Testing.KeyPair, platform: Testing.KeyPair) =>
  Effect.gen(function* () {
    const { url } = yield* Workerd.run({
      modules: [
        { type: "ESModule", path: "host.js", contents: host },
        text("built.txt", Workerd.built()),
        text("empty.txt", empty),
        text("wrapped.txt", wrapped)
      ],
      compatibilityDate: Workerd.config.compatibility_date,
      workerLoaders: { LOADER: {} },
      bindings: {
        COMPATIBILITY_DATE: Workerd.config.compatibility_date,
        PAYOUTS_TOKEN: "the-token-of-the-bench",
        PAYKKA_MERCH_ID: merchId,
        PAYKKA_KEY_ID: merchant.keyId,
        PAYKKA_PRIVATE_KEY: merchant.privateKey,
        PAYKKA_PLATFORM_PUBLIC_KEY: platform.publicKey
      }
    })
    const { headers, body } = yield* Testing.sign(
      Payment.notification,
      { request_id: "P-1", status: "PROCESSING" },
      {
        key: platform,
        path: Notifications.path,
        merchId
      }
    )
    const time = (isolate: "empty" | "wrapped", path: string) =>
      Effect.promise(async () => {
        const init = path === Notifications.path ? { method: "POST", headers, body } : {}
        const begun = performance.now()
        const response = await fetch(url + path, { ...init, headers: { ...init.headers, "x-isolate": isolate } })
        await response.arrayBuffer()
        const millis = performance.now() - begun
        if (response.status !== 200) throw new Error(`the ${isolate} worker answered ${path} with ${response.status}`)
        return millis
      })
    // What workerd does once, and the connection.
    yield* time("empty", requests.health)
    const subjects = [
      ["empty", time("empty", requests.health)],
      ["health", time("wrapped", requests.health)],
      ["notification", time("wrapped", requests.notification)]
    ] as const
    const first = index % subjects.length
    const inOrder = [...subjects.slice(first), ...subjects.slice(0, first)]
    return Object.fromEntries(
      yield* Effect.forEach(inOrder, ([name, timed]) => Effect.map(timed, (millis) => [name, millis]))
    ) as Round
  }).pipe(Effect.scoped)

/** Measures so many times. */
export const measure = (rounds: number): Effect.Effect<ReadonlyArray<Round>> =>
  Effect.gen(function* () {
    const [merchant, platform] = [yield* Testing.generateKeyPair(), yield* Testing.generateKeyPair()]
    return yield* Effect.forEach(Array.from({ length: rounds }), (_, index) => round(index, merchant, platform))
  }).pipe(Effect.orDie)
