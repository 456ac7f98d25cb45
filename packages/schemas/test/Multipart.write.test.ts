/** The multipart body, read back by the platform's own parser, and by node:crypto where bytes count. */
import * as Crypto from "node:crypto"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Content } from "../src/Multipart.ts"
import * as Multipart from "../src/Multipart.ts"
import type { PartNames } from "../src/Operation.ts"

const meta = '{"filename":"执照.pdf","note":"a\\nb"}'
const pdf = { bytes: new TextEncoder().encode("%PDF-1.7"), name: "licence.pdf", type: "application/pdf" }

const write = (file: Partial<Content> = {}, override: PartNames = {}, text = meta) =>
  Multipart.write(new TextEncoder().encode(text), { ...pdf, ...file }, override)

// A name that looks escaped is read as if it were, from browsers too; and the reader drops a byte order mark.
const anyName = Schema.NonEmptyString.check(Schema.makeFilter((name) => !/^\uFEFF|%(22|0A|0D)/i.test(name)))

/** What a reader finds. */
const readBack = (written: ReturnType<typeof write>) =>
  Effect.promise(async () => {
    const form = await new Response(written.body, { headers: { "Content-Type": written.contentType } }).formData()
    const parts = [...form].map(([name, value]) => ({ name, value }))
    const [text, file] = parts
    if (typeof text?.value !== "string" || !(file?.value instanceof File)) return assert.fail("not a text and a file")
    const bytes = new Uint8Array(await file.value.arrayBuffer())
    return {
      names: parts.map(({ name }) => name),
      meta: text.value,
      file: { name: file.value.name, type: file.value.type, bytes }
    }
  })

describe("multipart", () => {
  it.effect("has the text and the file, in this order", () =>
    Effect.gen(function* () {
      const written = write()
      assert.deepStrictEqual(yield* readBack(written), { names: ["meta", "file"], meta, file: pdf })
      const boundary = /^multipart\/form-data; boundary=([\w-]{1,70})$/.exec(written.contentType)?.[1]
      assert.strictEqual(
        Buffer.from(written.body).toString(),
        [
          `--${boundary}`,
          'Content-Disposition: form-data; name="meta"',
          "",
          meta,
          `--${boundary}`,
          'Content-Disposition: form-data; name="file"; filename="licence.pdf"',
          "Content-Type: application/pdf",
          "",
          "%PDF-1.7",
          `--${boundary}--`,
          ""
        ].join("\r\n")
      )
    })
  )

  it.effect("calls the parts what it is told to, and gives the text a media type", () =>
    Effect.gen(function* () {
      const written = write(
        {},
        { metaPart: "data[0]", metaPartType: "application/json; charset=utf-8", filePart: "f.1" }
      )
      const { names, meta: text } = yield* readBack(written)
      assert.deepStrictEqual([names, text], [["data[0]", "f.1"], meta])
      assert.include(
        Buffer.from(written.body).toString(),
        '\r\nContent-Disposition: form-data; name="data[0]"\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{'
      )
    })
  )

  it.effect.each([
    "营业执照.pdf",
    "東京 서울 🏦.pdf",
    'a "quoted" name.pdf',
    "a\r\nContent-Type: text/html\r\n\r\n<b>.pdf",
    "a\rb\nc",
    "semi;colon=x.pdf",
    "back\\slash.pdf",
    "trailing\\",
    "per%cent.pdf",
    " blanks ",
    "'quotes'",
    "x".repeat(1000)
  ])("carries the name %j", (name) =>
    Effect.gen(function* () {
      const written = write({ name })
      assert.deepStrictEqual(yield* readBack(written), { names: ["meta", "file"], meta, file: { ...pdf, name } })
    })
  )

  it.effect("carries an empty file, and one of a boundary's dashes and line ends", () =>
    Effect.gen(function* () {
      const awkward = ["", "\r\n", "--", "\r\n--", "\r\n----\r\n--paykka-\r\n", "\r\n\r\n--paykka-00--\r\n"]
      for (const text of awkward) {
        const bytes = new TextEncoder().encode(text)
        assert.deepStrictEqual((yield* readBack(write({ bytes }))).file.bytes, bytes)
      }
    })
  )

  it.effect("has a new boundary each time", () =>
    Effect.sync(() => {
      // Whoever knows the boundary can write a file that looks like further parts.
      const boundaries = Array.from({ length: 100 }, () => write().contentType)
      assert.strictEqual(new Set(boundaries).size, 100)
    })
  )

  it.effect("keeps a big file", () =>
    Effect.gen(function* () {
      const bytes = new Uint8Array(Crypto.randomBytes(3_000_000))
      const { file } = yield* readBack(write({ bytes }))
      const digest = (of: Uint8Array) => Crypto.createHash("sha256").update(of).digest("hex")
      assert.strictEqual(digest(file.bytes), digest(bytes))
    })
  )

  it.effect.prop(
    "carries any text, name and bytes",
    [Schema.String, anyName, Schema.Uint8Array],
    ([note, name, bytes]) =>
      Effect.gen(function* () {
        // As UTF-8 has it: a half of a pair is no character.
        const [text, title] = [JSON.stringify({ note }).toWellFormed(), name.toWellFormed()]
        const back = yield* readBack(write({ bytes, name }, {}, text))
        assert.deepStrictEqual([back.meta, back.file.name], [text, title])
        assert.isTrue(Buffer.from(back.file.bytes).equals(Buffer.from(bytes)))
      })
  )
})
