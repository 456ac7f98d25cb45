/** What the compiler must accept and refuse; a directive that is not needed is an error of its own. */
import { assert, describe, it } from "@effect/vitest"
import type * as Verifier from "@paykka/signing/Verifier"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Node from "../src/node.ts"
import type * as Event from "../src/Event.ts"
import type * as ReplayGuard from "../src/ReplayGuard.ts"
import * as WebHandler from "../src/WebHandler.ts"
import * as Webhook from "../src/Webhook.ts"
import { init, notify, opened, payee, secrets, va, verifier } from "./support.ts"

class Accounts extends Context.Service<Accounts, { readonly save: (accountNo: string) => Effect.Effect<void> }>()(
  "test/Accounts"
) {}
class Unknowns extends Context.Service<Unknowns, { readonly keep: (detail: string) => Effect.Effect<void> }>()(
  "test/Unknowns"
) {}

/** The two are the same type, and it is not `any`. */
type Same<A, B> = 0 extends 1 & A ? false : [A] extends [B] ? ([B] extends [A] ? true : false) : false
const same = <A, B>(proof: Same<A, B>): boolean => proof

const plain = Webhook.make({ notifications: [va], handlers: { "va.notification": () => Effect.void } })

const withServices = Webhook.make({
  notifications: [va, payee],
  handlers: {
    "va.notification": ({ data }) => Accounts.use(({ save }) => save(data.account_no ?? "")),
    "payee.notification": ({ data }) => Effect.log(data.beneficiary_id)
  },
  onUnknown: ({ detail }) => Unknowns.use(({ keep }) => keep(detail))
})

const accounts = (saved: Array<string>) =>
  Layer.succeed(Accounts, { save: (accountNo) => Effect.sync(() => saved.push(accountNo)) })
const unknowns = (kept: Array<string>) =>
  Layer.succeed(Unknowns, { keep: (detail) => Effect.sync(() => kept.push(detail)) })

describe("types", () => {
  it("a webhook needs what its handlers need, and the verifier", () => {
    assert.isTrue(
      same<typeof plain, Effect.Effect<Webhook.Webhook, never, Verifier.Verifier | ReplayGuard.ReplayGuard>>(true)
    )
    assert.isTrue(
      same<
        typeof withServices,
        Effect.Effect<Webhook.Webhook<Accounts | Unknowns>, never, Verifier.Verifier | ReplayGuard.ReplayGuard>
      >(true)
    )
  })

  it("each handler gets the data of its kind, and all the rest of an event", () => {
    void Webhook.make({
      notifications: [va, payee],
      handlers: {
        "va.notification": (event) => {
          same<typeof event, Webhook.Event<typeof va>>(true)
          same<typeof event.kind, "va.notification">(true)
          same<typeof event.data.currencies, ReadonlyArray<string> | undefined>(true)
          same<typeof event.raw, unknown>(true)
          same<typeof event.type, string | undefined>(true)
          same<typeof event.verified, Event.Genuine>(true)
          // @ts-expect-error -- a field of another kind
          return Effect.succeed(event.data.beneficiary_id)
        },
        "payee.notification": (event) => {
          same<typeof event.kind, "payee.notification">(true)
          same<typeof event.data.beneficiary_id, string | undefined>(true)
          // @ts-expect-error -- a field of another kind
          return Effect.succeed(event.data.account_no)
        }
      },
      onUnknown: (event) => {
        same<typeof event.data, unknown>(true)
        return Effect.void
      }
    })
  })

  it("there is one handler for each chosen kind, neither more nor less", () => {
    void Webhook.make({
      notifications: [va],
      handlers: {
        "va.notification": () => Effect.void,
        // @ts-expect-error -- was not chosen
        "payee.notification": () => Effect.void
      }
    })
    void Webhook.make({
      notifications: [va, payee],
      // @ts-expect-error -- payee.notification is missing
      handlers: { "va.notification": () => Effect.void }
    })
    void Webhook.make({
      notifications: [va],
      handlers: {
        "va.notification": () => Effect.void,
        // @ts-expect-error -- misspelt
        "va.notifcation": () => Effect.void
      }
    })
    // @ts-expect-error -- no handlers at all
    void Webhook.make({ notifications: [va] })
    void Webhook.make({
      notifications: [va],
      handlers: {
        // @ts-expect-error -- a promise is not an effect: its failure would be lost
        "va.notification": async () => undefined
      }
    })
  })

  it("callback paths are keyed by the chosen kinds", () => {
    const handlers = { "va.notification": () => Effect.void }
    const right = Webhook.make({ notifications: [va], handlers, paths: { "va.notification": ["/hooks/va"] } })
    // @ts-expect-error -- no such kind was chosen: a misspelt one would carry nothing
    const wrong = Webhook.make({ notifications: [va], handlers, paths: { "va.notificaton": ["/hooks/va"] } })
    assert.notStrictEqual(right, wrong)
  })

  it("the layer must provide the verifier and the services of the handlers", () => {
    // Made, never run: nothing is built before the first request.
    for (const make of [WebHandler.make, Node.make]) {
      make(plain, verifier())
      make(plain, Layer.merge(verifier(), accounts([])))
      make(withServices, Layer.mergeAll(verifier(), accounts([]), unknowns([])))
      // @ts-expect-error -- no verifier
      make(plain, accounts([]))
      // @ts-expect-error -- Unknowns is not provided
      make(withServices, Layer.merge(verifier(), accounts([])))
      // @ts-expect-error -- Accounts is not provided
      make(withServices, Layer.merge(verifier(), unknowns([])))
      // @ts-expect-error -- Accounts needs something itself
      // @effect-diagnostics-next-line missingLayerContext:off
      make(plain, Layer.merge(verifier(), Layer.effect(Accounts, Effect.as(Unknowns, { save: () => Effect.void }))))
    }
  })

  it("handle leaves the services to its caller", () => {
    const handled = Effect.map(withServices, (webhook) => WebHandler.handle(webhook)(new Request("https://x.test")))
    same<Effect.Success<typeof handled>, Effect.Effect<Response, never, Accounts | Unknowns>>(true)
    // @ts-expect-error -- the services are missing
    // @effect-diagnostics-next-line missingEffectContext:off
    const run = () => Effect.runPromise(Effect.flatten(handled).pipe(Effect.provide(verifier())))
    assert.isFunction(run)
  })

  it.live("the services that are provided are those that the handlers use", () =>
    Effect.gen(function* () {
      const saved: Array<string> = []
      const kept: Array<string> = []
      const { fetch, dispose } = WebHandler.make(
        withServices,
        Layer.mergeAll(verifier(), accounts(saved), unknowns(kept))
      )
      for (const message of [notify(opened()), notify("", { path: "/hooks/all" })]) {
        const response = yield* Effect.promise(() =>
          fetch(new Request(`https://merchant.test${message.path}`, init(message)))
        )
        assert.strictEqual(response.status, 200)
      }
      yield* Effect.promise(dispose)
      assert.deepStrictEqual([saved, kept], [[secrets.account_no], ["the body is empty"]])
    })
  )
})
