/** What a request must have, may lack, and is held to. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Operation from "../../src/Operation.ts"
import { assertHidden } from "../support.ts"
import { type Field, act, calls } from "./facts.ts"
import { canonical, drop, forms, put, requestSample, sampleOf, walk } from "./values.ts"

type Fault = readonly [path: string, rule: string]

const faultsOf = (operation: Operation.Operation, input: unknown): ReadonlyArray<Fault> =>
  Result.match(Operation.encodeValue(operation, input), {
    onSuccess: () => [],
    onFailure: ({ faults }) => faults.map(({ path, rule }) => [path, rule] as const)
  })

const pathsOf = (operation: Operation.Operation, input: unknown): ReadonlyArray<string> =>
  faultsOf(operation, input).map(([path]) => path)

const json = (operation: Operation.Operation, input: unknown): string =>
  canonical(Result.getOrThrow(Operation.encodeValue(operation, input)))

// ---------------------------------------------------------------------------------------------------------
// Required and optional fields
// ---------------------------------------------------------------------------------------------------------

/** Fields that we require although no source marks them: without them a call would name nothing, or say nothing. */
const wanted: Readonly<Record<string, ReadonlyArray<string>>> = {
  "assessment.update": ["merch_id"],
  "va.inquiry": ["request_id"],
  "tradesettle.apply": ["relate_list", "relate_list[0].amount", "relate_list[0].contract_order_no", "recv_order_no"],
  "tradesettle.inquiry": ["recv_order_no"],
  "payee.create": ["request_id"],
  "payee.update": ["request_id"],
  "forex.preorder": ["sell_currency", "buy_currency"],
  "forex.inquiry": ["order_no"],
  "payment.apply": ["amount", "currency", "beneficiary_id", "request_id"],
  "payment.inquiry": ["request_id"]
}

/** Requests of which a rule wants one of two fields, and how it says so. */
const rules: Readonly<Record<string, readonly [one: string, other: string, rule: string]>> = {
  "onboarding.inquiry": ["merch_id", "request_id", "give merch_id or request_id"],
  "order.inquiry": ["request_id", "contract_order_no", "give request_id or contract_order_no"],
  "order.supplement": ["request_id", "contract_order_no", "give request_id or contract_order_no"],
  "payee.inquiry": ["request_id", "beneficiary_id", "give request_id or beneficiary_id"],
  "forex.preorder": ["sell_amount", "buy_amount", "give exactly one of sell_amount and buy_amount"]
}

for (const { operation, contract } of calls) {
  const sample = requestSample(contract)
  const fields = walk(contract.request)
  const ours = wanted[operation.id] ?? []
  const isWanted = ([path, { required }]: (typeof fields)[number]) => required === true || ours.includes(path)

  describe(operation.id, () => {
    it("takes a request with all fields, whatever their order", () => {
      const turned = Object.fromEntries(Object.entries(sample as object).toReversed())
      assert.strictEqual(json(operation, turned), json(operation, sample))
      if (operation.body === "json") assert.strictEqual(json(operation, sample), canonical(sample))
    })

    it("says of each required field that it is missing", () => {
      for (const [path] of fields.filter(isWanted)) {
        assert.deepStrictEqual(faultsOf(operation, drop(sample, path)), [[path, "is missing"]])
        for (const nothing of [null, undefined]) {
          assert.deepStrictEqual(pathsOf(operation, put(sample, path, nothing)), [path])
        }
      }
    })

    it("does without each other field, undefined as well", () => {
      for (const [path] of fields.filter((field) => !isWanted(field))) {
        // One of the two amounts must be there.
        const base = path === "sell_amount" ? put(drop(sample, path), "buy_amount", 1) : drop(sample, path)
        assert.strictEqual(json(operation, put(base, path, undefined)), json(operation, base))
        // By the documentation null may be left out, so none is sent.
        assert.deepStrictEqual(pathsOf(operation, put(sample, path, null)), [path])
      }
    })

    it("requires, of what no source marks, only what is listed here", () => {
      const unmarked = fields.filter(([, { required }]) => required === "unknown").map(([path]) => path)
      assert.includeMembers(unmarked, [...ours])
    })
  })
}

