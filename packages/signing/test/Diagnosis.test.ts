// What holds for every message, and what a diagnosis shows. Each cause by itself is in Cause.test.ts.
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import * as Authorization from "../src/Authorization.ts"
import * as Diagnosis from "../src/Diagnosis.ts"
import * as HttpMessage from "../src/HttpMessage.ts"
import * as KeyMaterial from "../src/KeyMaterial.ts"
import type { VerificationKey } from "../src/KeyStore.ts"
import * as Signer from "../src/Signer.ts"
import {
  arbitrary,
  assertHidden,
  bodyOf,
  caseOf,
  cases,
  headerOf,
  headers as spellings,
  lines,
  pairs,
  type Party,
  sha256,
  signerOf,
  signWith,
  utf8
} from "./support.ts"

const keyOf = (party: Party): Effect.Effect<VerificationKey> =>
  Effect.map(Effect.orDie(KeyMaterial.publicHalf(pairs[party].private_pkcs8_pem)), (key) => ({
    ...key,
    keyId: pairs[party].key_id
  }))

const { key_id: keyId } = pairs.merchant

const path = "/api/v2/merch/va/apply"
const timestamp = "1714533994404"
const now = Number(timestamp)
const nonce = "J5XK9FjkIBNohjrP"
const merchId = "M24061911365700670"
const account = "6222021234567890123"
const body = `{"account_no":"${account}","name":"x"}`

const signed = (text: Uint8Array, party: Party = "merchant") => ({
  sign_type: "SHA256_WITH_RSA",
  timestamp,
  nonce,
  key_id: pairs[party].key_id,
  signature: signWith(party, text)
})

const message = (text: Uint8Array, changes: Partial<Diagnosis.Message> = {}): Diagnosis.Message => ({
  path,
  headers: [
    { name: "authorization", value: headerOf(signed(text)) },
    { name: "X-Merch-Id", value: merchId }
  ],
  body: utf8(body),
  ...changes
})

const right = lines(path, timestamp, nonce, merchId, body)

const diagnose = (question: Partial<Diagnosis.Question> = {}) =>
  Effect.gen(function* () {
    return yield* Diagnosis.diagnose({ message: message(right), keys: [yield* keyOf("merchant")], now, ...question })
  })

const codes = (findings: ReadonlyArray<{ readonly code: string }>) => findings.map(({ code }) => code)

