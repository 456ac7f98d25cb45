/**
 * The heart of the sandbox: whatever merchants do, and however it is decided, no money is made, lost or counted twice.
 * A failing run prints its seed and the shortest steps that fail.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Forex from "@paykka/schemas/Forex"
import * as Order from "@paykka/schemas/Order"
import * as Payment from "@paykka/schemas/Payment"
import * as Tradesettle from "@paykka/schemas/Tradesettle"
import * as Va from "@paykka/schemas/Va"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { assertError, assertSuccess } from "./support/answers.ts"
import { type Currency, decimal, rateTexts, units } from "./support/arithmetic.ts"
import { send, succeed, theirs, uploadFile } from "./support/calls.ts"
import { merchId, secondMerchId } from "./support/keys.ts"
import * as Model from "./support/model.ts"
import * as Tape from "../src/Tape.ts"
import { type Scene, acceptedPayee, balances, contract, remit, startTaped } from "./support/scene.ts"

const currencies = ["EUR", "USD", "JPY"] as const
const merchants = [
  { merchId, options: {} },
  { merchId: secondMerchId, options: theirs }
] as const

const who = Schema.Literals([0, 1])
const currency = Schema.Literals(currencies)
const index = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 }))
const some = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 400 }))
const few = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 }))
/** How much: a little, all that there is, or one more than that. */
const measure = Schema.Union([few, few, few, Schema.Literals(["all", "all", "too much"])])

const remits = Schema.TaggedStruct("remit", { who, currency, cents: Schema.Literals([0, 0, 99]), some })
// Less than most receipts, so that orders are used up as well.
const creates = Schema.TaggedStruct("order", { who, currency, some: few })
const settles = Schema.TaggedStruct("settle", {
  receipt: index,
  parts: Schema.Array(Schema.Struct({ order: index, measure })).check(Schema.isBetweenLength(1, 3)),
  /** Rather an order of the receipt's currency, or any. */
  fits: Schema.Literals([true, true, true, false]),
  as: Schema.Literals(["settle", "settle", "reject"])
})
const quotes = Schema.TaggedStruct("quote", {
  who,
  sell: index,
  buy: currency,
  side: Schema.Literals(["sell", "sell", "buy"]),
  measure
})
const confirms = Schema.TaggedStruct("confirm", {
  quote: index,
  as: Schema.Literals(["convert", "convert", "fail"])
})
const pays = Schema.TaggedStruct("pay", {
  who,
  currency: index,
  measure,
  as: Schema.Literals(["pay", "fail", "return"])
})

/** The sandbox ends, and another one goes on from its tape. */
const restarts = Schema.TaggedStruct("restart", {})

/** What a merchant does next, how it is decided, and how long nothing happens then. */
const Step = Schema.Struct({
  // Those that need others before them come more often.
  does: Schema.Union([
    remits,
    creates,
    settles,
    settles,
    settles,
    quotes,
    quotes,
    confirms,
    confirms,
    confirms,
    pays,
    pays,
    restarts
  ]),
  wait: Schema.Literals([0, 0, 1, 500, 1000, 1000, 1999, 31_000])
})
type Does = (typeof Step.Type)["does"]

const someSteps = Arbitrary.array(Arbitrary.schema(Step), { minLength: 20, maxLength: 30 })

/** What both merchants begin with: money of two currencies, and receipts and orders to go on with. */
const beginning: ReadonlyArray<Does> = ([0, 1] as const).flatMap((of) =>
  (["EUR", "JPY"] as const).flatMap((name): ReadonlyArray<Does> => [
    { _tag: "remit", who: of, currency: name, cents: 99, some: 300 },
    { _tag: "order", who: of, currency: name, some: 230 },
    {
      _tag: "settle",
      receipt: -1,
      parts: [{ order: -1, measure: 200 }],
      fits: true,
      as: "settle"
    }
  ])
)

/** Asserts what is true of a ledger at every time. Gives the pockets as it counts them, in cents. */
const checkLedger = (scene: Scene) =>
  Effect.map(scene.service.ledger, (entries) => {
    const accounts = new Map<string, bigint>()
    const open = new Map<string, bigint>()
    for (const [position, { transaction, account, currency: name, amount }] of entries.entries()) {
      const cents = amount.startsWith("-") ? -units(amount.slice(1), 2) : units(amount, 2)
      const key = `${account} ${name}`
      accounts.set(key, (accounts.get(key) ?? 0n) + cents)
      open.set(name, (open.get(name) ?? 0n) + cents)
      // Between two transactions nothing is in the air, and nobody owes anything.
      if (entries[position + 1]?.transaction === transaction) continue
      for (const [, sum] of open) assert.strictEqual(sum, 0n, `transaction ${transaction}`)
      for (const [of, sum] of accounts) if (of.startsWith("M")) assert.isTrue(sum >= 0n, `${of} at ${transaction}`)
    }
    return accounts
  })