describe("rules", () => {
  for (const { operation, contract } of calls) {
    const named = rules[operation.id]
    if (named === undefined) continue
    const [one, other, rule] = named

    it(`${operation.id}: ${rule}`, () => {
      const neither = drop(drop(requestSample(contract), one), other)
      const value = one.endsWith("amount") ? 1 : "1"
      for (const input of [neither, put(put(neither, one, undefined), other, undefined)]) {
        assert.deepStrictEqual(faultsOf(operation, input), [[one, rule]])
      }
      for (const name of [one, other]) {
        const undefinedOther = put(put(neither, one, undefined), other, undefined)
        for (const input of [put(neither, name, value), put(undefinedOther, name, value)]) {
          assert.deepStrictEqual(faultsOf(operation, input), [])
        }
      }
      assert.deepStrictEqual(
        faultsOf(operation, put(put(neither, one, value), other, value)),
        operation.id === "forex.preorder" ? [[one, rule]] : []
      )
    })
  }
})

// ---------------------------------------------------------------------------------------------------------
// Limits
// ---------------------------------------------------------------------------------------------------------

/** A text of so many characters, which would be seen in a message. */
const secret = (length: number): string => "Zq7".repeat(Math.ceil(length / 3)).slice(0, length)

interface Edges {
  readonly accepted: ReadonlyArray<unknown>
  readonly refused: ReadonlyArray<unknown>
}

/** Values at the edges of what the contract documents, and one beyond; none where it documents nothing. */
const edges = (field: Field): Edges => {
  const { name, type, format, min_length: min, max_length: max, min_items: fewest, max_items: most } = field
  const form = forms[name]
  if (type === "array") {
    const [item] = sampleOf(field) as ReadonlyArray<unknown>
    const items = (length: number) => Array.from({ length }, () => item)
    return most === undefined || fewest === undefined
      ? { accepted: [items(0), items(11)], refused: [] }
      : { accepted: [items(fewest), items(most)], refused: [items(fewest - 1), items(most + 1)] }
  }
  if (format === "int64") {
    return { accepted: [2n ** 63n - 1n, -(2n ** 63n)], refused: [2n ** 63n, -(2n ** 63n) - 1n] }
  }
  if (format === "date") {
    return { accepted: ["2024-02-29"], refused: ["2023-02-29", "2023-13-01", "20230101", "2023-1-1", secret(10)] }
  }
  if (form !== undefined && field.enum === undefined) {
    const others = [form.toLowerCase(), `${form}Z`, form.slice(1), ` ${form.slice(1)}`, `${form}\n`, ""]
    return { accepted: ["ZZZ".slice(0, form.length)], refused: [...others, secret(form.length)] }
  }
  if (min === undefined || max === undefined) return { accepted: [], refused: [] }
  const beyond = [min - 1, max + 1].filter((length) => length >= 0)
  return { accepted: [min, max].map(secret), refused: beyond.map(secret) }
}

/** Fails unless the value is refused, at the path, and does not show. */
const assertRefused = (operation: Operation.Operation, input: unknown, path: string, value: unknown): void => {
  assert.deepStrictEqual(pathsOf(operation, input), [path])
  const shown = String(value)
  if (/^Zq7|[0-9]{9}/.test(shown)) assertHidden(Operation.encodeValue(operation, input), shown)
}

