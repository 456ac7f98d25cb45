import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { request } from "node:http"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as HttpMessage from "../src/HttpMessage.ts"
import { arbitrary, utf8 } from "./support.ts"

const secret = "%7B%22signature%22%3A%22c2VjcmV0LXNpZ25hdHVyZQ%3D%3D%22%7D"
const account = "6222021234567890123"
const body = `{"account_no":"${account}","name":"深圳"}`

const read = (input: string | Uint8Array, options?: HttpMessage.Options) =>
  Result.getOrThrow(HttpMessage.parse(input, options))

const bodyText = ({ body: bytes }: HttpMessage.HttpMessage) =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString()

const headersOf = ({ headers }: HttpMessage.HttpMessage) => headers.map(({ name, value }) => [name, value])

/** A text in vain: by place and rule, and nothing of it shows. */
const refused = (input: string, place: RegExp, rule: RegExp, options?: HttpMessage.Options) => {
  const error = Result.match(HttpMessage.parse(input, options), {
    onSuccess: () => assert.fail("it was read"),
    onFailure: (failure) => failure
  })
  assert.instanceOf(error, HttpMessage.UnreadableMessage)
  assert.match(error.place, place)
  assert.match(error.rule, rule)
  for (const hidden of [secret.slice(10, 40), account.slice(2, 12), "sEcReT"]) {
    assert.notInclude(`${error.message} ${JSON.stringify(error)} ${String(error.stack)}`, hidden)
  }
  return error
}

// ---------------------------------------------------------------------------------------------------------
// curl; what bash and curl really send is in curl.test.ts
// ---------------------------------------------------------------------------------------------------------

