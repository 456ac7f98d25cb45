/** Laws of all messages: what a schema can make is written, read and the same. */
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaParser from "effect/SchemaParser"
import * as Json from "../../src/Json.ts"
import * as Multipart from "../../src/Multipart.ts"
import * as Operation from "../../src/Operation.ts"
import { calls, received } from "./facts.ts"
import { arbitrary, fewest } from "./values.ts"

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  Json.isObject(value) && [null, Object.prototype].includes(Object.getPrototypeOf(value))

/** The value with each member changed, at any depth; those that become undefined are left out. */
const rebuild = (value: unknown, change: (member: unknown) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => change(rebuild(item, change)))
  if (!isPlain(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, change(rebuild(member, change))] as const)
      .filter(([, member]) => member !== undefined)
  )
}

/** Numbers as text: a request takes `1`, `1n` and `"1"` for the same, and is read with the last. */
const byValue = (value: unknown): unknown =>
  rebuild(value, (member) => {
    if (typeof member === "number" || typeof member === "bigint") return String(member)
    return typeof member === "string" && /^-0(\.0+)?$/.test(member) ? member.slice(1) : member
  })

const overWire = (text: string): unknown => Result.getOrThrow(Json.parse(text))

describe("requests", () => {
  for (const { operation } of calls) {
    const inputs = arbitrary(operation.request, fewest[operation.id])

    it.prop(`${operation.id}: any is written, and read as the same`, [inputs], ([input]) => {
      const json =
        operation.body === "json"
          ? overWire(Result.getOrThrow(Operation.encodeRequest(operation, input)))
          : Result.match(Multipart.encode(operation, input), {
              onSuccess: ({ meta, file }) => ({ meta: overWire(meta), file }),
              onFailure: (error) => assert.fail(error.message)
            })
      const read = SchemaParser.decodeUnknownResult(operation.request)(json)
      assert.deepStrictEqual(byValue(Result.getOrThrow(read)), byValue(input))
    })
  }
})

/** As it can be received: null is the same as missing, no field is named __proto__, and JSON writes -0 as 0. */
const receivable = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(receivable)
  if (typeof value === "number") return value + 0
  if (!isPlain(value)) return value
  const kept = Object.entries(value).filter(([name, member]) => member !== null && name !== "__proto__")
  return Object.fromEntries(kept.map(([name, member]) => [name, receivable(member)]))
}

describe("answers and notifications", () => {
  for (const { id, response, aliases } of received) {
    const values = Arbitrary.map(arbitrary(response), receivable)

    it.prop(`${id}: any is written, and read as the same`, [values], ([value]) => {
      const text = Json.stringify(Schema.encodeUnknownSync(response)(value))
      const read = Result.getOrThrow(Operation.decodeResponse({ response, aliases }, overWire(text)))
      assert.deepStrictEqual(read, value)
    })
  }
})
