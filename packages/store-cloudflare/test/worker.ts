/** The worker under test: it runs in workerd, bundled by `support.ts`. Its handlers write down what they see. */
import { notification as va } from "@paykka/schemas/Va"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import * as Inbox from "@paykka/webhook/Inbox"
import type * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import type { Stored } from "@paykka/webhook/Stored"
import * as WebHandler from "@paykka/webhook/WebHandler"
import * as Webhook from "@paykka/webhook/Webhook"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { MessageBatch, ObjectNamespace, ObjectState, QueueProducer } from "../src/Bindings.ts"
import * as CloudflareDeadLetters from "../src/CloudflareDeadLetters.ts"
import * as CloudflareInbox from "../src/CloudflareInbox.ts"
import * as CloudflareReplayGuard from "../src/CloudflareReplayGuard.ts"
import * as CloudflareWorker from "../src/CloudflareWorker.ts"
import { ReplayGuardObject } from "../src/ReplayGuardObject.ts"

export { DeadLettersObject } from "../src/DeadLettersObject.ts"

/** Shows what it keeps, and can be thrown out of memory. */
export class InspectedGuardObject extends ReplayGuardObject {
  readonly #state: ObjectState & { abort(reason: string): void }

  constructor(state: ObjectState & { abort(reason: string): void }) {
    super(state)
    this.#state = state
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname === "/evict") this.#state.abort("evicted by a test")
    if (pathname !== "/state") return super.fetch(request)
    return Response.json({
      rows: [...this.#state.storage.sql.exec("SELECT count(*) AS rows FROM deliveries")][0]?.["rows"],
      alarm: await this.#state.storage.getAlarm()
    })
  }
}

export interface Env {
  readonly PLATFORM_PUBLIC_KEY: string
  readonly GUARD: ObjectNamespace
  readonly LETTERS: ObjectNamespace
  readonly INBOX: QueueProducer
  readonly STUBBORN: QueueProducer
  readonly KV: ObjectNamespace
}

/** What the handlers have seen, and what fails at present. */
export interface Seen {
  readonly handled: Array<string>
  readonly tried: Record<string, number>
}

const seen: Seen = { handled: [], tried: {} }
let broken = true

class Failing extends Data.TaggedError("Failing")<{ readonly message: string }> {}

const notifications = [va]
const paths = { "va.notification": ["/direct", "/unguarded", "/inbox"] }

/**
 * Long enough for others to arrive meanwhile. Fails at the first attempts of `flaky-2…` as often as it says, and at `broken…` until
 * it is mended.
 */
const handlers = {
  "va.notification": ({ data: { request_id: id = "" } }: Webhook.Event<typeof va>) =>
    Effect.gen(function* () {
      const tried = (seen.tried[id] = (seen.tried[id] ?? 0) + 1)
      yield* Effect.sleep("50 millis")
      if (id.startsWith("broken") && broken) return yield* new Failing({ message: "the ledger is closed" })
      if (tried <= Number(/^flaky-([0-9]+)/.exec(id)?.[1] ?? 0)) return yield* new Failing({ message: "not yet" })
      seen.handled.push(id)
      return undefined
    })
}

const down: ObjectNamespace = {
  idFromName: (name) => name,
  get: () => ({ fetch: () => Promise.reject(new Error("Durable Object storage is away")) })
}

// Limits that only a hang reaches, so that a slow machine fails no test.
const timeout = "50 seconds"
const busyTimeout = timeout

const setUp = (env: Env) => {
  const verifier = Verifier.layer().pipe(
    Layer.provide(KeyStore.layer({ platformKeys: [{ publicKey: env.PLATFORM_PUBLIC_KEY }] }))
  )
  const guard = CloudflareReplayGuard.layer({ namespace: env.GUARD, timeout })
  const letters = CloudflareDeadLetters.layer({ namespace: env.LETTERS, timeout })
  const queue = CloudflareInbox.layer({ queue: env.INBOX })
  const webhook = Webhook.make({ notifications, paths, handlers, busyTimeout })
  const inbox = Inbox.make({ notifications, paths, handlers, busyTimeout, maxAttempts: 3 })
  const delay = () => 0
  return {
    letters,
    direct: WebHandler.make(webhook, Layer.merge(verifier, guard)),
    unguarded: WebHandler.make(webhook, Layer.merge(verifier, CloudflareReplayGuard.layer({ namespace: down }))),
    inbox: CloudflareWorker.make(
      inbox,
      Layer.mergeAll(verifier, guard, queue).pipe(Layer.provideMerge(letters)),
      // As the tests' Miniflare is told.
      { delay, maxRetries: 4, concurrency: 3, deadLetterQueue: "inbox-dead" }
    ),
    // The inbox would go on for ever, the queue does not.
    stubborn: CloudflareWorker.make(
      Inbox.make({ notifications, paths, handlers, maxAttempts: 100 }),
      Layer.mergeAll(verifier, guard, queue).pipe(Layer.provideMerge(letters)),
      { delay, maxRetries: 1 }
    ),
    ordered: CloudflareWorker.make(
      Inbox.make({ notifications, paths, handlers, order: () => "one object" }),
      Layer.mergeAll(verifier, guard, queue).pipe(Layer.provideMerge(letters))
    )
  }
}
let parts: ReturnType<typeof setUp> | undefined

