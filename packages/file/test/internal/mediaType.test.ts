/** Media types by content. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { tell } from "../../src/internal/mediaType.ts"
import { samples, text } from "../samples.ts"

const pdf = samples["application/pdf"]
const zip = samples["application/zip"]
const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
const anything = "application/octet-stream"

describe("the media type", () => {
  it.effect.each(Object.entries(samples))("is told by the content: %s", ([type, bytes]) =>
    Effect.sync(() => {
      assert.strictEqual(tell(bytes, `a.${type.slice(type.indexOf("/") + 1)}`, ""), type)
      if (type === "image/gif") return
      assert.strictEqual(tell(bytes, "", ""), type)
      assert.strictEqual(tell(bytes, "a.csv", "text/csv"), type)
      // Not by the position in what it was cut from.
      const framed = new Uint8Array([9, 9, 9, ...bytes, 9, 9])
      assert.strictEqual(tell(framed.subarray(3, 3 + bytes.length), "", ""), type)
    })
  )

  it.effect.each([
    [text, "a.txt", "text/csv", "text/csv"],
    [text, "", "Text/Plain;charset=UTF-8", "text/plain"],
    [text, "", "Text/Plain ; charset=UTF-8", "text/plain"],
    [zip, "", docx, docx],
    [zip, "a.xlsx", docx, docx],
    [pdf, "", "image/jpeg", "application/pdf"],
    [zip, "", "image/jpeg", "application/zip"],
    [zip, "", anything, "application/zip"],
    [text, "", "pdf", anything],
    [text, "", "a/b/c", anything],
    [text, "", "x\r\ny/z", anything],
    [text, "", "x/y\r\nz: 1", anything],
    [text, "", ";", anything]
  ] as const)("is that of a Blob where the content tells less, and it is one (%#)", ([bytes, name, presumed, type]) =>
    Effect.sync(() => {
      assert.strictEqual(tell(bytes, name, presumed), type)
    })
  )

  it.effect.each([
    [zip, "letter.docx", docx],
    [zip, "2026.Q3.XLSX", xlsx],
    [zip, "docx", "application/zip"],
    [zip, "letter.docx.bak", "application/zip"],
    [pdf, "letter.docx", "application/pdf"],
    [text, "letter.docx", anything]
  ] as const)("is told by the end of the name where several fit (%#)", ([bytes, name, type]) =>
    Effect.sync(() => {
      assert.strictEqual(tell(bytes, name, ""), type)
    })
  )

  it.effect.each([
    ["BMW,3\n", "cars.csv", "text/csv", "text/csv"],
    ["BMW,3\n", "cars.csv", "", anything],
    ["ID3,4\n", "", "", anything],
    ["MZ,5\n", "a.txt", "text/plain", "text/plain"],
    ["GIF87a\u0001\u0000", "a.gif", "", "image/gif"],
    ["GIF87a\u0001\u0000", "", "image/gif", "image/gif"]
  ] as const)("of what may be a text must be agreed (%#)", ([content, name, presumed, type]) =>
    Effect.sync(() => {
      assert.strictEqual(tell(new TextEncoder().encode(content), name, presumed), type)
    })
  )

  it.effect.prop("is one for any bytes, also after the beginning of a file", [Schema.Uint8Array], ([bytes]) =>
    Effect.sync(() => {
      for (const head of [new Uint8Array(), zip.subarray(0, 4), ...Object.values(samples)]) {
        assert.match(tell(new Uint8Array([...head, ...bytes]), "", ""), /^\w+\/[\w.+-]+$/)
      }
    })
  )
})
