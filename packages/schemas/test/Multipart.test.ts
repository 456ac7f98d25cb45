import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as File from "../src/File.ts"
import * as Json from "../src/Json.ts"
import * as Multipart from "../src/Multipart.ts"
import { assertHidden, failureOf } from "./support.ts"

const file: Multipart.Content = {
  bytes: new Uint8Array([0x25, 0x50, 0x44, 0x46, 0, 255]),
  name: "合同 1.pdf",
  type: "application/pdf"
}

const encode = (input: unknown, extra?: Readonly<Record<string, unknown>>) =>
  Multipart.encode(File.upload, input, extra)

const pathsOf = (input: unknown, extra?: Readonly<Record<string, unknown>>): ReadonlyArray<string> =>
  failureOf(encode(input, extra)).faults.map(({ path }) => path)

describe("Multipart.encode", () => {
  it("makes the text that is signed, and leaves the file as it is", () => {
    const parts = Result.getOrThrow(encode({ meta: { name: "合同", size: Json.rawNumber("1.50"), n: null }, file }))
    assert.strictEqual(parts.meta, '{"name":"合同","size":1.50,"n":null}')
    assert.deepStrictEqual(parts.file, file)
    assert.strictEqual(parts.file.bytes, file.bytes)
    assert.strictEqual(Result.getOrThrow(encode({ meta: {}, file })).meta, "{}")
  })

  it("adds further members behind, which must not replace what was given", () => {
    assert.strictEqual(Result.getOrThrow(encode({ meta: { a: 1 }, file }, { b: [2] })).meta, '{"a":1,"b":[2]}')
    assert.strictEqual(Result.getOrThrow(encode({ meta: { a: undefined }, file }, { a: 2 })).meta, '{"a":2}')
    assert.deepStrictEqual(failureOf(encode({ meta: { a: 1 }, file }, { a: 2, file: 3 })).faults, [
      { path: "extra.a", rule: "is given in the input already" }
    ])
  })

  const refused: ReadonlyArray<readonly [name: string, input: unknown, paths: ReadonlyArray<string>]> = [
    ["nothing", undefined, [""]],
    ["no parts", {}, ["meta", "file"]],
    ["a text for meta", { meta: "{}", file }, ["meta"]],
    ["an array for meta", { meta: [], file }, ["meta"]],
    ["a third part", { meta: {}, file, more: 1 }, ["more"]],
    ["bytes that are none", { meta: {}, file: { ...file, bytes: "secret" } }, ["file.bytes"]],
    ["an array of numbers", { meta: {}, file: { ...file, bytes: [1] } }, ["file.bytes"]],
    ["no name", { meta: {}, file: { ...file, name: "" } }, ["file.name"]],
    ["a type that is none", { meta: {}, file: { ...file, type: "pdf" } }, ["file.type"]],
    ["a type with a parameter", { meta: {}, file: { ...file, type: "text/plain; charset=utf-8" } }, ["file.type"]],
    ["a type that breaks the line", { meta: {}, file: { ...file, type: "text/plain\r\nX: y" } }, ["file.type"]],
    ["a misspelt member", { meta: {}, file: { ...file, filename: "secret" } }, ["file.filename"]]
  ]
  for (const [name, input, paths] of refused) {
    it(`refuses ${name}`, () => {
      assert.deepStrictEqual(pathsOf(input), paths)
      assertHidden(failureOf(encode(input)), "secret")
    })
  }

  it("refuses what JSON cannot hold", () => {
    const cycle: Record<string, unknown> = {}
    cycle["self"] = cycle
    for (const value of [1n, cycle]) {
      for (const result of [encode({ meta: { value }, file }), encode({ meta: {}, file }, { value })]) {
        assert.deepStrictEqual(failureOf(result).faults, [{ path: "", rule: "cannot be written as JSON" }])
      }
    }
  })
})

describe("Multipart.Content", () => {
  it("knows a media type by its form", () => {
    for (const type of ["application/pdf", "image/svg+xml", "application/vnd.ms-excel", "x-a/x.b-c_d+e"]) {
      assert.isTrue(Schema.is(Multipart.Content)({ ...file, type }), type)
    }
    for (const type of ["", "/", "application/", "/pdf", "a/b/c", " a/b", "a/b\n", "*/*"]) {
      assert.isFalse(Schema.is(Multipart.Content)({ ...file, type }), type)
    }
  })
})