describe("an untouched message", () => {
  it.effect.prop(
    "is never called wrong, whatever is in it",
    { path: arbitrary.path, merchId: arbitrary.merchId, body: arbitrary.bytes, timestamp: arbitrary.timestamp },
    (parts) =>
      Effect.gen(function* () {
        const at = Number(parts.timestamp.slice(0, 15))
        // A header cannot begin or end with a blank.
        const line4 = parts.merchId.trim()
        yield* TestClock.setTime(at)
        const authorization = yield* Signer.authorize({ path: parts.path, merchId: line4, body: parts.body })
        const sent: Diagnosis.Message = {
          path: parts.path,
          body: parts.body,
          headers: [
            { name: "Authorization", value: Authorization.encode(authorization) },
            ...(line4 === "" ? [] : [{ name: "X-Merch-Id", value: line4 }])
          ]
        }
        const diagnosis = yield* diagnose({ message: sent, now: undefined })
        assert.deepStrictEqual([diagnosis.verdict, diagnosis.findings], ["Valid", []])
        const expected = lines(
          parts.path,
          authorization.timestamp,
          authorization.nonce,
          line4,
          ...(parts.body.length === 0 ? [] : [parts.body])
        )
        assert.strictEqual(diagnosis.canonical.sha256, sha256(expected))
        assert.strictEqual(diagnosis.canonical.bytes, expected.length)
      }).pipe(Effect.provide(signerOf("merchant"))),
    { arbitrary: { runs: 60 } }
  )

  it.effect("is right in all vectors of OpenSSL and the JDK, with and without a body", () =>
    Effect.gen(function* () {
      for (const vector of cases.filter(({ id }) => !id.startsWith("body-one-mib"))) {
        const sent = bodyOf(vector)
        const multipart = vector.variant === "file_upload"
        const diagnosis = yield* diagnose({
          keys: [{ ...(yield* keyOf(vector.signer)), keyId: vector.key_id }],
          now: Number(vector.timestamp),
          message: {
            path: vector.path,
            headers: [
              { name: "AUTHORIZATION", value: vector.authorization },
              ...(vector.merch_id === null ? [] : [{ name: "X-MERCH-ID", value: vector.merch_id }])
            ],
            body: multipart ? utf8("the whole") : sent,
            parts: multipart ? [{ name: "meta", bytes: sent }] : undefined
          }
        })
        assert.deepStrictEqual([vector.id, diagnosis.verdict, codes(diagnosis.findings)], [vector.id, "Valid", []])
        assert.strictEqual(diagnosis.canonical.sha256, vector.canonical_sha256)
        assert.strictEqual(diagnosis.header.fields?.signature.sha256, vector.canonical_sha256)
      }
    })
  )

  it.effect("has a header that may be spelt in other ways, as long as a form decoder reads it the same", () =>
    Effect.gen(function* () {
      const vector = caseOf(spellings.case)
      const unencoded: Array<string> = []
      for (const { id, authorization } of spellings.headers) {
        const diagnosis = yield* diagnose({
          keys: [yield* keyOf(vector.signer)],
          now: Number(vector.timestamp),
          message: {
            path: vector.path,
            headers: [
              { name: "Authorization", value: authorization },
              { name: "X-Merch-Id", value: vector.merch_id! }
            ],
            body: bodyOf(vector)
          }
        })
        if (diagnosis.verdict === "Valid") continue
        assert.deepStrictEqual(codes(diagnosis.findings), ["HeaderNotEncoded"])
        assert.strictEqual(diagnosis.corrected?.authorization, vector.authorization)
        unencoded.push(id)
      }
      assert.deepStrictEqual(unencoded.toSorted(), [
        "literal-plus",
        "literal-plus-slash-equals",
        "literal-punctuation",
        "raw",
        "raw-blanks",
        "raw-extra-key-percent",
        "raw-key-order",
        "raw-slash-escapes",
        "raw-unicode-escapes"
      ])
    })
  )

  it.effect("without a body may be signed over four lines and over five, of which a hint tells", () =>
    Effect.gen(function* () {
      for (const empty of [undefined, new Uint8Array()]) {
        const four = yield* diagnose({ message: message(lines(path, timestamp, nonce, merchId), { body: empty }) })
        assert.deepStrictEqual([four.verdict, codes(four.hints)], ["Valid", ["NonceReused"]])
        const five = yield* diagnose({ message: message(lines(path, timestamp, nonce, merchId, ""), { body: empty }) })
        assert.deepStrictEqual([five.verdict, codes(five.hints)], ["Valid", ["BodyEmptyLine", "NonceReused"]])
      }
    })
  )
})

