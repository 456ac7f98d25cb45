/** Which values must never show, that no masked message shows one, and no fault any. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as SchemaParser from "effect/SchemaParser"
import * as File from "../../src/File.ts"
import * as Json from "../../src/Json.ts"
import * as Operation from "../../src/Operation.ts"
import * as Sensitive from "../../src/Sensitive.ts"
import * as Shape from "../../src/Shape.ts"
import { assertHidden } from "../support.ts"
import { calls, received } from "./facts.ts"
import { messages } from "./sensitivity.ts"
import { arbitrary, canonical, fewest, put, requestSample, walk } from "./values.ts"

const isWithin = (path: string, whole: string): boolean => path.startsWith(`${whole}.`) || path.startsWith(`${whole}[]`)

describe("of each field it is decided whether it is sensitive", () => {
  for (const { name, schema, fields, sensitive, harmless } of messages) {
    it(name, () => {
      assert.sameMembers([...Sensitive.paths(schema)], [...sensitive])
      const decided = [...sensitive.filter((path) => !path.endsWith("*")), ...harmless].toSorted()
      // Within what is sensitive as a whole nothing is decided, and an object is where each of its fields is.
      const toDecide = (paths: ReadonlyArray<string>): ReadonlyArray<string> =>
        paths
          .filter((path) => !sensitive.some((whole) => isWithin(path, whole)))
          .filter((path) => !decided.some((inner) => isWithin(inner, path)))
          .toSorted()
      assert.deepStrictEqual(toDecide(Shape.fields(Shape.of(schema)).map(([path]) => path)), decided)
      assert.deepStrictEqual(toDecide(walk(fields).map(([path]) => path.replaceAll("[0]", "[]"))), decided)
    })
  }
})

// So long that no text or number at random has them.
const text = "Zq7 never shown"
const digits = "731415926535"

type Message = (typeof messages)[number]

/** The paths that the code knows. */
const fieldsOf = ({ schema }: Pick<Message, "schema">): ReadonlySet<string> =>
  new Set(Shape.fields(Shape.of(schema)).map(([path]) => path))

const isSecret = (path: string, { sensitive }: Message, known: ReadonlySet<string>): boolean =>
  sensitive.some((whole) => path === whole || isWithin(path, whole)) || !known.has(path.replace(/\[\]$/, ""))

/** The value with each member that a message may not show made of markers: its texts, its numbers, its unknown names. */
const marked = (value: unknown, message: Message): unknown => {
  const known = fieldsOf(message)
  const go = (member: unknown, path: string, secret: boolean): unknown => {
    if (Array.isArray(member)) return member.map((item) => go(item, `${path}[]`, secret))
    if (Json.isObject(member)) {
      const members = Object.entries(member).map(([name, inner], i) => {
        const at = path === "" ? name : `${path}.${name}`
        return [known.has(at) ? name : `${text} ${i}`, go(inner, at, isSecret(at, message, known))]
      })
      // And what nobody knows of.
      return Object.fromEntries([...members, [`a${text}`, { [text]: [text, Number(digits), true, null] }]])
    }
    if (!secret) return member
    if (typeof member === "string") return `${text}${member}`
    return typeof member === "number" || Json.isRawNumber(member) ? Json.rawNumber(`${digits}.10`) : member
  }
  return go(value, "", false)
}

/** The value without what a message may not show. */
const harmlessOf = (value: unknown, message: Message): unknown => {
  const known = fieldsOf(message)
  const go = (member: unknown, path: string): unknown => {
    if (Array.isArray(member)) return member.map((item) => go(item, `${path}[]`))
    if (!Json.isObject(member)) return member
    return Object.fromEntries(
      Object.entries(member).flatMap(([name, inner]) => {
        const at = path === "" ? name : `${path}.${name}`
        return isSecret(at, message, known) ? [] : [[name, go(inner, at)]]
      })
    )
  }
  return go(value, "")
}

/** Types in the place of values, and no names. */
const skeleton = (value: unknown): unknown => {
  if (Json.isRawNumber(value)) return "number"
  if (typeof value !== "object" || value === null) return value === null ? null : typeof value
  return Object.values(value).map(skeleton)
}