describe("a curl command", () => {
  it("of Windows' cmd, as Chromium's devtools copy it", () => {
    const message = read(
      [
        'curl ^"https://open-fat.cb.paykka.com/api/v2/merch/va/apply^" ^',
        '  -H ^"authorization: ^%^7B^%^22signature^%^22^%^7D^" ^',
        '  -H ^"x-merch-id: M1^" ^',
        '  --data-raw ^"^{^\\^"a^\\^":^\\^"1 ^& 2^\\^",^^n^\n\nb^}^"'
      ].join("\r\n")
    )
    assert.deepStrictEqual(headersOf(message), [
      ["authorization", "%7B%22signature%22%7D"],
      ["x-merch-id", "M1"]
    ])
    assert.strictEqual(bodyText(message), '{"a":"1 & 2",^n\nb}')
    assert.strictEqual(message.path, "/api/v2/merch/va/apply")
  })

  it("of Windows' cmd, written by hand", () => {
    const message = read(String.raw`C:\Users\x>curl.exe -X POST "https://h.example/a" ^
 -H "X-Merch-Id: M1" -d "{\"a\":\"x y\",\"b\":\"c:\\d\"}" | more`)
    assert.strictEqual(bodyText(message), String.raw`{"a":"x y","b":"c:\\d"}`)
    const doubled = read('curl -d "{""a"":1}" https://h.example/a', { shell: "cmd" })
    assert.strictEqual(bodyText(doubled), '{"a":1}')
  })

  it("of PowerShell", () => {
    const message = read(
      [
        "PS C:\\> curl.exe -X POST 'https://h.example/a' `",
        '  -H "X-Merch-Id: M1`tx" `',
        "  -d '{\\\"a\\\":\\\"it''s\\\"}'"
      ].join("\r\n")
    )
    assert.deepStrictEqual(headersOf(message), [["X-Merch-Id", "M1\tx"]])
    assert.strictEqual(bodyText(message), `{"a":"it's"}`)
    const here = read("curl.exe https://h.example/a -d @'\n{\"a\": 1}\n'@", { shell: "powershell" })
    assert.strictEqual(bodyText(here), '{"a": 1}')
  })

  it("says where each piece stands, and what was assumed", () => {
    const message = read(
      `curl -X POST \\\n  https://h.example/a?b=1#c \\\n  -d '${body}' --next -d x https://other.example`
    )
    assert.deepStrictEqual(message.sources, {
      method: "-X (line 1, column 6)",
      path: "the URL (line 2, column 3)",
      headers: "the options -H",
      body: "-d (line 3, column 3)"
    })
    assert.deepStrictEqual([message.path, message.query, message.origin], ["/a", "b=1", "https://h.example"])
    assert.deepStrictEqual(message.notes, ["the command makes several requests (--next); the first one was taken"])
  })

  it("keeps a name and a password to itself", () => {
    const message = read("curl -u user:sEcReT https://user:sEcReT@h.example/a")
    assert.notInclude(JSON.stringify(message), "sEcReT")
    assert.strictEqual(message.origin, "https://h.example")
  })

  it("is refused where the shell or a file would have a part in it", () => {
    const url = "https://h.example/a"
    refused(`curl ${url} -H "Authorization: $TOKEN" -d '${body}'`, /^line 1, column 45$/, /value of a variable/)
    refused(`curl ${url} \\\n -d "$(cat body.json)"`, /^line 2, column 6$/, /run the command/)
    refused(`curl ${url} -d "\`cat x\`"`, /^line 1, /, /back quotes/)
    refused(`curl ${url} -d @- <<EOF\n{"a":"\${X}"}\nEOF`, /^line 2, column 7$/, /here-document/)
    refused(`curl ${url} -d @- <<EOF\n{"a":1}`, /^line 2, /, /ends the here-document/)
    refused(`curl ${url} -H 'Authorization: ${secret}' -d @body.json`, /^-d \(line 1, /, /cannot be read here/)
    refused(`curl ${url} -d @-`, /^-d /, /standard input/)
    refused(`curl ${url} -F 'meta=<meta.json'`, /^-F /, /cannot be read here/)
    refused(`curl ${url} -F meta`, /^-F /, /equals sign/)
    refused(`curl -K sEcReT ${url}`, /^-K /, /options come from a file/)
    refused(`curl ${url} --expand-data '{{x}}'`, /^--expand-data /, /expand variables/)
    refused(`curl ${url} -H sEcReT`, /^-H /, /a name, a colon/)
    refused(`curl ${url} -d '${body}`, /^line 1, column 29$/, /single quote is never closed/)
    refused(`curl ${url} -d "sEcReT`, /^line 1, /, /double quote is never closed/)
    refused(`curl ${url} -d $'sEcReT`, /^line 1, /, /never closed/)
    refused(`curl ${url} -d $'\\UFFFFFFFF'`, /^line 1, /, /no character of Unicode/)
    refused(`curl ${url} -d "sEcReT`, /^line 1, /, /never closed/, { shell: "cmd" })
    refused(`curl ${url} -d "sEcReT`, /^line 1, /, /never closed/, { shell: "powershell" })
    refused(`curl ${url} -d "$env:X"`, /^line 1, /, /PowerShell/, { shell: "powershell" })
    refused(`curl ${url} -d`, /^-d /, /lacks its argument/)
    refused(`curl ${url} -d {"a": 1}`, /^the argument at line 1, /, /more than one URL/)
    refused("curl -d x", /^the command$/, /no URL/)
    refused(`curl 'https://h.example/{a,b}' -d x`, /^the URL /, /expand/)
    refused("curl.exe.txt", /^line 1$/, /no curl command/, { format: "curl" })
  })
})

// ---------------------------------------------------------------------------------------------------------
// HTTP
// ---------------------------------------------------------------------------------------------------------

/** What node:http sends, byte by byte. */
const captured = (headers: Record<string, string>, pieces: ReadonlyArray<string | Uint8Array>): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      const all: Array<Buffer> = []
      socket.on("data", (piece) => {
        all.push(piece)
        const whole = Buffer.concat(all)
        const head = whole.indexOf("\r\n\r\n") + 4
        const done = /transfer-encoding: chunked/i.test(whole.subarray(0, head).toString())
          ? whole.subarray(-5).toString() === "0\r\n\r\n"
          : whole.length - head === Buffer.concat(pieces.map((some) => Buffer.from(some))).length
        if (!done) return
        socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        server.close()
        resolve(whole)
      })
    })
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      const sending = request({ port, host: "127.0.0.1", method: "POST", path: "/api/v2/merch/va/apply?a=1", headers })
      sending.on("error", reject)
      for (const piece of pieces) sending.write(piece)
      sending.end()
    })
  })