describe("the verdict", () => {
  it.effect("is open without a key, and not where the header is wrong anyhow", () =>
    Effect.gen(function* () {
      const open = yield* diagnose({ keys: [] })
      assert.deepStrictEqual([open.verdict, open.findings, open.hints, open.keys], ["Undecided", [], [], []])
      assert.match(open.summary, /without a key/)
      const without = yield* diagnose({ keys: [], message: message(right, { headers: [] }) })
      assert.deepStrictEqual([without.verdict, codes(without.findings)], ["Invalid", ["HeaderMissing"]])
      assert.isUndefined(without.header.fields)
    })
  )

  it.effect("does not hold the age of a pasted message against it, but a time that is yet to come", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now + 86_400_000)
      const old = yield* diagnose({ now: undefined })
      assert.deepStrictEqual([old.verdict, codes(old.hints)], ["Valid", ["Clock", "NonceReused"]])
      assert.deepStrictEqual(old.header.fields?.timestamp, {
        value: timestamp,
        date: "2024-05-01T03:26:34.404Z",
        offsetMillis: -86_400_000,
        reference: "now"
      })
      yield* TestClock.setTime(now - 600_000)
      assert.deepStrictEqual(codes((yield* diagnose({ now: undefined })).findings), ["Clock"])
      const sent = { message: message(right, { sentAt: now + 600_000 }), now: undefined }
      assert.deepStrictEqual(codes((yield* diagnose(sent)).findings), ["Clock"])
      assert.strictEqual((yield* diagnose({ ...sent, now })).verdict, "Valid")
      assert.strictEqual((yield* diagnose({ ...sent, tolerance: "10 minutes" })).verdict, "Valid")
    })
  )

  it.effect("does not hold a query against a message, but hints at it", () =>
    Effect.gen(function* () {
      const queried = yield* diagnose({ message: message(right, { query: "a=1" }) })
      assert.deepStrictEqual([queried.verdict, codes(queried.hints)], ["Valid", ["PathQuery", "NonceReused"]])
    })
  )

  it.effect("says that the body may not be the one that was sent", () =>
    Effect.gen(function* () {
      const incomplete = "Content-Length says 9 bytes, and 7 are here"
      const sent = message(right, { body: utf8('{"a":1}'), incomplete })
      const { findings } = yield* diagnose({ message: sent })
      assert.deepStrictEqual(codes(findings), ["OtherText"])
      assert.match(findings[0]!.detail, /; but Content-Length says 9 bytes/)
    })
  )

  it.effect("names what of a multipart body is missing", () =>
    Effect.gen(function* () {
      const sent = message(right, { parts: [{ name: "file", bytes: utf8("x") }] })
      const { findings } = yield* diagnose({ message: sent })
      assert.deepStrictEqual(codes(findings), ["MultipartWhole"])
      const named = message(right, { parts: [{ name: "json", bytes: utf8(body) }] })
      assert.strictEqual((yield* diagnose({ message: named, metaPart: "json" })).verdict, "Valid")
    })
  )

  it.effect("takes the merchant number and the path that the caller says are right", () =>
    Effect.gen(function* () {
      const sent = message(lines("/other", timestamp, nonce, "M1", body), { path: "/proxied" })
      const diagnosis = yield* diagnose({ message: sent, path: "/other", merchId: "M1" })
      assert.deepStrictEqual([diagnosis.verdict, diagnosis.findings], ["Valid", []])
    })
  )

  it.effect("is reached by verifying alone with a key that does not show its numbers", () =>
    Effect.gen(function* () {
      const key = yield* keyOf("merchant")
      const closed = yield* Effect.promise(async () =>
        crypto.subtle.importKey(
          "spki",
          await crypto.subtle.exportKey("spki", key.cryptoKey),
          { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
          false,
          ["verify"]
        )
      )
      const keys = [{ ...key, cryptoKey: closed }]
      assert.strictEqual((yield* diagnose({ keys })).verdict, "Valid")
      const found = yield* diagnose({ keys, message: message(lines(`${path}/`, timestamp, nonce, merchId, body)) })
      assert.deepStrictEqual(codes(found.findings), ["PathTrailingSlash"])
      assert.strictEqual(found.corrected?.path, `${path}/`)
      const foreign = yield* diagnose({ keys, message: message(utf8("another text")) })
      assert.deepStrictEqual(codes(foreign.findings), ["ForeignKey"])
    })
  )
})

const assertPlain = (value: unknown): void => {
  if (typeof value === "object" && value !== null) {
    assert.include([Object.prototype, Array.prototype], Object.getPrototypeOf(value))
    for (const member of Object.values(value)) assertPlain(member)
  } else {
    assert.include(["string", "number", "boolean", "undefined"], typeof value)
  }
}