const asJson = (schema: Operation.Codec, value: unknown): unknown =>
  Result.getOrThrow(Json.parse(Json.stringify(Result.getOrThrow(SchemaParser.encodeUnknownResult(schema)(value)))))

/** That a message with markers is masked, and nothing else of it. */
const checkMasked = (message: Message, json: unknown): void => {
  const { schema, aliases } = message
  const secret = marked(json, message)
  const masked = Sensitive.mask(schema, secret, aliases)
  assert.notInclude(Json.stringify(masked), text)
  assert.notInclude(Json.stringify(masked), digits)
  assert.strictEqual(canonical(harmlessOf(masked, message)), canonical(harmlessOf(json, message)))
  assert.deepStrictEqual(skeleton(masked), skeleton(secret))
  // It can still be read, and be masked again.
  assert.isTrue(Result.isSuccess(Operation.decodeResponse({ response: schema, aliases }, masked)))
  assert.strictEqual(canonical(Sensitive.mask(schema, masked, aliases)), canonical(masked))
}

describe("a masked message", () => {
  for (const message of messages.filter(({ schema }) => schema !== File.upload.request)) {
    const { id, name, schema, sample } = message

    it(`shows nothing sensitive, and all else: ${name}, with all fields`, () => checkMasked(message, sample))

    it.prop(
      `shows nothing sensitive, and all else: ${name}, at random`,
      [arbitrary(schema, name.startsWith("request") ? fewest[id] : 0)],
      ([input]) => checkMasked(message, asJson(schema, input)),
      { arbitrary: { runs: 20 } }
    )
  }

  for (const { id, response, aliases, fields } of received) {
    for (const [alias, name] of Object.entries(aliases)) {
      it(`masks ${alias} of ${id} as ${name}`, () => {
        const type = fields.find((field) => field.name === name)?.type
        const value = type === "array" ? [text] : text
        const named = Sensitive.mask(response, { [name]: value }) as Readonly<Record<string, unknown>>
        assert.deepStrictEqual(Sensitive.mask(response, { [alias]: value }, aliases), { [alias]: named[name] })
      })
    }
  }

  it("of an upload shows neither the text nor the file", () => {
    const file = { bytes: new TextEncoder().encode(text), name: `${text}.pdf`, type: `image/${text}` }
    assertHidden(Sensitive.maskRequest(File.upload, { meta: { [text]: text }, file }), text, "90, 113, 55")
    assertHidden(Sensitive.maskRequest(File.upload, { meta: JSON.stringify({ [text]: text }) }), text)
  })
})

/** Values of all kinds that would be seen in a message; every field refuses some of them. */
const wrong: ReadonlyArray<unknown> = [
  "Zq7".repeat(100),
  6222021.5,
  6222021n ** 30n,
  { other: "Zq7" },
  ["Zq7"],
  [[{ a: "Zq7" }], 6222021.5]
]

const isRefusedDiscreetly = (result: Result.Result<unknown, Operation.InvalidValue>): boolean => {
  if (Result.isSuccess(result)) return false
  assert.isNotEmpty(result.failure.faults)
  assertHidden(result.failure, "Zq7", "6222021")
  return true
}

describe("a fault shows no value", () => {
  for (const { operation, contract } of calls) {
    it(`of a request: ${operation.id}`, () => {
      for (const [path] of walk(contract.request)) {
        const inputs = wrong.map((value) => put(requestSample(contract), path, value))
        const refused = inputs.map((input) => isRefusedDiscreetly(Operation.encodeValue(operation, input)))
        assert.include(refused, true, path)
      }
      for (const value of wrong) assert.isTrue(isRefusedDiscreetly(Operation.encodeValue(operation, value)))
    })
  }

  for (const of of received) {
    it(`of an answer or notification: ${of.id}`, () => {
      for (const { name } of of.fields) {
        const refused = wrong.map((value) => isRefusedDiscreetly(Operation.decodeResponse(of, { [name]: value })))
        assert.include(refused, true, name)
      }
    })
  }
})