/** Asserts that model, ledger and a merchant's answers agree to the last cent. */
const checkMoney = (scene: Scene, model: Model.Model, asked: ReadonlyArray<number>) =>
  Effect.gen(function* () {
    const accounts = yield* checkLedger(scene)
    for (const [number, { merchId: name, options }] of merchants.entries()) {
      const answered = asked.includes(number) ? yield* balances(scene, {}, options) : undefined
      for (const each of currencies) {
        for (const pocket of ["available", "held", "unsettled"] as const) {
          const expected = model.money(number, each, pocket)
          const place = `${name} ${each} ${pocket}`
          assert.strictEqual(accounts.get(`${name} ${pocket} ${each}`) ?? 0n, expected, `the ledger: ${place}`)
          if (answered === undefined) continue
          assert.strictEqual(units(answered[each]?.[pocket] ?? "0", 2), expected, `the answer: ${place}`)
        }
      }
    }
  })

/** Accounts of all currencies and a payee of any currency, for both merchants. Gives the ids of a file and the payee. */
const prepare = (scene: Scene) =>
  Effect.forEach(merchants, ({ options }) =>
    Effect.gen(function* () {
      yield* succeed(scene, Va.apply, { request_id: "VA", currencies }, options)
      const payeeId = yield* acceptedPayee(scene, "P", undefined, options)
      return { fileId: yield* uploadFile(scene, {}, options), payeeId }
    })
  )

/** The one of a list that an index means, whatever the length; -1 is the last. */
const pick = <A>(list: ReadonlyArray<A>, at: number): A | undefined => list.at(list.length === 0 ? 0 : at % list.length)

const amountOf = (chosen: typeof measure.Type, all: bigint, unit: bigint): bigint => {
  const given = typeof chosen === "number" ? BigInt(chosen) * unit : chosen === "all" ? all : all + unit
  return given > 0n ? given : unit
}