describe("an HTTP request", () => {
  it("as node:http sends it, with a length and in chunks", async () => {
    const bytes = utf8(body)
    const notUtf8 = Uint8Array.of(0xff, 0, 13, 10, 10, 0xfe)
    for (const [headers, pieces, whole] of [
      [{ "Content-Length": String(bytes.length) }, [body], bytes],
      [{ "Transfer-Encoding": "chunked" }, [body.slice(0, 5), body.slice(5, 30), body.slice(30)], bytes],
      [{ "Content-Length": "6" }, [notUtf8], notUtf8],
      [{ "Transfer-Encoding": "chunked" }, [notUtf8, notUtf8], new Uint8Array([...notUtf8, ...notUtf8])]
    ] as const) {
      const message = read(await captured({ Authorization: secret, "X-Merch-Id": "M1", ...headers }, pieces))
      assert.strictEqual(message.format, "http")
      assert.deepStrictEqual([message.method, message.path, message.query], ["POST", "/api/v2/merch/va/apply", "a=1"])
      assert.match(message.origin ?? "", /^https:\/\/127\.0\.0\.1:[0-9]+$/)
      assert.deepStrictEqual(message.body, whole)
      assert.deepInclude(headersOf(message), ["Authorization", secret])
      assert.deepStrictEqual([message.incomplete, message.notes], [undefined, []])
    }
  })

  it("whose line ends a paste has changed, mended by its length", () => {
    const pretty = '{\r\n  "a": 1\r\n}'
    const head = (length: number) => `POST /a HTTP/1.1\nHost: h.example\nContent-Length: ${length}\n\n`
    for (const [pasted, whole] of [
      [`${head(pretty.length)}${pretty.replaceAll("\r\n", "\n")}`, pretty],
      [`${head(pretty.length)}${pretty.replaceAll("\r\n", "\n")}\n`, pretty],
      [`${head(7)}{"a":1}\n`, '{"a":1}'],
      [`${head(7)}{"a":1}\r\n`, '{"a":1}'],
      [`${head(8)}{"a":1}\n`, '{"a":1}\n'],
      [`${head(9)}{"a":1}\r\n`, '{"a":1}\r\n'],
      [`${head(9)}{"a":1}\n`, '{"a":1}\r\n']
    ] as const) {
      const message = read(pasted)
      assert.strictEqual(bodyText(message), whole)
      assert.isUndefined(message.incomplete)
    }
    const short = read(`${head(100)}{"a":1}`)
    assert.strictEqual(bodyText(short), '{"a":1}')
    assert.strictEqual(short.incomplete, "Content-Length says 100 bytes, and 7 are here")
    assert.strictEqual(read(head(12)).incomplete, "Content-Length says 12 bytes, and no body is here")
    assert.match(read('POST /a HTTP/1.1\n\n{"a":1}\n').notes.join(), /ends in a line feed/)
  })

  it("of a log: folded, wrapped, and as curl -v prints it", () => {
    const wrapped = read(
      `POST /a HTTP/1.1\r\nX-Long: one\r\n  two\r\nAuthorization: ${secret.slice(0, 30)}\r\n${secret.slice(30)}\r\nX-Merch-Id: M1\r\n\r\n`
    )
    assert.deepStrictEqual(headersOf(wrapped), [
      ["X-Long", "one two"],
      ["Authorization", secret],
      ["X-Merch-Id", "M1"]
    ])
    assert.lengthOf(wrapped.notes, 2)
    const verbose = read(
      [
        "*   Trying 127.0.0.1:443...",
        "* Connected to h.example",
        "} [5 bytes data]",
        "> POST /api/v2/merch/va/apply HTTP/1.1",
        "> Host: h.example",
        `> Authorization: ${secret}`,
        "> Content-Length: 12",
        "> ",
        "} [12 bytes data]",
        "< HTTP/1.1 401 Unauthorized",
        "< X-Other: 1"
      ].join("\n")
    )
    assert.deepStrictEqual(headersOf(verbose).slice(0, 2), [
      ["Host", "h.example"],
      ["Authorization", secret]
    ])
    assert.isUndefined(verbose.body)
    assert.match(verbose.incomplete ?? "", /12 bytes/)
    assert.notInclude(JSON.stringify(verbose.headers), "X-Other")
  })

  it("of HTTP/2, as devtools show it", () => {
    const expected = ["POST", "https://h.example", "/api/v2/merch/va/apply", "a=1"]
    for (const text of [
      `:method: POST\n:authority: h.example\n:scheme: https\n:path: /api/v2/merch/va/apply?a=1\nauthorization: ${secret}\n\n${body}`,
      `:authority\nh.example\n:method\nPOST\n:path\n/api/v2/merch/va/apply?a=1\n:scheme\nhttps\nauthorization\n${secret}\n\n${body}`,
      `:authority:\nh.example\n:method:\nPOST\n:path:\n/api/v2/merch/va/apply?a=1\n:scheme:\nhttps\nauthorization:\n${secret}\n\n${body}`,
      `POST /api/v2/merch/va/apply?a=1 HTTP/2\nhost: h.example\nauthorization: ${secret}\n\n${body}`
    ]) {
      const message = read(text)
      assert.deepStrictEqual([message.method, message.origin, message.path, message.query], expected)
      assert.deepInclude(headersOf(message), ["authorization", secret])
      assert.strictEqual(bodyText(message), body)
    }
  })

  it("with a full URL, without a version, and with a compressed body", () => {
    const proxied = read("POST http://h.example:8080/a HTTP/1.1\nHost: other.example\n\n")
    assert.deepStrictEqual([proxied.origin, proxied.path, proxied.query], ["http://h.example:8080", "/a", undefined])
    assert.deepStrictEqual(
      [read("POST /a\nX-Merch-Id: M1\n\nx").path, read("POST /a\nX-Merch-Id: M1\n\nx").origin],
      ["/a", undefined]
    )
    const zipped = gzipSync(body)
    const message = read(
      Buffer.concat([
        Buffer.from(`POST /a HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: ${zipped.length}\r\n\r\n`),
        zipped
      ])
    )
    assert.deepStrictEqual(Buffer.from(message.body!), zipped)
    assert.match(message.notes.join(), /compressed/)
    assert.match(read("POST /a HTTP/1.1\nTransfer-Encoding: chunked\n\n{}").notes.join(), /not in chunks/)
  })

  it("is refused by its line", () => {
    refused("POST /a HTTP/1.1\n sEcReT\n\n", /^line 2$/, /a name, a colon/)
    refused("authorization: x\n\nsEcReT", /^line 1$/, /:path/, { format: "http" })
  })
})