describe("limits", () => {
  for (const { operation, contract } of calls) {
    const limited = walk(contract.request).map(([path, field]) => [path, edges(field)] as const)
    if (limited.every(([, { accepted }]) => accepted.length === 0)) continue

    it(operation.id, () => {
      const sample = requestSample(contract)
      for (const [path, { accepted, refused }] of limited) {
        for (const value of accepted) assert.deepStrictEqual(faultsOf(operation, put(sample, path, value)), [])
        for (const value of refused) assertRefused(operation, put(sample, path, value), path, value)
      }
    })
  }

  it("an int32 is held to 32 bits, where it is no id of a file", () => {
    const held = new Set<string>()
    for (const { operation, contract } of calls) {
      const sample = requestSample(contract)
      for (const [path, { name, format }] of walk(contract.request)) {
        if (format !== "int32" || name.endsWith("file_id")) continue
        held.add(name)
        for (const value of [2 ** 31 - 1, -(2 ** 31)]) {
          assert.deepStrictEqual(faultsOf(operation, put(sample, path, value)), [])
        }
        for (const value of [2 ** 31, -(2 ** 31) - 1, 1.5, "1", 1n]) {
          assert.deepStrictEqual(pathsOf(operation, put(sample, path, value)), [path])
        }
      }
    }
    assert.deepStrictEqual([...held], ["industry", "category"])
  })

  it(`file_id_width: ${act("file_id_width")}`, () => {
    for (const { operation, contract } of calls) {
      const sample = requestSample(contract)
      for (const [path, { name, type }] of walk(contract.request)) {
        if (!/file_ids?$/.test(name)) continue
        const at = type === "array" ? `${path}[0]` : path
        for (const id of ["9007199254740993", 9007199254740993n, 2n ** 64n, 7]) {
          const text = Result.getOrThrow(Operation.encodeRequest(operation, put(sample, at, id)))
          assert.include(text, `"${name}":${type === "array" ? `[${id}]` : id}`)
        }
        // Such a number may no longer be the id that was meant.
        assertRefused(operation, put(sample, at, 2 ** 53), at, 2 ** 53)
      }
    }
  })

  it("the number of a submission has its limits also where its page does not show them", () => {
    for (const { operation, contract } of calls) {
      if (!contract.request.some(({ name }) => name === "request_id")) continue
      const numbered = (length: number) => put(requestSample(contract), "request_id", secret(length))
      for (const length of [1, 32]) assert.deepStrictEqual(faultsOf(operation, numbered(length)), [])
      for (const length of [0, 33]) assertRefused(operation, numbered(length), "request_id", secret(length))
    }
  })
})

// ---------------------------------------------------------------------------------------------------------
// Fields that nobody knows
// ---------------------------------------------------------------------------------------------------------

/** Objects that are known to have more than their known members. */
const open: ReadonlyArray<string> = [
  "order.supplement logistics_info",
  "payee.create beneficiary",
  "payee.update beneficiary",
  "file.upload meta"
]

describe("unknown fields", () => {
  for (const { operation, contract } of calls) {
    const sample = requestSample(contract)
    const objects = walk(contract.request).flatMap(([path, { type, format, items }]) => {
      if (items?.type === "object") return [`${path}[0]`]
      return type === "object" || type === "binary" || format === "json" ? [path] : []
    })
    const isOpen = (path: string) => open.includes(`${operation.id} ${path}`)

    it(`${operation.id}: are refused wherever a misspelling would vanish`, () => {
      for (const object of ["", ...objects.filter((path) => !isOpen(path))]) {
        for (const name of ["requestId", "misspelt", "constructor", "toString"]) {
          const path = object === "" ? name : `${object}.${name}`
          assertRefused(operation, put(sample, path, secret(9)), path, secret(9))
          assert.match(faultsOf(operation, put(sample, path, undefined))[0]?.[1] ?? "", /^is not a known field/)
        }
      }
    })

    for (const path of objects.filter(isOpen)) {
      it(`${operation.id}: are sent as they are in ${path}`, () => {
        const account = { no: "1", list: [1, null, "a"], constructor: { deep: true } }
        const sent = JSON.parse(json(operation, put(sample, `${path}.bank_account`, account)))
        assert.deepStrictEqual(sent[path].bank_account, account)
      })
    }
  }
})
