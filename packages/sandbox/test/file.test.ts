import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as File from "@paykka/schemas/File"
import * as Onboarding from "@paykka/schemas/Onboarding"
import * as Order from "@paykka/schemas/Order"
import * as Effect from "effect/Effect"
import { application } from "../../core/test/support/application.ts"
import { assertError } from "./support/answers.ts"
import { type Upload, refused, sendFile, sendText, succeed, theirs, uploadCall, uploadFile } from "./support/calls.ts"
import { first, merchId, second, secondMerchId } from "./support/keys.ts"
import { contract, createOrder, start } from "./support/scene.ts"
import { requestsOf, ways } from "./support/ways.ts"

const bytes = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(size).fill(0x25)

/** Whether an order may name the file. */
const orderWith = (fileId: string) => contract(fileId, { request_id: `O-${fileId}` })

for (const way of ways) {
  describe(`${way.name}: an upload`, () => {
    it.effect("gives an id that orders may name, another one for each upload", () =>
      Effect.gen(function* () {
        const scene = yield* start({}, way)
        const ids = [yield* uploadFile(scene), yield* uploadFile(scene)]
        assert.strictEqual(new Set(ids).size, 2)
        for (const id of ids) {
          assert.match(id, /^[0-9]+$/)
          yield* succeed(scene, Order.create, orderWith(id))
        }
      })
    )

    it.effect("is signed over the text of meta, and over nothing else", () =>
      Effect.gen(function* () {
        const scene = yield* start({}, way)
        const meta = '{ "note" : "as it was written" }'
        yield* uploadFile(scene, { meta })
        for (const signedBody of ['{"note":"as it was written"}', "{}", ""]) {
          assert.strictEqual(assertError(yield* sendFile(scene, { meta }, { signedBody }), "010100"), "")
        }
        const wire = yield* uploadCall({ meta })
        const over = Buffer.from(wire.body!).toString("utf8")
        assertError(yield* sendFile(scene, { meta }, { signedBody: over }), "010100")
        // Of the text only what was signed is said, not what it is.
        assert.notInclude((yield* requestsOf(scene)).at(-1)!.explanation!, "as it was written")
      })
    )

    it.effect("of more than the limit is refused with 010005", () =>
      Effect.gen(function* () {
        const scene = yield* start({ maxFileBytes: 1000 }, way)
        yield* uploadFile(scene, { bytes: bytes(1000) })
        assert.strictEqual(
          assertError(yield* sendFile(scene, { bytes: bytes(1001) }), "010005"),
          ": 1001 bytes; 1000 are allowed"
        )
      })
    )
  })
}

interface Wrong {
  readonly what: string
  readonly upload: Upload
  readonly says: RegExp
}

const digest = createHash("sha256").update(bytes(7)).digest("hex")

const wrong: ReadonlyArray<Wrong> = [
  { what: "an empty file", upload: { bytes: bytes(0) }, says: /^: file is empty$/ },
  {
    what: "a digest of another file",
    upload: { bytes: bytes(8), meta: JSON.stringify({ sha256: digest }) },
    says: /^: meta.sha256 is not the digest of the file$/
  },
  { what: "a digest that is no text", upload: { meta: '{"sha256":7}' }, says: /^: meta.sha256 is not the digest/ },
  { what: "no part meta", upload: { meta: undefined }, says: /^: the part meta is missing$/ },
  { what: "parts by other names", upload: { parts: { meta: "info", file: "data" } }, says: /the part meta is missing/ },
  {
    what: "a file by another name",
    upload: { parts: { meta: "meta", file: "data" } },
    says: /the part file is no file/
  },
  { what: "a meta that is not JSON", upload: { meta: "{note}" }, says: /^: meta is not JSON$/ },
  { what: "an empty meta", upload: { meta: "" }, says: /^: meta is empty$/ },
  { what: "a meta that is no object", upload: { meta: "[]" }, says: /^: meta .*object/ },
  { what: "a meta that is a number", upload: { meta: "1e5" }, says: /^: meta .*object/ },
  { what: "a file without a name", upload: { name: "" }, says: /^: (file.name|the part file)/ }
]

describe("what an upload is refused for", () => {
  it.effect.each(wrong)("$what", ({ upload, says }) =>
    Effect.gen(function* () {
      const scene = yield* start()
      assert.match(assertError(yield* sendFile(scene, upload), "010000"), says)
    })
  )

  it.effect("a body that is not multipart", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      assert.match(assertError(yield* sendText(scene, File.upload, "{}"), "010000"), /not multipart\/form-data$/)
      const broken = { headers: { "content-type": "multipart/form-data; boundary=x" } }
      assert.match(assertError(yield* sendText(scene, File.upload, "--x", broken), "010000"), /not multipart/)
    })
  )

  it.effect("a missing X-Merch-Id", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      assert.match(assertError(yield* sendFile(scene, {}, { merchId: null }), "010000"), /X-Merch-Id is missing/)
    })
  )
})