// ---------------------------------------------------------------------------------------------------------
// Multipart
// ---------------------------------------------------------------------------------------------------------

describe("a multipart body", () => {
  const meta = '{"file_name":"发票.pdf"}'

  it("is taken apart as the platform's FormData is written", async () => {
    const form = new FormData()
    form.append("meta", meta)
    form.append("file", new Blob([Uint8Array.of(0, 13, 10, 45, 45, 255)]), 'a"b.pdf')
    const response = new Response(form)
    const type = response.headers.get("content-type")!
    const bytes = new Uint8Array(await response.arrayBuffer())
    const head = utf8(
      `POST /api/file/upload HTTP/1.1\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`
    )
    const { parts, body: whole } = read(new Uint8Array([...head, ...bytes]))
    assert.deepStrictEqual(whole, bytes)
    assert.deepStrictEqual(
      parts?.map(({ name, bytes: content }) => [name, Buffer.from(content!)]),
      [
        ["meta", Buffer.from(meta)],
        ["file", Buffer.from([0, 13, 10, 45, 45, 255])]
      ]
    )
    assert.isDefined(parts?.[1]?.filename)
  })

  it("is refused where it is not whole", () => {
    const text = (content: string) =>
      `POST /a HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=B\r\n\r\n${content}`
    refused(text("sEcReT"), /^what follows the empty line$/, /boundary of Content-Type does not occur/)
    refused(text("--B\r\nContent-Disposition: form-data; name=meta\r\n\r\nsEcReT"), /^what follows/, /last boundary/)
    refused(text("--B\r\nsEcReT\r\n--B--"), /^what follows/, /no empty line/)
  })

  it("of curl need not hold the file", () => {
    const { parts, body: whole } = read("curl https://h.example/a -F 'meta={\"a\":1}' -F file=@/tmp/a.pdf")
    assert.deepStrictEqual(
      [whole, parts?.map(({ name, filename, bytes }) => [name, filename, bytes])],
      [
        undefined,
        [
          ["meta", undefined, utf8('{"a":1}')],
          ["file", "/tmp/a.pdf", undefined]
        ]
      ]
    )
  })
})

