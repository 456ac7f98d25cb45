/** A sandbox with a callback for each kind of notification, and what must be there before a step can be tried. */
import { assert } from "@effect/vitest"
import * as Balance from "@paykka/schemas/Balance"
import * as Catalogue from "@paykka/schemas/Catalogue"
import * as Json from "@paykka/schemas/Json"
import * as Notification from "@paykka/schemas/Notification"
import * as Order from "@paykka/schemas/Order"
import * as Payee from "@paykka/schemas/Payee"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import * as Va from "@paykka/schemas/Va"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Sandbox from "../../src/Sandbox.ts"
import type { Tape } from "../../src/Tape.ts"
import { send, succeed, uploadFile } from "./calls.ts"
import { merchId } from "./keys.ts"
import { type Notified, type Options, isGenuine } from "./merchant.ts"
import { type Receiver, type Running, type Way, memory, notificationsOf, turn, until } from "./ways.ts"

/** A running sandbox and the merchants' callback. */
export interface Scene extends Running {
  readonly receiver: Receiver
}

/** Starts a sandbox that notifies on the documented paths. */
export const start = (
  options: Partial<Sandbox.Options> = {},
  way: Way = memory,
  given?: Receiver
): Effect.Effect<Scene, never, Scope.Scope> =>
  Effect.gen(function* () {
    const receiver = given ?? (yield* way.receiver)
    const callbackUrl = Sandbox.documentedPaths(String(receiver.options.callbackUrl))
    const running = yield* way.start({ ...receiver.options, callbackUrl, ...options })
    return { ...running, receiver }
  })

/** Lets the platform decide what it has been asked a second ago. */
export const decided = (scene: Running): Effect.Effect<void> => scene.service.advance("1 second")

/** A scene that can be ended, and begun again with the tape of the one before it. */
export const startTaped = (options: Partial<Sandbox.Options> & { readonly tape: Tape }) =>
  Effect.gen(function* () {
    let scope = yield* Scope.fork(yield* Effect.scope)
    const receiver = yield* memory.receiver
    const begin = Effect.suspend(() => Scope.provide(start(options, memory, receiver), scope))
    let scene = yield* begin
    return {
      scene: () => scene,
      /** Once so many notifications have arrived: what is on its way is lost. */
      restart: (notified: number) =>
        Effect.gen(function* () {
          yield* until(Effect.sync(() => receiver.received.length >= notified))
          const parent = yield* Effect.scope
          yield* Scope.close(scope, Exit.void)
          scope = yield* Scope.fork(parent)
          scene = yield* begin
        })
    }
  })

/** A notification, as a merchant reads it. */
export interface Notice {
  readonly id: string
  readonly type: string | undefined
  readonly merchId: string | undefined
  readonly data: Readonly<Record<string, unknown>>
}

const readNotice = (notified: Notified): Notice => {
  assert.isTrue(isGenuine(notified))
  const text = Buffer.from(notified.body).toString("utf8")
  const { type, version, data } = Notification.readEnvelope(Result.getOrThrow(Json.parse(text)))
  assert.strictEqual(version, "V2")
  // By the path alone: shapes are not always enough.
  const kinds = Notification.recognise(Catalogue.notifications, notified.target, undefined)
  assert.strictEqual(kinds.length, 1, notified.target)
  const read = Result.getOrThrow(Notification.decodeData(kinds[0]!, data)) as Notice["data"]
  assert.strictEqual(read["merch_id"], notified.headers["x-merch-id"])
  return { id: kinds[0]!.id, type, merchId: notified.headers["x-merch-id"], data: read }
}

/** Waits for this many notifications, of all that were ever sent, and sees that there is no further one. */
export const notices = (scene: Scene, count: number): Effect.Effect<ReadonlyArray<Notice>> =>
  Effect.gen(function* () {
    yield* until(Effect.map(notificationsOf(scene), ({ length }) => length >= count))
    for (let turns = 0; turns < 10; turns++) yield* turn
    const entries = yield* notificationsOf(scene)
    assert.deepStrictEqual(
      entries.filter(({ deliveries, failure }) => deliveries !== 1 || failure !== undefined),
      []
    )
    assert.strictEqual(scene.receiver.received.length, count)
    return scene.receiver.received.map(readNotice)
  })

