/** What is received may have more than is known, and nulls, anywhere: it is read all the same. */
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Json from "../../src/Json.ts"
import * as Operation from "../../src/Operation.ts"
import { hasEscapedNames } from "../support.ts"
import { type Field, calls, entries, received } from "./facts.ts"
import { drop, requestSample, walk } from "./values.ts"

type Fields = ReadonlyArray<Field>
type Member = readonly [name: string, value: unknown]

/** All names that the contract knows, in whatever message. */
const names = new Set(
  entries.flatMap(({ request, response, aliases }) => {
    const all = (fields: Fields): ReadonlyArray<string> =>
      fields.flatMap((field) => [field.name, ...all(field.fields ?? []), ...all(field.items?.fields ?? [])])
    return [...all(request), ...all(response), ...Object.keys(aliases)]
  })
)

const odd = ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype", "toJSON", "", "0", "data"]

/** Members that nobody knows. */
const unknown: Arbitrary.Arbitrary<ReadonlyArray<Member>> = Arbitrary.filter(
  Arbitrary.array(
    Arbitrary.all([
      Arbitrary.schema(Schema.Union([Schema.Literals(odd), Schema.String])),
      Arbitrary.schema(Schema.Json)
    ]),
    { maxLength: 4 }
  ),
  (members) => members.every(([name, value]) => !names.has(name) && !hasEscapedNames({ [name]: value }))
)

interface Noise {
  readonly front: ReadonlyArray<Member>
  readonly back: ReadonlyArray<Member>
  readonly nulls: ReadonlyArray<string>
  /** Where nulls stand among the items of an array. */
  readonly holes: ReadonlyArray<number>
}

const noise = Arbitrary.all({
  front: unknown,
  back: unknown,
  nulls: Arbitrary.schema(Schema.Array(Schema.Literals([...names]))),
  holes: Arbitrary.array(Arbitrary.schema(Schema.Literals([0, 1, 2, 3])), { maxLength: 3 })
})

/** The array with nulls between its items. */
const withHoles = (items: ReadonlyArray<unknown>, holes: ReadonlyArray<number>): ReadonlyArray<unknown> =>
  holes.reduce<ReadonlyArray<unknown>>((all, at) => all.toSpliced(at, 0, null), items)

/** An object with just these members, whatever their names. */
const object = (members: ReadonlyArray<Member>): object => {
  const result = {}
  for (const [name, value] of members) {
    Object.defineProperty(result, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return result
}

/** The message with the noise in each of its objects that the contract describes. */
const noisy = (message: unknown, fields: Fields, added: Noise): unknown => {
  if (!Json.isObject(message)) return message
  const inside = (name: string, value: unknown): unknown => {
    const field = fields.find((each) => each.name === name)
    const members = field?.fields ?? field?.items?.fields
    if (field !== undefined && Array.isArray(value)) {
      const items: ReadonlyArray<unknown> = value
      return withHoles(members === undefined ? items : items.map((item) => noisy(item, members, added)), added.holes)
    }
    return members === undefined ? value : noisy(value, members, added)
  }
  const absent = added.nulls.filter((name) => !Object.hasOwn(message, name)).map((name) => [name, null] as const)
  const own = Object.entries(message).map(([name, value]) => [name, inside(name, value)] as const)
  const before = [...added.front, ...absent].filter(([name]) => !Object.hasOwn(message, name))
  const behind = added.back.filter(([name]) => !Object.hasOwn(message, name))
  return object([...before, ...own, ...behind])
}

/** The message without what the contract does not know; an object of which it knows nothing is left as it is. */
const known = (message: unknown, fields: Fields | undefined): unknown => {
  if (fields === undefined) return message
  if (Array.isArray(message)) return message.map((item) => known(item, fields))
  if (!Json.isObject(message)) return message
  return Object.fromEntries(
    fields
      .filter(({ name }) => Object.hasOwn(message, name))
      .map(({ name, ...field }) => [name, known(message[name], field.fields ?? field.items?.fields)])
  )
}

const overWire = (value: unknown): unknown => Result.getOrThrow(Json.parse(Json.stringify(value)))

describe("answers and notifications", () => {
  for (const of of received) {
    const { id, response, fields, open } = of
    const read = (json: unknown) => Result.getOrThrow(Operation.decodeResponse(of, json))
    const messages = Arbitrary.map(Arbitrary.schema(response), (value) =>
      known(Schema.encodeUnknownSync(response)(value), fields)
    )

    it.prop(
      `${id}: ${open ? "keeps" : "leaves out"} what is not known, and its fields are the same`,
      { message: messages, added: noise },
      ({ message, added }) => {
        const clean = read(message)
        const dirty = noisy(message, fields, added)
        for (const result of [read(dirty), read(overWire(dirty))]) {
          assert.deepStrictEqual(known(result, fields), clean)
          if (!open) assert.deepStrictEqual(result, clean)
          else {
            for (const [name, value] of Object.entries(dirty as object)) {
              if (value !== null && name !== "__proto__") assert.isTrue(Object.hasOwn(result as object, name), name)
            }
          }
        }
      },
      { arbitrary: { runs: 60 } }
    )
  }
})

// As the local platform reads them. They have objects within objects, which answers have not.
describe("requests", () => {
  for (const { operation, contract } of calls) {
    if (operation.body !== "json") continue
    const read = (json: unknown) =>
      Result.getOrThrow(Operation.decodeResponse({ response: operation.request, aliases: {} }, json))
    const full = requestSample(contract)
    const optional = walk(contract.request).filter(([, { required }]) => required === false)
    // From the inside outwards, while there is an inside.
    const sparse = optional.toReversed().reduce((message, [path]) => drop(message, path), full)

    it.prop(
      `${operation.id}: the fields at any depth are the same`,
      { added: noise },
      ({ added }) => {
        for (const message of [full, sparse]) {
          const dirty = noisy(message, contract.request, added)
          for (const result of [read(dirty), read(overWire(dirty))]) {
            assert.deepStrictEqual(known(result, contract.request), read(message))
          }
        }
      },
      { arbitrary: { runs: 60 } }
    )
  }
})

it("answers and notifications may lack every field, or have null in its place, but for the id of a file", () => {
  for (const of of received) {
    const nulls = Object.fromEntries(of.fields.map(({ name }) => [name, null]))
    for (const json of [{}, nulls]) {
      const result = Operation.decodeResponse(of, json)
      if (of.id === "file.upload") {
        assert.deepStrictEqual(Result.isFailure(result) && result.failure.faults, [
          { path: "file_id", rule: "is missing" }
        ])
      } else assert.deepStrictEqual(Result.getOrThrow(result), {})
    }
  }
})

it("texts that are received are held to no length and to no list", () => {
  for (const of of received) {
    for (const field of of.fields) {
      if (field.type !== "string" || field.format !== undefined) continue
      for (const value of ["", "x".repeat((field.max_length ?? 99) + 1)]) {
        assert.deepStrictEqual(Result.getOrThrow(Operation.decodeResponse(of, { [field.name]: value })), {
          [field.name]: value
        })
      }
    }
  }
})