// ---------------------------------------------------------------------------------------------------------
// HAR and fetch
// ---------------------------------------------------------------------------------------------------------

const entry = (changes: object = {}, headers: ReadonlyArray<object> = [{ name: "authorization", value: secret }]) => ({
  startedDateTime: "2024-05-01T03:26:34.404Z",
  comment: "a remark",
  request: {
    method: "POST",
    url: "https://h.example/api/v2/merch/va/apply?a=1",
    headers: [{ name: ":path", value: "/x" }, ...headers],
    postData: { mimeType: "application/json", text: body, comment: "" },
    bodySize: Buffer.byteLength(body),
    ...changes
  },
  response: { status: 401 }
})

const har = (...all: ReadonlyArray<object>) =>
  JSON.stringify({ log: { version: "1.2", comment: "x", entries: all } }, null, 2)

describe("a HAR file", () => {
  it("whole, one of its entries, or its request alone", () => {
    for (const text of [
      har(entry()),
      JSON.stringify(entry()),
      JSON.stringify(entry().request),
      `\uFEFF${har(entry())}`
    ]) {
      const message = read(text)
      assert.strictEqual(message.format, "har")
      assert.deepStrictEqual(
        [message.method, message.origin, message.path, message.query],
        ["POST", "https://h.example", "/api/v2/merch/va/apply", "a=1"]
      )
      assert.deepStrictEqual(headersOf(message), [["authorization", secret]])
      assert.strictEqual(bodyText(message), body)
      assert.deepStrictEqual([message.incomplete, message.entry], [undefined, 0])
    }
    assert.strictEqual(read(har(entry())).sentAt, Date.UTC(2024, 4, 1, 3, 26, 34, 404))
    assert.strictEqual(read(har(entry())).sources.body, "log.entries[0].request.postData")
  })

  it("lets an entry be chosen, and takes the first signed one by itself", () => {
    const text = har(
      entry({ method: "GET", url: "https://h.example/page" }, []),
      entry(),
      entry({ url: "https://h.example/b" })
    )
    assert.deepStrictEqual(HttpMessage.entries(text), [
      { entry: 0, method: "GET", url: "https://h.example/page", signed: false },
      { entry: 1, method: "POST", url: "https://h.example/api/v2/merch/va/apply", signed: true },
      { entry: 2, method: "POST", url: "https://h.example/b", signed: true }
    ])
    const first = read(text)
    assert.deepStrictEqual([first.entry, first.otherAuthorizations], [1, [secret]])
    assert.match(first.notes.join(), /of 3 entries number 1/)
    assert.deepStrictEqual([read(text, { entry: 2 }).path, read(text, { entry: 2 }).notes], ["/b", []])
    refused(text, /^log\.entries$/, /has 3 entries; there is no number 3/, { entry: 3 })
    assert.deepStrictEqual(HttpMessage.entries("no HAR"), [])
  })

  it("with its body in Base64, in params, or not at all", () => {
    const bytes = Uint8Array.of(0xff, 0xfe, 0, 10)
    const base64 = read(har(entry({ postData: { text: Buffer.from(bytes).toString("base64"), encoding: "base64" } })))
    assert.deepStrictEqual(base64.body, bytes)
    const params = [
      { name: "meta", value: '{"a":1}' },
      { name: "file", fileName: "a.pdf", contentType: "application/pdf" }
    ]
    const { parts } = read(har(entry({ postData: { mimeType: "multipart/form-data; boundary=B", params } })))
    assert.deepStrictEqual(
      parts?.map(({ name, filename, bytes: content }) => [name, filename, content]),
      [
        ["meta", undefined, utf8('{"a":1}')],
        ["file", "a.pdf", undefined]
      ]
    )
    assert.match(read(har(entry({ postData: undefined }))).incomplete ?? "", /bodySize is \d+, and it has no postData/)
    assert.match(read(har(entry({ bodySize: 3 }))).incomplete ?? "", /bodySize is 3, and its text has \d+ bytes/)
    assert.match(read(har(entry({ bodySize: -1, postData: { text: "a\uFFFD" } }))).notes.join(), /U\+FFFD/)
  })

  it("is refused by its member", () => {
    refused(har(entry({ url: 5 })), /^log\.entries\[0\]\.request\.url$/, /must be a string/)
    refused(har(entry({}, [{ name: "a", value: 5 }])), /\.headers\[1\]\.value$/, /must be a string/)
    refused(har(entry({ postData: { text: "sEcReT!", encoding: "base64" } })), /postData\.text$/, /Base64/)
    refused(har(), /^the text$/, /no curl command, no HAR/)
    refused("{}", /^the text$/, /no HAR file with entries/, { format: "har" })
  })
})