/** Opens a collection account. */
export const openAccount = (scene: Scene, currency = "EUR", options?: Options): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* succeed(scene, Va.apply, { request_id: `VA-${currency}`, currencies: [currency] }, options)
    yield* decided(scene)
  })

/** The body of an order. */
export const contract = (
  fileId: string,
  change: Partial<Order.CreateRequest> & Pick<Order.CreateRequest, "request_id">
): Order.CreateRequest => ({
  buyer_name: "Example",
  buyer_country: "DE",
  amount: 1000,
  currency: "EUR",
  contract_file_ids: [fileId],
  contract_no: "N-1",
  invoice_file_ids: [fileId],
  order_date: "2019-08-24",
  ...change
})

/** Creates an order, and gives its number. */
export const createOrder = (
  scene: Scene,
  change: Parameters<typeof contract>[1],
  options?: Options
): Effect.Effect<string> =>
  Effect.gen(function* () {
    const fileId = yield* uploadFile(scene, {}, options)
    const order = yield* succeed(scene, Order.create, contract(fileId, change), options)
    return order.contract_order_no!
  })

/** Lets money arrive on an account that is open, and gives the number of the receipt. */
export const remit = (scene: Scene, amount: string | number, currency = "EUR", to = merchId): Effect.Effect<string> =>
  scene.service.remit({ merchId: to, currency, amount }).pipe(
    Effect.map(({ recv_order_no }) => recv_order_no),
    Effect.orDie
  )

/** Gives a merchant money to use, by an account, a receipt, an order and a settlement. */
export const fund = (scene: Scene, amount: number | string, currency = "EUR", options?: Options): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* openAccount(scene, currency, options)
    const recv_order_no = yield* remit(scene, amount, currency, options?.merchId ?? merchId)
    const request_id = `O-${recv_order_no}`
    const contract_order_no = yield* createOrder(
      scene,
      { request_id, amount, currency: currency as Order.Currency },
      options
    )
    yield* succeed(scene, Tradesettle.apply, { recv_order_no, relate_list: [{ amount, contract_order_no }] }, options)
    yield* decided(scene)
  })

/** Creates a payee, and gives its id. */
export const acceptedPayee = (
  scene: Scene,
  request_id: string,
  currency?: string,
  options?: Options
): Effect.Effect<string> =>
  Effect.gen(function* () {
    const beneficiary = currency === undefined ? {} : { currency }
    yield* succeed(scene, Payee.create, { request_id, beneficiary }, options)
    yield* decided(scene)
    return (yield* succeed(scene, Payee.inquiry, { request_id }, options)).beneficiary_id!
  })

/** A merchant's money of a currency: the digits of the answer. */
export interface Money {
  readonly available: string
  readonly held: string
  readonly unsettled: string
}

/** Asks for balances, and gives them with every digit, by currency. */
export const balances = (
  scene: Running,
  input: Balance.InquiryRequest = {},
  options?: Options
): Effect.Effect<Readonly<Record<string, Money>>> =>
  Effect.map(send(scene, Balance.inquiry, input, options), (answer) => {
    assert.strictEqual(answer.status, 200, answer.body)
    const form = /\{"currency":"([A-Z]{3})","available":(-?[0-9.]+),"held":(-?[0-9.]+),"unsettled":(-?[0-9.]+)\}/g
    const found = [...answer.body.matchAll(form)]
    return Object.fromEntries(
      found.map(([, currency, available, held, unsettled]) => [
        currency,
        { available: available!, held: held!, unsettled: unsettled! }
      ])
    )
  })

/** The money of one currency. */
export const money = (scene: Running, currency = "EUR", options?: Options): Effect.Effect<Money> =>
  Effect.map(balances(scene, { currency }, options), (all) => all[currency]!)