describe("money", () => {
  it.effect.prop(
    "is conserved, never negative, and where the model says, whatever is done and decided",
    [someSteps],
    ([steps]) =>
      Effect.gen(function* () {
        const tape = Tape.makeMemory()
        const { scene: current, restart } = yield* startTaped({
          rates: rateTexts,
          paymentFee: decimal(Model.fee, 2),
          tape
        })
        const prepared = yield* prepare(current())
        const model = Model.make()
        const earlier = 2 * merchants.length
        const receipts: Array<readonly [Model.Receipt, string]> = []
        const orders: Array<readonly [Model.Order, string]> = []
        const offers: Array<readonly [Model.Quote, string]> = []
        let last = 0
        const request_id = () => `R-${++last}`

        /** A currency that the merchant has money of, if there is one. */
        const funded = (owner: number, at: number): Currency => {
          const rich = currencies.filter((each) => model.money(owner, each, "available") > Model.fee)
          return pick(rich.length > 0 ? rich : currencies, at)!
        }

        const take = Effect.fnUntraced(function* (does: Does) {
          const scene = current()
          switch (does._tag) {
            case "restart": {
              const before = yield* scene.service.ledger
              yield* restart(earlier + model.notified())
              assert.deepStrictEqual(yield* current().service.ledger, before)
              return
            }
            case "remit": {
              const cents = BigInt(does.some * 100 + does.cents)
              const number = yield* remit(scene, decimal(cents, 2), does.currency, merchants[does.who].merchId)
              receipts.push([model.remit(does.who, does.currency, cents), number])
              return
            }
            case "order": {
              const { options } = merchants[does.who]
              const body = contract(prepared[does.who]!.fileId, {
                request_id: request_id(),
                amount: does.some,
                currency: does.currency
              })
              const { contract_order_no } = yield* succeed(scene, Order.create, body, options)
              orders.push([model.order(does.who, does.currency, BigInt(does.some) * 100n), contract_order_no!])
              return
            }
            case "settle": {
              const [receipt, recv_order_no] = pick(receipts, does.receipt) ?? []
              if (receipt === undefined || recv_order_no === undefined) return
              const own = orders.filter(
                ([order]) => order.who === receipt.who && (!does.fits || order.currency === receipt.currency)
              )
              const parts = does.parts.flatMap(({ order: at, measure: chosen }) => {
                const [order, number] = pick(own, at) ?? []
                if (order === undefined || number === undefined) return []
                const left = order.amount - order.related
                const most = receipt.open < left ? receipt.open - (receipt.open % 100n) : left
                return [{ order, number, amount: amountOf(chosen, most, 100n) }]
              })
              if (parts.length === 0) return
              const relate_list = parts.map(({ number, amount }) => ({
                amount: amount / 100n,
                contract_order_no: number
              }))
              const request = { recv_order_no, relate_list }
              const answer = yield* send(scene, Tradesettle.apply, request, merchants[receipt.who]!.options)
              const code = model.settle(
                receipt,
                parts.map(({ order, amount }) => [order, amount]),
                does.as
              )
              if (code !== undefined) return assertError(answer, code)
              assertSuccess(Tradesettle.apply, answer)
              return yield* scene.service.decide("tradesettle", does.as)
            }
            case "quote": {
              const { buy, side } = does
              const sell = funded(does.who, does.sell)
              const { options } = merchants[does.who]
              if (sell === buy) return
              const all = model.money(does.who, side === "sell" ? sell : buy, "available")
              const cents = amountOf(does.measure, all, 1n)
              const amount = { [`${side}_amount`]: decimal(cents, 2) }
              const request = { sell_currency: sell, buy_currency: buy, ...amount } as Forex.PreorderRequest
              const answer = yield* send(scene, Forex.preorder, request, options)
              const quote = model.quote(does.who, sell, buy, side, cents)
              if (quote === undefined) return assertError(answer, "010000")
              offers.push([quote, assertSuccess(Forex.preorder, answer).order_no!])
              return
            }
            case "confirm": {
              const [quote, order_no] = pick(offers, does.quote) ?? []
              if (quote === undefined || order_no === undefined) return
              const again = quote.confirmed
              const answer = yield* send(scene, Forex.confirm, { order_no }, merchants[quote.who]!.options)
              const code = model.confirm(quote, does.as)
              if (code !== undefined) return assertError(answer, code)
              assertSuccess(Forex.confirm, answer)
              if (!again) yield* scene.service.decide("forex", does.as)
              return
            }
            case "pay": {
              const { options } = merchants[does.who]
              const paid = funded(does.who, does.currency)
              const available = model.money(does.who, paid, "available")
              const amount = amountOf(does.measure, available - Model.fee, 1n)
              const request = {
                request_id: request_id(),
                amount: decimal(amount, 2),
                currency: paid,
                beneficiary_id: prepared[does.who]!.payeeId
              }
              const answer = yield* send(scene, Payment.apply, request, options)
              const code = model.pay(does.who, paid, amount, does.as)
              if (code !== undefined) return assertError(answer, code)
              assertSuccess(Payment.apply, answer)
              return yield* scene.service.decide("payment", does.as)
            }
          }
        })

        const wait = (millis: number) => {
          model.wait(millis)
          return current().service.advance(millis)
        }

        for (const does of beginning) yield* take(does)
        yield* wait(1000)
        for (const [turn, { does, wait: millis }] of steps.entries()) {
          yield* take(does)
          yield* wait(millis)
          yield* checkMoney(current(), model, [turn % 2])
        }
        yield* wait(3_600_000)
        yield* take({ _tag: "restart" })
        const scene = current()
        yield* checkMoney(scene, model, [0, 1])
        for (const each of currencies) {
          for (const number of merchants.keys()) assert.strictEqual(model.money(number, each, "held"), 0n)
        }
        for (const [receipt, recv_order_no] of receipts) {
          const { options } = merchants[receipt.who]!
          const { status } = yield* succeed(scene, Tradesettle.inquiry, { recv_order_no }, options)
          assert.strictEqual(status, receipt.status)
        }
        for (const [{ who: owner, amount, related }, contract_order_no] of orders) {
          const { status } = yield* succeed(scene, Order.inquiry, { contract_order_no }, merchants[owner]!.options)
          assert.isTrue(related <= amount)
          assert.strictEqual(status, related < amount ? "RELATABLE" : "SANDBOX_RELATED")
        }
        assert.strictEqual(scene.receiver.received.length, earlier + model.notified())
      }),
    { arbitrary: { runs: 25 } }
  )
})