describe("a call of fetch", () => {
  it("as devtools copy it", () => {
    const message = read(
      `fetch("https://h.example/a?b=1", {\n  "headers": {\n    "authorization": "${secret}",\n    "x-merch-id": "M1"\n  },\n  "body": ${JSON.stringify(body)},\n  "method": "POST",\n  "mode": "cors"\n});`
    )
    assert.deepStrictEqual(
      [message.format, message.method, message.path, message.query],
      ["fetch", "POST", "/a", "b=1"]
    )
    assert.deepStrictEqual(headersOf(message), [
      ["authorization", secret],
      ["x-merch-id", "M1"]
    ])
    assert.strictEqual(bodyText(message), body)
    assert.strictEqual(read('await fetch("https://h.example/a")').method, "GET")
    assert.isUndefined(read('fetch("https://h.example/a", { "body": null })').body)
  })

  it("is refused where it is more than data", () => {
    refused("fetch(url, { body: sEcReT })", /^line 1, column 1$/, /arguments are JSON/)
    refused('fetch(5, {"body":"sEcReT"})', /^line 1/, /takes a URL/)
    refused('fetch("https://h.example", {"headers":{"a":5}})', /^headers$/, /strings/)
    refused('fetch("https://h.example", {"body":5})', /^body$/, /string/)
  })
})

describe("any text", () => {
  it("is recognised, or refused as none of the formats", () => {
    for (const [text, format] of [
      ["curl https://h.example", "curl"],
      ["$ curl \\\n https://h.example", "curl"],
      ["time /usr/bin/curl -v https://h.example", "curl"],
      ["PS C:\\> curl.exe https://h.example", "curl"],
      ["POST /a HTTP/1.1\r\n\r\n", "http"],
      ["\n> POST /a HTTP/1.1\n> \n", "http"],
      ["$ curl -v https://h.example\n* Trying\n> POST /a HTTP/1.1\n> Host: h\n>\n", "http"],
      [":authority: h.example", "http"],
      ["POST https://h.example/a", "http"],
      [har(entry()), "har"],
      ['fetch("https://h.example")', "fetch"],
      ["", undefined],
      ["{}", undefined],
      ["a sentence about curly braces", undefined],
      ["POST a letter", undefined]
    ] as const) {
      assert.strictEqual(HttpMessage.recognise(text), format, text)
    }
    refused("sEcReT", /^the text$/, /no curl command/)
  })

  it.effect.prop(
    "is read or refused, and never throws",
    { text: arbitrary.text, bytes: arbitrary.bytes },
    ({ text, bytes }) =>
      Effect.sync(() => {
        for (const input of [
          text,
          bytes,
          `curl https://h.example/${text}`,
          `curl https://h.example/ -H 'a: ${text}' -d $'${text}'`,
          `POST /a HTTP/1.1\n${text}\n\n${text}`,
          `POST /a HTTP/1.1\nContent-Type: multipart/form-data; boundary=B\n\n--B\n${text}\n--B`,
          `POST /a HTTP/1.1\nTransfer-Encoding: chunked\n\n${text}`,
          JSON.stringify({
            log: { entries: [{ request: { method: text, url: text, headers: text, postData: { text } } }] }
          }),
          `fetch(${text})`
        ]) {
          HttpMessage.entries(typeof input === "string" ? input : "")
          for (const format of ["curl", "http", "har", "fetch", undefined] as const) {
            for (const shell of format === "curl" ? (["bash", "cmd", "powershell"] as const) : [undefined]) {
              const parsed = HttpMessage.parse(input, { format, shell })
              if (Result.isFailure(parsed)) assert.instanceOf(parsed.failure, HttpMessage.UnreadableMessage)
              else assert.isString(parsed.success.path)
            }
          }
        }
      }),
    { arbitrary: { runs: 40 } }
  )
})
