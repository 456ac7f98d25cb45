/** Every example of the contract is read and written as it stands. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaParser from "effect/SchemaParser"
import * as Json from "../../src/Json.ts"
import * as Notification from "../../src/Notification.ts"
import * as Operation from "../../src/Operation.ts"
import { type Example, act, calls, entries, notices, received } from "./facts.ts"
import { canonical, drop, put } from "./values.ts"

/** What the documentation's sample has where we hold a field to a form, and what stands there instead. */
const placeholders: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "onboarding.apply": { "license.region": "CN" },
  "order.create": { buyer_country: "DE" },
  "payee.update": { "beneficiary.country": "DE" }
}

/** A body as it comes over the wire. */
const overWire = (body: unknown): unknown => Result.getOrThrow(Json.parse(Json.stringify(body)))

const requests = calls.flatMap(({ operation, contract }) =>
  contract.examples.filter(({ of }) => of === "request").map((example) => ({ operation, example }))
)
const answers = calls.flatMap(({ operation, contract }) =>
  contract.examples.filter(({ of }) => of === "response").map((example) => ({ operation, example }))
)
const notifications = notices.flatMap(({ notification, contract }) =>
  contract.examples.filter(({ of }) => of === "request").map((example) => ({ notification, example }))
)

it("all operations and notifications of the contract have a descriptor, and no other is there", () => {
  assert.deepStrictEqual([calls.length, notices.length], [24, 8])
  assert.sameMembers(
    entries.map(({ id }) => id),
    [...calls.map(({ operation }) => operation.id), ...notices.map(({ notification }) => notification.id)]
  )
})

describe("requests", () => {
  const faultsOf = (operation: Operation.Operation, body: unknown): ReadonlyArray<Operation.Fault> =>
    Result.match(Operation.encodeRequest(operation, body), { onSuccess: () => [], onFailure: ({ faults }) => faults })

  /** The example with country codes instead of the words of the documentation tool. */
  const filled = (id: string, { body }: Example): unknown =>
    Object.entries(placeholders[id] ?? {}).reduce<unknown>((value, [path, code]) => put(value, path, code), body)

  for (const { operation, example } of requests) {
    const name = `${operation.id}, ${example.source}`
    if (operation.id === "forex.preorder") continue

    it(`${name}: only its placeholders are no country codes`, () => {
      const faults = faultsOf(operation, example.body).filter(({ rule }) => rule !== "is missing")
      assert.deepStrictEqual(
        faults.map(({ path, rule }) => [path, rule]),
        Object.keys(placeholders[operation.id] ?? {}).map((path) => [path, "must be two capital letters, such as DE"])
      )
    })

    if (example.complete) {
      it(`${name}: is written and read as the same JSON`, () => {
        const body = filled(operation.id, example)
        const text = Result.getOrThrow(Operation.encodeRequest(operation, body))
        assert.strictEqual(canonical(JSON.parse(text)), canonical(body))
        const read = Result.getOrThrow(
          SchemaParser.decodeUnknownResult(operation.request)(Result.getOrThrow(Json.parse(text)))
        )
        assert.strictEqual(Result.getOrThrow(Operation.encodeRequest(operation, read)), text)
      })
    } else {
      it(`${name}: is incomplete, and nothing is wrong with it but that`, () => {
        for (const { rule } of faultsOf(operation, filled(operation.id, example))) {
          assert.strictEqual(rule, "is missing")
        }
      })
    }
  }

  it(`forex.preorder: the sample has both amounts. ${act("forex_both_amounts")}`, () => {
    const preorders = requests.filter(({ operation }) => operation.id === "forex.preorder")
    assert.lengthOf(preorders, 1)
    for (const { operation, example } of preorders) {
      assert.deepStrictEqual(faultsOf(operation, example.body), [
        { path: "sell_amount", rule: "give exactly one of sell_amount and buy_amount" }
      ])
      for (const amount of ["sell_amount", "buy_amount"]) {
        const body = drop(example.body, amount)
        const text = Result.getOrThrow(Operation.encodeRequest(operation, body))
        assert.strictEqual(canonical(JSON.parse(text)), canonical(body))
      }
    }
  })

  it("the incomplete ones are those that the contract calls so", () => {
    const incomplete = requests.filter(({ operation, example }) =>
      faultsOf(operation, filled(operation.id, example)).some(({ rule }) => rule === "is missing")
    )
    // Of payee.update no field but request_id is known to be required.
    assert.sameMembers(
      [...incomplete.map(({ operation }) => operation.id), "payee.update"],
      requests.filter(({ example }) => !example.complete).map(({ operation }) => operation.id)
    )
  })
})

describe("responses", () => {
  for (const { operation, example } of answers) {
    it(`${operation.id}, ${example.source}: is read and written as the same JSON`, () => {
      const read = Result.getOrThrow(Operation.decodeResponse(operation, overWire(example.body)))
      assert.strictEqual(canonical(Schema.encodeUnknownSync(operation.response)(read)), canonical(example.body))
    })
  }
})

describe("notifications", () => {
  for (const { notification, example } of notifications) {
    it(`${notification.id}, ${example.source}: its data is read and written as the same JSON`, () => {
      const { data } = Notification.readEnvelope(overWire(example.body))
      const { fields, aliases, open } = received.find(({ id }) => id === notification.id)!
      const known = new Set(fields.map(({ name }) => name))
      // By the names of the field list, and without what nobody knows.
      const expected = Object.fromEntries(
        Object.entries(data as object)
          .map(([name, value]) => [aliases[name] ?? name, value] as const)
          .filter(([name]) => open || known.has(name))
      )
      const read = Result.getOrThrow(Notification.decodeData(notification, data))
      assert.strictEqual(canonical(Schema.encodeUnknownSync(notification.data)(read)), canonical(expected))
    })
  }

  it("the acknowledgement is an empty object in every example", () => {
    for (const { contract } of notices) {
      for (const { of, body } of contract.examples) {
        if (of === "response") assert.deepStrictEqual(body, {})
      }
    }
  })
})

it("no example is left out", () => {
  const acknowledgements = notices.flatMap(({ contract }) => contract.examples.filter(({ of }) => of === "response"))
  assert.lengthOf(
    entries.flatMap(({ examples }) => examples),
    requests.length + answers.length + notifications.length + acknowledgements.length
  )
})
