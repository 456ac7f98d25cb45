/**
 * The process that pays: it first recovers what its predecessor left, then makes what is still to be made, twelve at once. It goes by
 * the journal and its own notes.
 */
import * as Environment from "@paykka/core/Environment"
import * as Journal from "@paykka/core/Journal"
import * as Outcome from "@paykka/core/Outcome"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import * as Plugin from "@paykka/core/Plugin"
import * as ResolvePolicy from "@paykka/core/ResolvePolicy"
import * as Payee from "@paykka/schemas/Payee"
import * as Payment from "@paykka/schemas/Payment"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as SqlJournal from "@paykka/store-sql/SqlJournal"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { clientOf } from "./engines.ts"
import * as Notes from "./notes.ts"
import { type Item, fromEnv, owner } from "./settings.ts"
import { type Reach, reachIn } from "./steps.ts"

const { engine, baseUrl, merchId, marks, notes: file, items, privateKey } = fromEnv()
const note = Notes.writer(file)
const act = reachIn(marks)
const reach: Reach = (step, id) =>
  Effect.andThen(
    Effect.sync(() => note(step, id)),
    act(step, id)
  )

/** The journal, with the steps around what is appended. */
const journal = Layer.effect(
  Journal.Journal,
  Effect.map(Journal.Journal, (inner) => {
    // Of the calls of this process, and of those that it recovers.
    const called = new Map<string, string>()
    const recovered = new Map<string, string>()
    return {
      append: (entry: Journal.Entry) => {
        const append = inner.append(entry)
        if (entry._tag === "Intent") called.set(entry.id, entry.key?.value ?? "")
        const id = called.get(entry.id) ?? recovered.get(entry.id) ?? ""
        const isCalled = called.has(entry.id)
        switch (entry._tag) {
          case "Intent":
            return reach("before the intent", id).pipe(Effect.andThen(append), Effect.andThen(reach("intended", id)))
          case "Attempt":
            return Effect.andThen(append, reach("attempted", id))
          case "Outcome":
            return reach(isCalled ? "answered" : "found out", id).pipe(
              Effect.andThen(append),
              Effect.andThen(reach(isCalled ? "recorded" : "recovered", id))
            )
        }
      },
      unfinished: (options?: Journal.UnfinishedOptions) =>
        Effect.tap(inner.unfinished(options), (all) =>
          Effect.sync(() => {
            for (const { id, key } of all) recovered.set(id, key?.value ?? "")
          })
        )
    }
  })
).pipe(Layer.provide(SqlJournal.layer()), Layer.provide(clientOf(engine)))

/** fetch, which comes to the step when the platform has processed a write and begun to answer, before the answer is read. */
const fetchSteps: typeof globalThis.fetch = async (url, init) => {
  const response = await globalThis.fetch(url, init)
  const { pathname } = new URL(url as string | URL)
  if (pathname === Payment.apply.path || pathname === Payee.create.path) {
    const { request_id } = JSON.parse(new TextDecoder().decode(init?.body as Uint8Array)) as Item
    await Effect.runPromise(reach("sent", request_id))
  }
  return response
}

const signer = Layer.provide(Signer.layer, KeyStore.layer({ signingKey: { keyId: "merchant-key", privateKey } }))

const client = PaykkaClient.layer({ environment: Environment.local(baseUrl), merchId }).pipe(
  Layer.provide([signer, FetchHttpClient.layer]),
  Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetchSteps))
)

// What died was on this machine: nothing of it is on its way for long.
const policy = Layer.succeed(ResolvePolicy.Current, {
  ...ResolvePolicy.standard,
  settle: "500 millis",
  poll: { interval: "25 millis", factor: 1 }
})

/** Makes the write. */
const send = (item: Item) =>
  PaykkaClient.PaykkaClient.use(({ execute }) => {
    const { kind, ...input } = item
    if (kind === "payee") return Effect.asVoid(execute(Payee.create, input))
    return Effect.asVoid(execute(Payment.apply, input as Omit<Extract<Item, { kind: "payment" }>, "kind">))
  })

/** Whether the platform has it. */
const isThere = ({ kind, request_id }: Item) =>
  PaykkaClient.PaykkaClient.use(({ execute }) =>
    kind === "payee"
      ? Effect.asVoid(execute(Payee.inquiry, { request_id }))
      : Effect.asVoid(execute(Payment.inquiry, { request_id }))
  ).pipe(
    Effect.as(true),
    Effect.catchReason("PaykkaError", "NotFound", () => Effect.succeed(false))
  )

const pay = Effect.gen(function* () {
  const earlier = Notes.read(file)
  const noted = (what: Notes.Note["what"]) => new Set(earlier.filter((each) => each.what === what).map(({ id }) => id))
  const [begun, ended] = [noted("begun"), noted("ended")]

  const resolutions = new Map<string, Outcome.Resolution["_tag"]>()
  for (const { entry, resolution } of yield* Outcome.recover([Payment.apply, Payee.create], { owner })) {
    const id = entry.key?.value ?? ""
    note(resolution._tag, id)
    if (resolution._tag === "Undecided") return yield* Effect.die(new Error(`${id}: ${resolution.why}`))
    resolutions.set(id, resolution._tag)
  }

  const make = (item: Item) =>
    Effect.gen(function* () {
      const { request_id: id } = item
      if (ended.has(id)) return
      const resolution = resolutions.get(id)
      if (resolution === undefined && begun.has(id)) {
        // The journal has its outcome, or never heard of it, since its process died just before or after: nothing is on its way.
        const there = yield* isThere(item)
        note(there ? "there" : "not there", id)
        if (there) return note("ended", id)
      }
      if (resolution !== "Processed") {
        note("begun", id)
        yield* send(item)
      }
      return note("ended", id)
    })
  yield* Effect.forEach(items, make, { concurrency: 12, discard: true })
})

// Whoever started this process is gone.
process.stdin.resume().once("end", () => process.exit(0))
const log = Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])
const layers = Layer.mergeAll(Plugin.layer(Journal.make({ owner })), client, policy).pipe(
  Layer.provideMerge(journal),
  Layer.provideMerge(log)
)
const exit = await Effect.runPromiseExit(Effect.provide(pay, layers))
if (Exit.isFailure(exit)) console.error(Cause.pretty(exit.cause))
process.exit(Exit.isSuccess(exit) ? 0 : 1)