const outcome = async <A, E>(effect: Effect.Effect<A, E>): Promise<Response> =>
  Response.json(
    await Effect.runPromise(
      Effect.match(effect, {
        onSuccess: (success) => ({ success }),
        onFailure: (error) => ({ failure: error instanceof Error ? error.message : String(error) })
      }).pipe(Effect.catchDefect((defect) => Effect.succeed({ defect: String(defect) })))
    )
  )

/** A step of the guard, by HTTP. */
export interface GuardStep {
  readonly options: Omit<CloudflareReplayGuard.Options, "namespace">
  readonly op: "claim" | "commit" | "release"
  readonly argument: ReplayGuard.Delivery & ReplayGuard.Claimed
}

/** A step of the dead letters, by HTTP. */
export interface LettersStep {
  readonly op: "put" | "list" | "get" | "remove"
  readonly argument: never
}

let keys: Promise<KeyStore.Service> | undefined
let loads = 0

/** Keys that are loaded again for every batch of requests, and slowly. */
const refreshing = ({ PLATFORM_PUBLIC_KEY: publicKey }: Env) =>
  Effect.runPromise(
    KeyStore.makeRefreshing({
      timeToLive: 0,
      load: Effect.as(
        Effect.andThen(
          Effect.sync(() => loads++),
          Effect.sleep("100 millis")
        ),
        { platformKeys: [{ publicKey }] }
      )
    })
  )

const fetch = async (request: Request, env: Env): Promise<Response> => {
  const { letters, direct, unguarded, inbox, ordered } = (parts ??= setUp(env))
  const { pathname, searchParams } = new URL(request.url)
  switch (pathname) {
    case "/direct":
      return direct.fetch(request)
    case "/unguarded":
      return unguarded.fetch(request)
    case "/inbox":
      return inbox.fetch(request)
    case "/seen":
      return Response.json(seen)
    case "/mend":
      broken = false
      return new Response()
    case "/replay":
      return Response.json(
        await inbox
          .run(({ replay }) => replay(searchParams.get("id") ?? ""))
          .then(
            (success) => ({ success }),
            ({ message }: Error) => ({ failure: message })
          )
      )
    case "/ordered": {
      const stored = (await request.json()) as Stored
      return outcome(Effect.promise(() => ordered.run(({ handle }) => handle(stored, 1))))
    }
    case "/message":
      await env[searchParams.get("queue") === "stubborn" ? "STUBBORN" : "INBOX"].send(await request.json(), {
        contentType: "json"
      })
      return new Response()
    case "/object": {
      const stub = env.GUARD.get(env.GUARD.idFromName(searchParams.get("name") ?? ""))
      return stub.fetch(`https://object.invalid${searchParams.get("path")}`, {
        method: "POST",
        body: await request.text()
      }) as never
    }
    case "/keys":
      return outcome(
        Effect.promise(() => (keys ??= refreshing(env))).pipe(
          Effect.flatMap(({ platformKeys }) => platformKeys),
          Effect.map((found) => `${found.length} of load ${loads}`)
        )
      )
    case "/kv":
      return outcome(Effect.scoped(Layer.build(CloudflareReplayGuard.layer({ namespace: env.KV }))))
    case "/swapped":
      return outcome(
        Effect.flatMap(CloudflareReplayGuard.make({ namespace: env.LETTERS }), (guard) =>
          guard.claim({ id: "0".repeat(64), signature: "" })
        )
      )
    case "/guard": {
      const { options, op, argument } = (await request.json()) as GuardStep
      return outcome(
        Effect.flatMap(
          CloudflareReplayGuard.make({ namespace: env.GUARD, timeout, ...options }),
          (guard): Effect.Effect<unknown, ReplayGuard.ReplayGuardUnavailable> => guard[op](argument)
        )
      )
    }
    case "/letters": {
      const { op, argument } = (await request.json()) as LettersStep
      return outcome(
        DeadLetters.DeadLetters.use((service): Effect.Effect<unknown, DeadLetters.DeadLettersUnavailable> =>
          op === "get" ? Effect.map(service.get(argument), Option.getOrNull) : service[op](argument)
        ).pipe(Effect.provide(letters))
      )
    }
    default:
      return new Response(null, { status: 404 })
  }
}

const queue = async (batch: MessageBatch & { readonly queue: string }, env: Env): Promise<void> => {
  const { inbox, stubborn } = (parts ??= setUp(env))
  // Dies as often as it is called, as a worker out of memory would.
  if (JSON.stringify(batch.messages.map(({ body }) => body)).includes("deadly") && batch.queue === "inbox") {
    throw new Error("the worker died")
  }
  await (batch.queue === "stubborn" ? stubborn : inbox).queue(batch)
}

export default { fetch, queue }