describe("a diagnosis", () => {
  it.effect("is data for JSON: all of it comes back", () =>
    Effect.gen(function* () {
      for (const text of [right, lines(`${path}/`, timestamp, nonce, merchId, body), utf8("another")]) {
        const diagnosis = yield* diagnose({ message: message(text) })
        assertPlain(diagnosis)
        const again = JSON.parse(JSON.stringify(diagnosis)) as Diagnosis.Diagnosis
        assert.strictEqual(Diagnosis.format(again), Diagnosis.format(diagnosis))
        assert.strictEqual(JSON.stringify(again), JSON.stringify(diagnosis))
      }
    })
  )

  it.effect("shows the lines with their ends, lengths and digest, as another implementation counts them", () =>
    Effect.gen(function* () {
      const { canonical, header, keys, effort } = yield* diagnose()
      assert.deepStrictEqual(
        canonical.lines.map(({ number, part, text, bytes, lineFeed }) => [number, part, text, bytes, lineFeed]),
        [
          [1, "path", path, 22, true],
          [2, "timestamp", timestamp, 13, true],
          [3, "nonce", nonce, 16, true],
          [4, "merchId", merchId, 18, true],
          [5, "body", body.replace(/[0-9]/g, "•"), Buffer.byteLength(body), false]
        ]
      )
      assert.strictEqual(canonical.bytes, right.length)
      assert.strictEqual(canonical.sha256, sha256(right))
      assert.deepStrictEqual(header, {
        name: "Authorization",
        characters: headerOf(signed(right)).length,
        fields: {
          sign_type: "SHA256_WITH_RSA",
          timestamp: { value: timestamp, date: "2024-05-01T03:26:34.404Z", offsetMillis: 0, reference: "given" },
          nonce,
          key_id: keyId,
          signature: { characters: 344, bytes: 256, bits: 2048, sha256: sha256(right) }
        }
      })
      assert.deepStrictEqual(
        keys.map(({ keyId: id, bits, expected, signed: made }) => [id, bits, expected, made]),
        [[keyId, 2048, true, true]]
      )
      assert.isTrue(effort.complete)
    })
  )

  it.effect("makes visible what cannot be seen, and lets nothing through that steers a terminal", () =>
    Effect.gen(function* () {
      const hostile = "\u001b[2J\u202ex"
      const sent = message(right, {
        path: `/a\t${hostile}`,
        body: utf8(`\uFEFF{\r\n${hostile}\n`),
        headers: [
          {
            name: "Authorization",
            value: headerOf({ ...signed(right), nonce: `${hostile}12`, key_id: hostile, sign_type: hostile })
          },
          { name: "X-Merch-Id", value: hostile }
        ]
      })
      const diagnosis = yield* diagnose({ message: sent })
      const out = Diagnosis.format(diagnosis)
      assert.notMatch(out + JSON.stringify(diagnosis), /[\u001b\u202e]/)
      assert.include(out, "⟨BOM⟩{␍␊⟨1b⟩[•J⟨202e⟩x␊")
      assert.include(out, "/a␉⟨1b⟩[2J⟨202e⟩x␊")
    })
  )

  it.effect.prop(
    "holds no private key, no digits of the body and no credentials, whatever was signed",
    { digits: Arbitrary.map(arbitrary.timestamp, (some) => `98765${some}43210`), text: arbitrary.text },
    ({ digits, text }) =>
      Effect.gen(function* () {
        const content = JSON.stringify({ text, account_no: digits, merch_id: digits })
        const other = JSON.stringify({ text, account_no: digits, merch_id: digits }, null, 2)
        for (const broken of [
          lines(path, timestamp, nonce, merchId, other),
          lines(path, timestamp, nonce, content),
          lines(timestamp, nonce, content),
          lines("POST", path, timestamp, nonce, digits, content)
        ]) {
          const diagnosis = yield* diagnose({
            message: message(broken, {
              body: utf8(content),
              headers: [...message(broken).headers, { name: "Cookie", value: "sEcReT" }]
            }),
            otherKeys: [yield* keyOf("platform")]
          })
          assert.notStrictEqual(diagnosis.verdict, "Valid")
          for (const party of ["merchant", "platform"] as const) assertHidden(diagnosis, pairs[party].private_pkcs8_pem)
          const out = `${Diagnosis.format(diagnosis)} ${JSON.stringify(diagnosis)}`
          assert.notInclude(out, "sEcReT")
          for (let start = 0; start + 9 <= digits.length; start++) {
            const run = digits.slice(start, start + 9)
            if (!`${path}${timestamp}${nonce}${merchId}`.includes(run)) assert.notInclude(out, run)
          }
        }
      }),
    { arbitrary: { runs: 4 } }
  )

  it.effect.prop(
    "is made of any message, and never fails",
    {
      text: arbitrary.text,
      header: Arbitrary.map(arbitrary.text, (some) => some),
      bytes: arbitrary.bytes,
      line: arbitrary.merchId
    },
    ({ text, header, bytes, line }) =>
      Effect.gen(function* () {
        const object = { sign_type: text, timestamp: text, nonce: header, key_id: line, signature: text }
        for (const value of [
          header,
          `Bearer ${header}`,
          `"${header}"`,
          headerOf(object),
          `%7B${header}`,
          `{"signature":${text}`,
          `{${header}}`
        ]) {
          const diagnosis = yield* diagnose({
            message: {
              path: text,
              query: header,
              origin: line,
              headers: [
                { name: "Authorization", value },
                { name: line, value: text }
              ],
              body: bytes
            },
            path: line,
            merchId: text,
            otherPaths: [text],
            otherMerchIds: [header]
          })
          assert.strictEqual(diagnosis.verdict, "Invalid")
          assert.isString(Diagnosis.format(diagnosis))
        }
      }),
    { arbitrary: { runs: 15 } }
  )

  it.live("can be interrupted", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(diagnose({ message: message(utf8("another text")) }))
      yield* Effect.sleep("1 millis")
      yield* Fiber.interrupt(fiber)
    })
  )
})