describe("settings of uploads", () => {
  it.effect("parts may have other names", () =>
    Effect.gen(function* () {
      const parts = { meta: "info", file: "document" }
      const scene = yield* start({ uploadParts: parts })
      yield* uploadFile(scene, { parts })
      assertError(yield* sendFile(scene), "010000")
      const half = yield* start({ uploadParts: { file: "document" } })
      yield* uploadFile(half, { parts: { meta: "meta", file: "document" } })
    })
  )

  it.effect("the limit may be more than what other bodies may have", () =>
    Effect.gen(function* () {
      const size = 18 * 1024 * 1024
      const scene = yield* start({ maxFileBytes: size })
      yield* uploadFile(scene, { bytes: bytes(size) })
      assertError(yield* sendFile(scene, { bytes: bytes(size + 1) }), "010005")
    })
  )

  it.effect("the limit is 10 MiB when nothing is said", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const size = 10 * 1024 * 1024
      yield* uploadFile(scene, { bytes: bytes(size) })
      assertError(yield* sendFile(scene, { bytes: bytes(size + 1) }), "010005")
    })
  )

  it.effect("a right digest is welcome", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* uploadFile(scene, { bytes: bytes(7), meta: JSON.stringify({ sha256: digest, note: null }) })
    })
  )
})

describe("a message that names files", () => {
  it.effect("must name uploaded ones, and says which it is that is not", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const id = yield* uploadFile(scene)
      const unknown = String(BigInt(id) + 1n)
      const order = contract(id, { request_id: "O-1" })
      const cases: ReadonlyArray<readonly [Partial<Order.CreateRequest>, RegExp]> = [
        [{ contract_file_ids: [id, unknown] }, /^: contract_file_ids\[1\] names no uploaded file$/],
        [{ invoice_file_ids: [unknown] }, /^: invoice_file_ids\[0\] /],
        [{ other_file_ids: ["9007199254740993"] }, /^: other_file_ids\[0\] /],
        [
          {
            logistics_info: { ship_status: "SHIPPED", transaction_type: "FOB", shipped_file_ids: [id, id, unknown] }
          },
          /^: logistics_info.shipped_file_ids\[2\] /
        ]
      ]
      for (const [change, says] of cases) {
        yield* refused(scene, Order.create, { ...order, ...change }, "010002", says)
      }
      // Nothing was created on the way.
      yield* refused(scene, Order.inquiry, { request_id: "O-1" }, "010002", /no order/)
    })
  )

  it.effect("is refused for anything that stands for an id and is none", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* createOrder(scene, { request_id: "O-1" })
      const id = yield* uploadFile(scene)
      const supplement = (ids: string) =>
        sendText(scene, Order.supplement, `{"request_id":"O-1","logistics_info":{"shipped_file_ids":[${ids}]}}`)
      for (const ids of ["1e9", "1.50", "{}", '{"toString":1}', "[]", "true", '"x"', "12345678901234567890", "-0"]) {
        assert.match(assertError(yield* supplement(ids), "010002"), /shipped_file_ids\[0\]/, ids)
      }
      // As a number and as a text.
      for (const ids of [id, `"${id}"`]) assert.strictEqual((yield* supplement(ids)).status, 200)
    })
  )

  it.effect("cannot name those of another owner", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const foreign = yield* uploadFile(scene, {}, theirs)
      yield* refused(scene, Order.create, orderWith(foreign), "010002", /names no uploaded file/)
      yield* succeed(scene, Order.create, orderWith(foreign), theirs)
      const license = { ...application.license, license_file_id: foreign }
      const body = { ...application, license }
      yield* refused(scene, Onboarding.apply, body, "010002", /^: license.license_file_id /)
    })
  )

  it.effect("may name those of its other keys and merchants", () =>
    Effect.gen(function* () {
      const scene = yield* start({
        merchants: [
          { merchId, keyId: first.keyId, publicKey: first.publicPem },
          { merchId, keyId: second.keyId, publicKey: second.publicPem },
          { merchId: secondMerchId, keyId: second.keyId, publicKey: second.publicPem }
        ]
      })
      const id = yield* uploadFile(scene)
      yield* succeed(scene, Order.create, orderWith(id), theirs)
    })
  )
})
