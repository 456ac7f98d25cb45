// Each cause of the table, one by one: a request is broken in that way by another implementation (node:crypto, which is OpenSSL), the
// diagnosis names exactly that cause, and what it proposes verifies.
import { constants, createHash, createPrivateKey, privateEncrypt, sign as nodeSign } from "node:crypto"
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Cause from "../src/Cause.ts"
import * as Diagnosis from "../src/Diagnosis.ts"
import { mistakes } from "../src/internal/mistakes.ts"
import * as KeyMaterial from "../src/KeyMaterial.ts"
import type { VerificationKey } from "../src/KeyStore.ts"
import * as Verifier from "../src/Verifier.ts"
import {
  bodyOf,
  broken as brokenHeaders,
  caseOf,
  headerOf,
  lines,
  pairs,
  type Party,
  platformKey,
  sampleText,
  sha256,
  utf8,
  verifierOf
} from "./support.ts"

const path = "/api/v2/merch/va/apply"
const timestamp = "1714533994404"
const nonce = "5f1c9a7e2b3d4c6a8e0f1a2b3c4d5e6f"
const merchId = "M24061911365700670"
const account = "6222021234567890123"
const origin = "https://open-fat.cb.paykka.com"
const json = {
  request_id: "VA-1",
  name: "深圳示例 é",
  account_no: account,
  site: "https://example.com/<a>",
  list: [1, { b: 2, a: null }],
  rate: 1.5
}
const body = JSON.stringify(json)
const { key_id: keyId } = pairs.merchant

const privateKey = (party: Party) => createPrivateKey(pairs[party].private_pkcs8_pem)

// ---------------------------------------------------------------------------------------------------------
// The outside signer
// ---------------------------------------------------------------------------------------------------------

interface Broken {
  /** What differs from the right request. */
  readonly sent?: Partial<Diagnosis.Message> & { readonly merchIds?: ReadonlyArray<string> }
  /** The text that is signed. Default: the right one. */
  readonly signed?: Uint8Array | undefined
  /** The signature's bytes. Default: SHA256withRSA by the merchant. */
  readonly signature?: (text: Uint8Array) => Buffer
  /** The signature as text. Default: Base64. */
  readonly written?: (signature: Buffer) => string
  /** Other fields of the header. */
  readonly fields?: Record<string, unknown>
  /** The header as text. Default: percent-encoded JSON. */
  readonly header?: (object: Record<string, unknown>) => string
  /** The name of the header. */
  readonly name?: string
  readonly question?: Partial<Diagnosis.Question>
}

const text = (parts: {
  path?: string
  timestamp?: string
  nonce?: string
  merchId?: string
  body?: string | Uint8Array
}) =>
  lines(
    parts.path ?? path,
    parts.timestamp ?? timestamp,
    parts.nonce ?? nonce,
    parts.merchId ?? merchId,
    parts.body ?? body
  )

const bySha256 = (bytes: Uint8Array, party: Party = "merchant"): Buffer =>
  nodeSign("RSA-SHA256", bytes, privateKey(party))

const messageOf = (broken: Broken): Diagnosis.Message => {
  const {
    sent = {},
    signed = text({}),
    signature = bySha256,
    written,
    fields,
    header = headerOf,
    name = "Authorization"
  } = broken
  const { merchIds = [merchId], ...message } = sent
  const base64 = written?.(signature(signed)) ?? signature(signed).toString("base64")
  const object = { sign_type: "SHA256_WITH_RSA", timestamp, nonce, key_id: keyId, signature: base64, ...fields }
  return {
    method: "POST",
    origin,
    path,
    body: utf8(body),
    ...message,
    headers: [
      { name: "Content-Type", value: "application/json" },
      { name, value: header(object) },
      ...merchIds.map((value) => ({ name: "X-Merch-Id", value })),
      ...(message.headers ?? [])
    ]
  }
}

const publicKey = (party: Party): Effect.Effect<VerificationKey> =>
  Effect.map(Effect.orDie(KeyMaterial.publicKey(pairs[party].public_spki_pem)), (key) => ({
    ...key,
    keyId: pairs[party].key_id
  }))

const diagnose = (message: Diagnosis.Message, question: Partial<Diagnosis.Question> = {}) =>
  Effect.gen(function* () {
    const keys = [yield* publicKey("merchant")]
    return yield* Diagnosis.diagnose({ keys, now: Number(timestamp), message, ...question })
  })

/** What the diagnosis proposes, done by the outside signer: the text that it shows, signed and sent by the rules. */
const mended = (message: Diagnosis.Message, question: Partial<Diagnosis.Question>): Diagnosis.Message => {
  const merchant = message.headers.find(({ name, value }) => name === "X-Merch-Id" && value !== "")?.value ?? ""
  const [now, fresh] = [timestamp, "0a1b2c3d4e5f"]
  const part = message.parts?.find(({ name }) => name === "meta")?.bytes
  const content = message.parts === undefined ? message.body : part
  const right = lines(question.path ?? message.path, now, fresh, merchant, ...(content === undefined ? [] : [content]))
  const signature = bySha256(right).toString("base64")
  const object = { sign_type: "SHA256_WITH_RSA", timestamp: now, nonce: fresh, key_id: keyId, signature }
  return {
    ...message,
    headers: [
      { name: "Authorization", value: encodeURIComponent(JSON.stringify(object)) },
      ...(merchant === "" ? [] : [{ name: "X-Merch-Id", value: merchant }])
    ]
  }
}