describe("from the paste to the change", () => {
  const curl = (data: string, header: string, url = `https://open-fat.cb.paykka.com${path}`) =>
    `curl -X POST '${url}' -H 'Authorization: ${header}' -H 'X-Merch-Id: ${merchId}' ${data}`

  const judge = (text: string, options?: HttpMessage.Options) =>
    Effect.flatMap(Effect.fromResult(HttpMessage.parse(text, options)), (parsed) => diagnose({ message: parsed }))

  it.effect("a file that curl -d has shortened", () =>
    Effect.gen(function* () {
      const file = `{\n  "account_no": "${account}"\n}\n`
      const header = headerOf(signed(lines(path, timestamp, nonce, merchId, file)))
      const readFile = () => utf8(file)
      const { findings } = yield* judge(curl("-d @body.json", header), { readFile })
      assert.deepStrictEqual(codes(findings), ["BodyLineEnds"])
      assert.match(findings[0]!.detail, /curl -d @file/)
      assert.strictEqual((yield* judge(curl("--data-binary @body.json", header), { readFile })).verdict, "Valid")
    })
  )

  it.effect("a query, a URL with a slash too many, and a header in a HAR file", () =>
    Effect.gen(function* () {
      const withQuery = lines(`${path}?a=1`, timestamp, nonce, merchId, body)
      const url = `https://open-fat.cb.paykka.com${path}?a=1`
      const found = yield* judge(curl(`-d '${body}'`, headerOf(signed(withQuery)), url))
      assert.deepStrictEqual(codes(found.findings), ["PathQuery"])
      const whole = lines(`https://open-fat.cb.paykka.com${path}`, timestamp, nonce, merchId, body)
      assert.deepStrictEqual(codes((yield* judge(curl(`-d '${body}'`, headerOf(signed(whole))))).findings), [
        "PathHost"
      ])
      const har = JSON.stringify({
        log: {
          entries: [1, 2].map(() => ({
            startedDateTime: "2024-05-01T03:26:35.000Z",
            request: {
              method: "POST",
              url,
              headers: [
                { name: "authorization", value: headerOf(signed(right)) },
                { name: "x-merch-id", value: merchId }
              ],
              postData: { text: body }
            }
          }))
        }
      })
      const repeated = Result.getOrThrow(HttpMessage.parse(har))
      const { findings, header } = yield* diagnose({ message: repeated, now: undefined })
      assert.deepStrictEqual(codes(findings), ["NonceReused"])
      assert.strictEqual(header.fields?.timestamp.offsetMillis, -596)
    })
  )

  it.effect("what fetch and FormData send, whole: meta is the text that is signed", () =>
    Effect.gen(function* () {
      const meta = '{"file_name":"发票.pdf"}'
      const form = new FormData()
      form.append("meta", meta)
      form.append("file", new Blob(["%PDF"]), "发票.pdf")
      const response = new Response(form)
      const bytes = new Uint8Array(yield* Effect.promise(() => response.arrayBuffer()))
      const head = (text: Uint8Array) =>
        utf8(
          `POST ${path} HTTP/1.1\r\nContent-Type: ${response.headers.get("content-type")}\r\nAuthorization: ${headerOf(signed(text))}\r\nX-Merch-Id: ${merchId}\r\n\r\n`
        )
      const of = (text: Uint8Array) =>
        diagnose({ message: Result.getOrThrow(HttpMessage.parse(new Uint8Array([...head(text), ...bytes]))) })
      assert.strictEqual((yield* of(lines(path, timestamp, nonce, merchId, meta))).verdict, "Valid")
      assert.deepStrictEqual(codes((yield* of(lines(path, timestamp, nonce, merchId, bytes))).findings), [
        "MultipartWhole"
      ])
    })
  )
})
