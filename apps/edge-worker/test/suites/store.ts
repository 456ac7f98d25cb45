/** The store of an object, in workerd, beside the one in memory: whatever steps are taken, both say the same. */
import { fileURLToPath } from "node:url"
import { assert, layer } from "@effect/vitest"
import * as Payout from "@paykka/payouts/Payout"
import { PayoutStore, layerMemory } from "@paykka/payouts/PayoutStore"
import * as Arbitrary from "effect/Arbitrary"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { rolldown } from "rolldown"
import * as Workerd from "../../local/Workerd.ts"
import { type Step, type Taken, take } from "../storeWorker.ts"

const bundle = async (): Promise<string> => {
  const input = fileURLToPath(new URL("../storeWorker.ts", import.meta.url))
  const build = await rolldown({ input, platform: "neutral", logLevel: "silent" })
  const { output } = await build.generate({ format: "esm", codeSplitting: false })
  await build.close()
  // The other objects of the configuration.
  return `${output[0].code}\nexport { StoreObject as PayoutObject, StoreObject as ReplayGuardObject, StoreObject as DeadLettersObject }`
}

class Url extends Context.Service<Url, string>()("@paykka/edge-worker/test/Url") {}

const running = Layer.effect(
  Url,
  Effect.gen(function* () {
    const script = yield* Effect.promise(bundle)
    const { url } = yield* Workerd.start({ variables: {}, script })
    return url
  })
)

// No alarm is to go off while the test runs.
const soonest = Date.now() + 60 * 60 * 1000

const Drawn = Schema.Struct({
  op: Schema.Literals(["insert", "insert", "get", "save", "save", "save", "due"]),
  number: Schema.Literals([0, 1, 2]),
  state: Schema.Literals(["accepted", "paying", "paid"]),
  version: Schema.Literals([0, 0, 1, 2, 3]),
  minutes: Schema.NullOr(Schema.Literals([0, 1, 2, 3, 4, 5])),
  limit: Schema.Literals([1, 2, 10])
})

const stepOf = ({ op, number, state, version, minutes, limit }: typeof Drawn.Type, index: number): Step => {
  const request_id = `R-${number}`
  // Two that are due at the same time have no order.
  const at = (after: number) => soonest + after * 60_000 + index
  switch (op) {
    case "get":
      return { op, requestId: request_id }
    case "due":
      return { op, now: at(minutes ?? 0), limit }
    default: {
      const order = Result.getOrThrow(
        Payout.read({ request_id, amount: "1.10", currency: "EUR", beneficiary_id: "B-1", postscript: "invoice" })
      )
      const next_at = minutes === null ? null : at(minutes)
      return { op, payout: { ...Payout.make(order, 0), state, version, next_at, updated_at: index } }
    }
  }
}

const someSteps = Arbitrary.map(Arbitrary.array(Arbitrary.schema(Drawn), { minLength: 10, maxLength: 40 }), (drawn) =>
  drawn.map(stepOf)
)

const inMemory = (steps: ReadonlyArray<Step>) =>
  Effect.gen(function* () {
    const store = yield* PayoutStore
    return yield* Effect.forEach(steps, (step) =>
      Effect.gen(function* () {
        const result = (yield* take(store, step)) ?? null
        const [first] = yield* store.due(Infinity, 1)
        const alarm = first === undefined ? null : ((yield* store.get(first))?.next_at ?? null)
        return { result, alarm }
      })
    )
  }).pipe(Effect.provide(Layer.fresh(layerMemory)))

let objects = 0

/** Declares it. */
export const store = (): void =>
  layer(running, { excludeTestServices: true })("the store of an object", (it) => {
    it.effect.prop(
      "is that in memory, and sets its alarm to when the first payout is due",
      [someSteps],
      ([steps]) =>
        Effect.gen(function* () {
          const url = yield* Url
          const taken = yield* Effect.promise(async (): Promise<ReadonlyArray<Taken>> => {
            const response = await fetch(`${url}/${objects++}`, { method: "POST", body: JSON.stringify(steps) })
            return (await response.json()) as ReadonlyArray<Taken>
          })
          assert.deepStrictEqual(taken, yield* Effect.orDie(inMemory(steps)))
        }),
      { arbitrary: { runs: 15 } }
    )
  })