// ---------------------------------------------------------------------------------------------------------
// The mistakes, by cause
// ---------------------------------------------------------------------------------------------------------

const escaped = (some: string): string =>
  some.replace(/[^\u0000-\u007f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** As Python's json.dumps writes, spelt out by hand. */
const python = `{"request_id": "VA-1", "name": "\\u6df1\\u5733\\u793a\\u4f8b \\u00e9", "account_no": "${account}", "site": "https://example.com/<a>", "list": [1, {"b": 2, "a": null}], "rate": 1.5}`
/** As Jackson's writerWithDefaultPrettyPrinter writes. */
const jackson = `{
  "request_id" : "VA-1",
  "name" : "深圳示例 é",
  "account_no" : "${account}",
  "site" : "https://example.com/<a>",
  "list" : [ 1, {
    "b" : 2,
    "a" : null
  } ],
  "rate" : 1.5
}`
/** As PHP's json_encode writes without flags. */
const php = escaped(body).replaceAll("/", "\\/")
/** As Go's json.Marshal writes. */
const go = body.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e")
const sortedKeys = `{"account_no":"${account}","list":[1,{"a":null,"b":2}],"name":"深圳示例 é","rate":1.5,"request_id":"VA-1","site":"https://example.com/<a>"}`
const indented = JSON.stringify(json, null, 2)

/** GBK by an outside table: the bytes of these characters, from GB 18030's published mapping. */
const gbk = Buffer.concat([
  Buffer.from('{"request_id":"VA-1","name":"'),
  Buffer.from([0xc9, 0xee, 0xdb, 0xda, 0xca, 0xbe, 0xc0, 0xfd, 0x20, 0xa8, 0xa6]),
  Buffer.from(body.slice(body.indexOf("é") + 1))
])

const rawPadding = (content: Buffer): Buffer =>
  privateEncrypt({ key: privateKey("merchant"), padding: constants.RSA_PKCS1_PADDING }, content)

const pss =
  (saltLength: number) =>
  (bytes: Uint8Array): Buffer =>
    nodeSign("RSA-SHA256", bytes, { key: privateKey("merchant"), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })

const digestOf = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest()

const boundary = "x-boundary"
const meta = `{"file_name":"a.pdf","size":${account}}`
const file = utf8("%PDF-1.4")
const multipartBody = utf8(
  `--${boundary}\r\nContent-Disposition: form-data; name="meta"\r\n\r\n${meta}\r\n--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.4\r\n--${boundary}--\r\n`
)
const multipart = {
  body: multipartBody,
  parts: [
    { name: "meta", bytes: utf8(meta) },
    { name: "file", bytes: file }
  ]
}

const noBody = { body: undefined }

type Row = readonly [
  cause: Cause.Code | readonly [Cause.Code, Cause.Code],
  name: string,
  broken: Broken,
  detail?: RegExp
]

const rows: ReadonlyArray<Row> = [
  ["HeaderMissing", "under another name", { name: "X-Authorization" }, /"X-Authorization" holds/],
  ["HeaderScheme", "Bearer", { header: (object) => `Bearer ${headerOf(object)}` }, /"Bearer"/],
  ["HeaderQuoted", "double quotes", { header: (object) => `"${headerOf(object)}"` }, /double quotes/],
  ["HeaderQuoted", "single quotes", { header: (object) => `'${headerOf(object)}'` }, /single quotes/],
  ["HeaderNotEncoded", "plain JSON", { header: (object) => JSON.stringify(object) }, /as it is/],
  [
    "HeaderNotEncoded",
    "Base64",
    { header: (object) => Buffer.from(JSON.stringify(object)).toString("base64") },
    /as Base64/
  ],
  [
    "HeaderNotEncoded",
    "a plus sign left as it is",
    { header: (object) => headerOf(object).replaceAll("%2B", "+") },
    /plus sign/
  ],
  [
    "HeaderNotEncoded",
    "a broken escape",
    { header: (object) => headerOf({ ...object, note: "x" }).replace("note", "no%te") },
    /^the % at character \d+ is not/
  ],
  [
    "HeaderNotEncoded",
    "escapes that are not UTF-8",
    { header: (object) => headerOf({ ...object, note: "x" }).replace("note", "no%FFte") },
    /^the escapes at character \d+ are not UTF-8/
  ],
  [
    "HeaderEncodedTwice",
    "percent-encoded twice",
    { header: (object) => encodeURIComponent(headerOf(object)) },
    /more than once/
  ],
  [
    "HeaderField",
    "the timestamp as a number",
    { fields: { timestamp: Number(timestamp) } },
    /^timestamp must be a JSON string, not a number$/
  ],
  [
    "HeaderField",
    "camel case",
    { header: ({ key_id: id, ...object }) => headerOf({ ...object, keyId: id }) },
    /^"keyId" must be called key_id$/
  ],
  [
    "HeaderField",
    "without key_id",
    { header: (object) => headerOf({ ...object, key_id: undefined }) },
    /^key_id is missing$/
  ],
  [
    "HeaderField",
    "a print of a map",
    { header: (object) => encodeURIComponent(JSON.stringify(object).replaceAll('"', "'")) },
    /single quotes/
  ],
  [
    "HeaderField",
    "a nonce that is too short",
    { fields: { nonce: "abc" }, signed: text({ nonce: "abc" }) },
    /^nonce must have 6 to 32 characters, and has 3$/
  ],
  ["SignType", "Java's name", { fields: { sign_type: "SHA256withRSA" } }, /"SHA256withRSA"/],
  ["SignatureEncoding", "hexadecimal", { written: (bytes) => bytes.toString("hex") }, /hexadecimal/],
  ["SignatureEncoding", "Base64url", { written: (bytes) => bytes.toString("base64url") }, /Base64url/],
  [
    "SignatureEncoding",
    "lines of 76 characters",
    { written: (bytes) => bytes.toString("base64").replace(/(.{76})/g, "$1\r\n") },
    /line breaks/
  ],
  [
    "SignatureEncoding",
    "no padding",
    { written: (bytes) => bytes.toString("base64").replace(/=+$/, "") },
    /not padded/
  ],
  [
    "SignatureEncoding",
    "blanks for plus signs",
    { written: (bytes) => bytes.toString("base64").replaceAll("+", " ") },
    /form decoder/
  ],
  [
    "SignatureEncoding",
    "Base64 of Base64",
    { written: (bytes) => Buffer.from(bytes.toString("base64")).toString("base64") },
    /Base64 of Base64/
  ],
  [
    "SignatureEncoding",
    "Base64 of hexadecimal",
    { written: (bytes) => Buffer.from(bytes.toString("hex")).toString("base64") },
    /hexadecimal/
  ],
  [
    "SignatureEncoding",
    "percent-encoded by itself",
    { written: (bytes) => encodeURIComponent(bytes.toString("base64")) },
    /by itself/
  ],
  [
    "WrongAlgorithm",
    "SHA-1",
    { signature: (bytes) => nodeSign("RSA-SHA1", bytes, privateKey("merchant")) },
    /over SHA-1$/
  ],
  [
    "WrongAlgorithm",
    "SHA-512",
    { signature: (bytes) => nodeSign("RSA-SHA512", bytes, privateKey("merchant")) },
    /over SHA-512$/
  ],
  ["WrongAlgorithm", "MD5", { signature: (bytes) => nodeSign("RSA-MD5", bytes, privateKey("merchant")) }, /over MD5$/],
  [
    "WrongAlgorithm",
    "PSS, with a salt as long as the digest",
    { signature: pss(32) },
    /RSA-PSS over SHA-256, with a salt of 32 bytes$/
  ],
  [
    "WrongAlgorithm",
    "PSS, with the longest salt",
    { signature: pss(constants.RSA_PSS_SALTLEN_MAX_SIGN) },
    /RSA-PSS over SHA-256, with a salt of 222 bytes$/
  ],
  [
    "WrongAlgorithm",
    "the digest without the name of its hash",
    { signature: (bytes) => rawPadding(digestOf(bytes)) },
    /without the name of a hash/
  ],
  [
    "WrongAlgorithm",
    "the digest as text, encrypted",
    { signature: (bytes) => rawPadding(Buffer.from(digestOf(bytes).toString("hex"))) },
    /without the name of a hash/
  ],
  ["HashedTwice", "the digest in hexadecimal", { signed: digestOfText("hex") }, /in hexadecimal/],
  ["HashedTwice", "the digest as bytes", { signed: new Uint8Array(digestOf(text({}))) }, /as bytes/],
  ["HashedTwice", "the digest in Base64", { signed: digestOfText("base64") }, /in Base64/],
  [
    "WrongKey",
    "PayKKa's key in the place of the merchant's",
    { signature: (bytes) => bySha256(bytes, "platform"), question: {} },
    /^the text is right, but the key "P202405010001" has signed/
  ],
  [
    "ForeignKey",
    "a key that nobody gave",
    { signature: (bytes) => nodeSign("RSA-SHA256", bytes, sampleText("rsa-2048-private-pkcs8-pem")) },
    /did not make this signature/
  ],
  [
    "ForeignKey",
    "a key of another size",
    { signature: (bytes) => nodeSign("RSA-SHA256", bytes, sampleText("rsa-3072-private-pkcs8-pem")) },
    /384 bytes, as of a key of 3072 bits; the given keys have 2048 bits/
  ],
  [
    "KeyIdUnknown",
    "another id",
    { fields: { key_id: "K0" } },
    /the header says "K0", but the key "K202405010001" signed/
  ],
  [
    "PathQuery",
    "the query was signed",
    { sent: { query: "a=1" }, signed: text({ path: `${path}?a=1` }) },
    /apply\?a=1" was signed/
  ],
  ["PathQuery", "a question mark", { signed: text({ path: `${path}?` }) }],
  ["PathTrailingSlash", "one was signed", { signed: text({ path: `${path}/` }) }],
  ["PathTrailingSlash", "one was sent", { sent: { path: `${path}/` } }],
  ["PathDoubleSlash", "two were signed", { signed: text({ path: `/${path}` }) }],
  ["PathDoubleSlash", "two were sent", { sent: { path: "/api//v2/merch/va/apply" } }],
  ["PathPrefix", "a proxy adds one", { sent: { path: `/gateway/paykka${path}` } }],
  [
    "PathPrefix",
    "a proxy takes one away, and says so",
    { sent: { headers: [{ name: "X-Forwarded-Prefix", value: "/hooks/" }] }, signed: text({ path: `/hooks${path}` }) }
  ],
  [
    "PathPrefix",
    "a proxy takes one away, and the path is known",
    { signed: text({ path: `/hooks${path}` }), question: { otherPaths: [`/hooks${path}`] } }
  ],
  [
    "PathPrefix",
    "the receiver sees another path than the one that is called",
    { question: { path: "/v2/merch/va/apply" } }
  ],
  ["PathEncoding", "decoded", { sent: { path: "/api/a%20b" }, signed: text({ path: "/api/a b" }) }],
  ["PathEncoding", "the escapes in lower case", { sent: { path: "/api/a%2Fb" }, signed: text({ path: "/api/a%2fb" }) }],
  ["PathEncoding", "encoded with its slashes", { signed: text({ path: encodeURIComponent(path) }) }],
  ["PathLeadingSlash", "without the first slash", { signed: text({ path: path.slice(1) }) }],
  ["PathHost", "the URL", { signed: text({ path: origin + path }) }],
  [
    "PathHost",
    "the host",
    {
      sent: { origin: undefined, headers: [{ name: "Host", value: "open-fat.cb.paykka.com" }] },
      signed: text({ path: `open-fat.cb.paykka.com${path}` })
    }
  ],
  ["PathOther", "one that is given", { signed: text({ path: "/callback" }), question: { otherPaths: ["/callback"] } }],
  [
    "PathOther",
    "one of a forwarding header",
    { sent: { headers: [{ name: "X-Original-URI", value: "/callback?a=1" }] }, signed: text({ path: "/callback" }) }
  ],
  ["PathOther", "an empty line", { signed: text({ path: "" }) }],
  [
    "TimestampSeconds",
    "seconds were signed",
    { signed: text({ timestamp: timestamp.slice(0, 10) }) },
    /signed in seconds/
  ],
  [
    "TimestampSeconds",
    "seconds were sent",
    { fields: { timestamp: timestamp.slice(0, 10) } },
    /but milliseconds were signed/
  ],
  [
    "TimestampSeconds",
    "seconds everywhere",
    { fields: { timestamp: timestamp.slice(0, 10) }, signed: text({ timestamp: timestamp.slice(0, 10) }) },
    /reads as 1970-01-20/
  ],
  [
    "TimestampDiffers",
    "the clock was read twice",
    { signed: text({ timestamp: String(Number(timestamp) - 7) }) },
    /7 ms before that of the header/
  ],
  ["TimestampDiffers", "ISO 8601", { signed: text({ timestamp: "2024-05-01T03:26:34.404Z" }) }, /ISO 8601/],
  ["NonceDiffers", "upper case", { signed: text({ nonce: nonce.toUpperCase() }) }, /upper case/],
  [
    "NonceDiffers",
    "the dashes of a UUID",
    {
      fields: { nonce: "0b9e2b5c1d" },
      signed: text({ nonce: "0b9e-2b5c-1d" }),
      sent: { headers: [{ name: "X-Nonce", value: "0b9e-2b5c-1d" }] }
    }
  ],
  [
    "NonceDiffers",
    "the nonce of another header",
    { sent: { headers: [{ name: "X-Nonce", value: "another-nonce" }] }, signed: text({ nonce: "another-nonce" }) }
  ],
  ["NonceDiffers", "an empty line", { signed: text({ nonce: "" }) }],
  ["MerchantHeaderTwice", "once empty and once filled", { sent: { merchIds: ["", merchId] } }, /sent 2 times/],
  [
    "MerchantHeaderTwice",
    "both values were signed",
    { sent: { merchIds: [merchId, "M1"] }, signed: text({ merchId: `${merchId}, M1` }) },
    /line 4 held/
  ],
  [
    "MerchantLineMissing",
    "no merchant",
    { sent: { merchIds: [] }, signed: lines(path, timestamp, nonce, body) },
    /it stays, empty/
  ],
  ["MerchantLineMissing", "a merchant", { signed: lines(path, timestamp, nonce, body) }],
  ["MerchantLineEmpty", "the number is sent only", { signed: text({ merchId: "" }) }],
  ["MerchantLineNull", "undefined", { sent: { merchIds: [] }, signed: text({ merchId: "undefined" }) }],
  ["MerchantLineNull", "None", { sent: { merchIds: [] }, signed: text({ merchId: "None" }) }],
  [
    "MerchantLineOther",
    "one that is given",
    { sent: { merchIds: [] }, question: { otherMerchIds: [merchId] } },
    /carries no X-Merch-Id/
  ],
  [
    "MerchantLineOther",
    "that of the body",
    { sent: { body: utf8('{"merch_id":"M77"}') }, signed: text({ merchId: "M77", body: '{"merch_id":"M77"}' }) },
    /held the merch_id of the body/
  ],
  ["BodyMissing", "four lines", { signed: lines(path, timestamp, nonce, merchId) }],
  ["BodyEmptyLine", "an empty line 5", { signed: text({ body: "" }) }],
  ["BodyPlaceholder", "an empty object", { signed: text({ body: "{}" }) }],
  ["BodyPlaceholder", "an object where there is no body", { sent: noBody, signed: text({ body: "{}" }) }],
  ["BodyPlaceholder", "null", { signed: text({ body: "null" }) }],
  [
    "MultipartWhole",
    "the whole body",
    { sent: multipart, signed: text({ body: multipartBody }) },
    /the whole multipart body/
  ],
  ["MultipartWhole", "the file", { sent: multipart, signed: text({ body: file }) }, /the part "file"/],
  ["BodyEscapes", "non-ASCII escaped", { signed: text({ body: escaped(body) }) }],
  [
    "BodyEscapes",
    "non-ASCII unescaped, but for what only looks like an escape",
    { sent: { body: utf8('{"a":"\\\\u0041 \\u6df1"}') }, signed: text({ body: '{"a":"\\\\u0041 深"}' }) }
  ],
  ["BodyEscapes", "non-ASCII unescaped", { sent: { body: utf8(escaped(body)) } }],
  ["BodyEscapes", "as PHP writes", { signed: text({ body: php }) }],
  ["BodyEscapes", "as Go writes", { signed: text({ body: go }) }],
  [
    "BodyLineEnds",
    "CR LF for LF",
    { sent: { body: utf8(indented) }, signed: text({ body: indented.replaceAll("\n", "\r\n") }) }
  ],
  [
    "BodyLineEnds",
    "lost by curl -d @file",
    { sent: { body: utf8(indented.replaceAll("\n", "")) }, signed: text({ body: `${indented}\n` }) },
    /curl -d @file/
  ],
  ["BodyReserialised", "indented by two", { signed: text({ body: indented }) }, /indented by two blanks$/],
  ["BodyReserialised", "indented by four", { signed: text({ body: JSON.stringify(json, null, 4) }) }],
  ["BodyReserialised", "indented by a tab", { signed: text({ body: JSON.stringify(json, null, "\t") }) }],
  ["BodyReserialised", "compact for an indented one", { sent: { body: utf8(indented) } }],
  [
    "BodyReserialised",
    "as Python writes",
    { signed: text({ body: python }) },
    /with a blank after each comma and colon, with non-ASCII text escaped$/
  ],
  ["BodyReserialised", "as Jackson writes", { signed: text({ body: jackson }) }, /Jackson/],
  [
    "BodyReserialised",
    "as .NET on Windows writes",
    { signed: text({ body: indented.replaceAll("\n", "\r\n") }) },
    /with CR LF$/
  ],
  ["BodyReserialised", "with sorted keys", { signed: text({ body: sortedKeys }) }, /sorted keys/],
  ["BodyReserialised", "without nulls", { signed: text({ body: body.replace(',"a":null', "") }) }, /without nulls/],
  [
    "BodyReserialised",
    "with a number changed by JavaScript",
    { sent: { body: utf8('{"a":12.50}') }, signed: text({ body: '{"a":12.5}' }) },
    /numbers as JavaScript/
  ],
  [
    "BodyReserialised",
    "with all digits of a number",
    {
      sent: { body: utf8('{ "a": 12345678901234567890.10 }') },
      signed: text({ body: '{"a":12345678901234567890.10}' })
    },
    /before it was signed$/
  ],
  [
    "BodyTransformed",
    "its SHA-256",
    { signed: text({ body: sha256(utf8(body)) }) },
    /SHA-256 was signed in hexadecimal/
  ],
  ["BodyTransformed", "its Base64", { signed: text({ body: Buffer.from(body).toString("base64") }) }],
  ["BodyTransformed", "a JSON string", { signed: text({ body: JSON.stringify(body) }) }],
  ["TrailingNewline", "LF signed", { signed: text({ body: `${body}\n` }) }],
  ["TrailingNewline", "CR LF signed", { signed: text({ body: `${body}\r\n` }) }],
  ["TrailingNewline", "LF sent", { sent: { body: utf8(`${body}\n`) } }],
  ["TrailingNewline", "blanks sent", { sent: { body: utf8(`  ${body}\r\n\r\n`) } }],
  ["BodyBom", "signed", { signed: text({ body: `\uFEFF${body}` }) }],
  ["BodyBom", "sent", { sent: { body: utf8(`\uFEFF${body}`) } }],
  [
    "BodyEncoding",
    "Latin-1 signed",
    { sent: { body: utf8('{"name":"Zoé"}') }, signed: text({ body: Buffer.from('{"name":"Zoé"}', "latin1") }) },
    /Latin-1/
  ],
  [
    "BodyEncoding",
    "Latin-1 sent",
    {
      sent: { body: new Uint8Array(Buffer.from('{"name":"Zoé"}', "latin1")) },
      signed: text({ body: '{"name":"Zoé"}' })
    },
    /sent in ISO 8859-1/
  ],
  ["BodyEncoding", "GBK signed", { signed: text({ body: gbk }) }, /GBK/],
  ["BodyEncoding", "GBK sent", { sent: { body: new Uint8Array(gbk) } }, /sent in GBK/],
  [
    "BodyEncoding",
    "UTF-16 signed",
    { signed: text({ body: Buffer.from(body, "utf16le") }) },
    /UTF-16 \(little endian\)/
  ],
  [
    "BodyEncoding",
    "question marks",
    { signed: text({ body: body.replace(/[^\u0000-\u007f]/g, "?") }) },
    /question marks/
  ],
  [
    "BodyEncoding",
    "UTF-8 twice",
    { signed: text({ body: Buffer.from(Buffer.from(body).toString("latin1")) }) },
    /read as ISO 8859-1/
  ],
  ["BodyEncoding", "decomposed", { signed: text({ body: body.normalize("NFD") }) }, /NFD/],
  ["MethodLine", "a line", { signed: lines("POST", path, timestamp, nonce, merchId, body) }],
  ["MethodLine", "before the path", { signed: text({ path: `POST ${path}` }) }],
  ["LineSeparator", "ampersands", { signed: utf8([path, timestamp, nonce, merchId, body].join("&")) }],
  ["LineSeparator", "nothing", { signed: utf8([path, timestamp, nonce, merchId, body].join("")) }],
  ["LineSeparator", "CR LF", { signed: utf8([path, timestamp, nonce, merchId, body].join("\r\n")) }],
  ["LineSeparator", "a backslash and an n", { signed: utf8([path, timestamp, nonce, merchId, body].join("\\n")) }],
  ["LineSeparator", "a semicolon", { signed: utf8([path, timestamp, nonce, merchId, body].join(";")) }],
  ["LineOrder", "nonce before timestamp", { signed: lines(path, nonce, timestamp, merchId, body) }, /another order/],
  ["LineOrder", "the body first", { signed: lines(body, path, timestamp, nonce, merchId) }],
  ["LineOrder", "three lines", { signed: lines(timestamp, nonce, body) }, /three lines/],
  ["LineOrder", "the body alone", { signed: utf8(body) }, /one line was signed \(body\)/],
  ["OtherText", "another body", { signed: text({ body: '{"other":1}' }) }, /no known mistake/],
  [
    "Clock",
    "ten minutes ahead",
    { question: { now: Number(timestamp) - 600_000 } },
    /10 min after the time at which it arrived$/
  ],
  [
    "Clock",
    "eight hours behind",
    { question: { now: Number(timestamp) + 8 * 3_600_000 + 1000 } },
    /8 h before .*, close to whole hours/
  ],
  ["NonceReused", "known to be used", { question: { usedNonces: ["x", nonce] } }],
  [
    "NonceReused",
    "by another entry of the same file",
    { sent: { otherAuthorizations: [headerOf({ nonce, signature: "x" })] } }
  ],

  // Two at once.
  [["PathTrailingSlash", "TrailingNewline"], "both", { signed: text({ path: `${path}/`, body: `${body}\n` }) }],
  [["PathHost", "MerchantLineEmpty"], "both", { signed: text({ path: origin + path, merchId: "" }) }],
  [
    ["SignatureEncoding", "BodyReserialised"],
    "both",
    { written: (bytes) => bytes.toString("hex"), signed: text({ body: indented }) }
  ],
  [
    ["WrongAlgorithm", "BodyEscapes"],
    "both",
    { signature: (bytes) => nodeSign("RSA-SHA1", bytes, privateKey("merchant")), signed: text({ body: escaped(body) }) }
  ],
  [["BodyReserialised", "TrailingNewline"], "both", { signed: text({ body: `${indented}\n` }) }],
  [["MerchantLineMissing", "LineSeparator"], "both", { signed: utf8([path, timestamp, nonce, body].join("")) }],
  [
    ["HeaderNotEncoded", "MethodLine"],
    "both",
    { header: (object) => JSON.stringify(object), signed: lines("POST", path, timestamp, nonce, merchId, body) }
  ]
]

function digestOfText(encoding: "hex" | "base64"): Uint8Array {
  return utf8(createHash("sha256").update(text({})).digest(encoding))
}

/** Those of which no single signature is the proof. */
const unproven: ReadonlyArray<Cause.Code> = ["OtherText", "ForeignKey"]

const assertShowsNothing = (diagnosis: Diagnosis.Diagnosis): void => {
  const out = Diagnosis.format(diagnosis) + JSON.stringify(diagnosis)
  for (let start = 0; start + 8 <= account.length; start++) assert.notInclude(out, account.slice(start, start + 8))
}

describe("the table of causes", () => {
  for (const [cause, name, broken, detail] of rows) {
    const expected = typeof cause === "string" ? [cause] : cause
    it.effect(`${expected.join(" and ")}: ${name}`, () =>
      Effect.gen(function* () {
        const otherKeys = [yield* publicKey("platform")]
        const question = { otherKeys: expected.includes("ForeignKey") ? [] : otherKeys, ...broken.question }
        const message = messageOf(broken)
        const diagnosis = yield* diagnose(message, question)
        assert.deepStrictEqual(
          diagnosis.findings.map(({ code }) => code),
          expected
        )
        assert.strictEqual(diagnosis.verdict, "Invalid")
        if (detail !== undefined) assert.match(diagnosis.findings[0]!.detail, detail)
        for (const { detail: found, change, proven, ...row } of diagnosis.findings) {
          assert.strictEqual(proven, !unproven.includes(row.code))
          assert.deepStrictEqual(row, Cause.of(row.code))
          assert.match(found, /^[^\n]+$/)
          assert.match(change ?? "None.", /^[A-Z].*\.$/)
        }
        assertShowsNothing(diagnosis)

        // What it proposes to sign, signed by the outside signer, is right.
        const fixed = mended(message, question)
        const after = yield* diagnose(fixed, { path: broken.question?.path })
        assert.deepStrictEqual([after.verdict, after.findings], ["Valid", []])
        assert.deepStrictEqual(
          diagnosis.canonical.lines.filter(({ part }) => part !== "timestamp" && part !== "nonce"),
          after.canonical.lines.filter(({ part }) => part !== "timestamp" && part !== "nonce")
        )

        // And where it says that the same signature would do, the verifier takes it.
        if (diagnosis.corrected !== undefined) {
          const { authorization, path: other, merchId: line4 } = diagnosis.corrected
          const content = message.parts === undefined ? message.body : message.parts[0]!.bytes
          yield* Verifier.Verifier.use((verifier) =>
            verifier.verify({ path: other, authorization, merchId: line4, body: content ?? new Uint8Array() })
          ).pipe(Effect.provide(verifierOf({ tolerance: "off" }, platformKey("merchant"))))
        }
      })
    )
  }

  it("is tried in its order", () => {
    const order = Cause.causes.map(({ code }) => code).filter((code) => mistakes[code] !== undefined)
    assert.deepStrictEqual(Object.keys(mistakes), order)
  })

  it("is tried whole", () => {
    const tried = new Set(rows.flatMap(([cause]) => cause))
    assert.deepStrictEqual(
      Cause.causes.map(({ code }) => code).filter((code) => !tried.has(code)),
      // Two texts side by side (Explanation.test.ts).
      ["BodyOther"]
    )
  })

  it("has each code once, and every text as a sentence of its own", () => {
    assert.strictEqual(new Set(Cause.causes.map(({ code }) => code)).size, Cause.causes.length)
    assert.isAtLeast(Cause.causes.length, 12)
    for (const { title, signer, receiver, tried } of Cause.causes) {
      for (const sentence of [signer, receiver]) assert.match(sentence, /^[A-Z].*\.$/)
      assert.match(title, /^[A-Z].*[^.]$/)
      assert.match(tried, /^[^.]*(\.[^.]+)*[^.]$/)
    }
  })

  it("stands in docs/debugging-signatures.md as it is", () => {
    const document = readFileSync(new URL("../../../docs/debugging-signatures.md", import.meta.url), "utf8")
    for (const { code, title, signer, receiver, tried } of Cause.causes) {
      const row = document.split("\n").find((line) => line.startsWith(`| \`${code}\``))
      assert.deepStrictEqual(
        row
          ?.split("|")
          .slice(1, -1)
          .map((content) => content.trim()),
        [`\`${code}\``, title, signer, receiver, tried],
        code
      )
    }
  })
})

describe("what the same signature is right for", () => {
  const corrected = (broken: Broken) => Effect.map(diagnose(messageOf(broken)), (diagnosis) => diagnosis.corrected)

  it.effect("is said where only the header was written wrongly", () =>
    Effect.gen(function* () {
      const right = messageOf({}).headers[1]!.value
      for (const broken of [
        { header: (object: object) => `Bearer ${headerOf(object)}` },
        { header: (object: object) => JSON.stringify(object) },
        { header: (object: object) => encodeURIComponent(headerOf(object)) },
        { written: (bytes: Buffer) => bytes.toString("hex") },
        { written: (bytes: Buffer) => Buffer.from(bytes.toString("base64")).toString("base64") },
        { fields: { sign_type: "RSA2" } },
        { fields: { key_id: "K0" } },
        { fields: { timestamp: Number(timestamp) } },
        { fields: { timestamp: String(Number(timestamp) + 3) } },
        { fields: { nonce: nonce.toUpperCase() } }
      ] satisfies ReadonlyArray<Broken>) {
        assert.deepStrictEqual(yield* corrected(broken), { authorization: right, path, merchId })
      }
    })
  )

  it.effect("is said where another path or merchant number would be right", () =>
    Effect.gen(function* () {
      const slash = yield* corrected({ signed: text({ path: `${path}/` }) })
      assert.deepStrictEqual([slash?.path, slash?.merchId], [`${path}/`, merchId])
      const none = yield* corrected({ signed: text({ merchId: "" }) })
      assert.deepStrictEqual([none?.path, none?.merchId], [path, ""])
    })
  )

  it.effect("is not said where no message of the contract has it", () =>
    Effect.gen(function* () {
      for (const broken of [
        { signed: text({ path: origin + path }) },
        { signed: lines("POST", path, timestamp, nonce, merchId, body) },
        { signed: text({ body: indented }) },
        { signature: (bytes: Uint8Array) => nodeSign("RSA-SHA1", bytes, privateKey("merchant")) },
        { signature: (bytes: Uint8Array) => bySha256(bytes, "platform") },
        { signed: utf8("another text") }
      ]) {
        assert.isUndefined(yield* corrected(broken))
      }
    })
  )
})

describe("the vectors of OpenSSL and the JDK", () => {
  for (const id of [
    "body-va-application",
    "body-cjk-raw",
    "body-not-utf8",
    "body-number-spellings",
    "without-merchant"
  ]) {
    it.effect(`${id}: right as it is, and found with each of some mistakes`, () =>
      Effect.gen(function* () {
        const vector = caseOf(id)
        const sent = bodyOf(vector)!
        const key = yield* publicKey(vector.signer)
        const message: Diagnosis.Message = {
          path: vector.path,
          body: sent,
          headers: [
            { name: "authorization", value: vector.authorization },
            ...(vector.merch_id === null ? [] : [{ name: "x-merch-id", value: vector.merch_id }])
          ]
        }
        const judge = (change: Partial<Diagnosis.Message>) =>
          Diagnosis.diagnose({ message: { ...message, ...change }, keys: [key], now: Number(vector.timestamp) })
        const right = yield* judge({})
        assert.deepStrictEqual([right.verdict, right.findings], ["Valid", []])
        assert.strictEqual(right.canonical.sha256, vector.canonical_sha256)
        assert.strictEqual(right.header.fields?.signature.sha256, vector.canonical_sha256)
        assert.strictEqual(right.canonical.bytes, vector.canonical_length)

        const codes = (diagnosis: Diagnosis.Diagnosis) => diagnosis.findings.map(({ code }) => code)
        assert.deepStrictEqual(codes(yield* judge({ path: `${vector.path}/` })), ["PathTrailingSlash"])
        assert.deepStrictEqual(codes(yield* judge({ body: new Uint8Array([...sent, 13, 10]) })), ["TrailingNewline"])
        assert.deepStrictEqual(codes(yield* judge({ body: utf8("{}") })), ["OtherText"])
        const broken = yield* judge({
          headers: [{ name: "Authorization", value: vector.authorization_json }, ...message.headers.slice(1)]
        })
        assert.deepStrictEqual(codes(broken), ["HeaderNotEncoded"])
        // What it corrects is what OpenSSL and the JDK wrote.
        assert.strictEqual(broken.corrected?.authorization, vector.authorization)
      })
    )
  }
})

describe("what the JDK got wrong", () => {
  for (const { id, what, cause, case: name, authorization } of brokenHeaders) {
    it.effect(`${id}: ${what}`, () =>
      Effect.gen(function* () {
        const vector = caseOf(name)
        const diagnosis = yield* Diagnosis.diagnose({
          message: {
            origin,
            path: vector.path,
            body: bodyOf(vector),
            headers: [
              { name: "Authorization", value: authorization },
              ...(vector.merch_id === null ? [] : [{ name: "X-Merch-Id", value: vector.merch_id }])
            ]
          },
          keys: [yield* publicKey("merchant")],
          now: Number(vector.timestamp)
        })
        assert.deepStrictEqual(
          diagnosis.findings.map(({ code, proven }) => [code, proven]),
          [[cause, true]]
        )
        // The text that it shows is the one that OpenSSL and the JDK signed in the vectors.
        assert.strictEqual(diagnosis.canonical.sha256, vector.canonical_sha256)
        if (/^(Header|Signature)/.test(cause)) {
          assert.strictEqual(diagnosis.corrected?.authorization, vector.authorization)
        }
      })
    )
  }
})
