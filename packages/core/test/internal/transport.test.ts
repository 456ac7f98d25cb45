/** Which failures mean that nothing was sent: provoked on real connections, since a wrong answer moves money twice. */
import * as Dns from "node:dns"
import { readFileSync } from "node:fs"
import * as Http from "node:http"
import * as Https from "node:https"
import * as Net from "node:net"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as RetryPolicy from "../../src/RetryPolicy.ts"
import { type Transport, create, fetches, make, reasonOf } from "../support/client.ts"
import { merchant } from "../support/keys.ts"
import { closedPort } from "../support/TestPlatform.ts"

/** Listens on loopback until the scope ends. */
const listen = (server: Net.Server) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<number>((resolve) => {
          const sockets = new Set<Net.Socket>()
          server.on("connection", (socket: Net.Socket) => {
            sockets.add(socket)
            socket.on("error", () => undefined)
          })
          server.once("close", () => {
            for (const socket of sockets) socket.destroy()
          })
          server.listen(0, "127.0.0.1", () => {
            resolve((server.address() as Net.AddressInfo).port)
          })
        })
    ),
    () => Effect.sync(() => server.close())
  )

/** A server that lets a request arrive and then does as told. */
const onData = (act: (socket: Net.Socket) => void) =>
  Net.createServer((socket) => {
    socket.once("data", () => {
      act(socket)
    })
  })

/** What becomes of a create. */
const fate = Effect.fnUntraced(function* (baseUrl: string, transport?: Transport) {
  const client = yield* make(baseUrl, {}, transport)
  const error = yield* Effect.flip(create(client, { retry: RetryPolicy.none }))
  if (error.reason._tag !== "OutcomeUnknown") return { sent: false, detail: reasonOf(error, "Unreachable").detail }
  const { because } = error.reason
  return { sent: true, detail: because._tag === "Unreachable" ? because.detail : because._tag }
})

const transports = [
  ...fetches,
  ["undici", NodeHttpClient.layerUndici],
  ["node:http", NodeHttpClient.layerNodeHttp]
] satisfies ReadonlyArray<readonly [string, Transport]>

describe.each(transports)("over %s", (_, transport) => {
  it.effect("a refused connection sends nothing", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* fate(closedPort, transport), {
        sent: false,
        detail: "connection refused (ECONNREFUSED)"
      })
    })
  )

  it.effect("an unknown host sends nothing", () =>
    Effect.gen(function* () {
      const { sent, detail } = yield* fate("https://nohost.invalid", transport)
      assert.isFalse(sent)
      // EAI_AGAIN on a machine without name servers.
      assert.match(detail, /^host name (not found \(ENOTFOUND\)|could not be looked up \(EAI_AGAIN\))$/)
    })
  )

  it.effect("a self-signed certificate is refused before anything is sent", () =>
    Effect.gen(function* () {
      let requests = 0
      const cert = fixture("self-signed")
      const port = yield* listen(
        Https.createServer({ key: merchant.private_pkcs8_pem, cert }, (_request, response) => {
          requests++
          response.end("{}")
        })
      )
      assert.deepStrictEqual(yield* fate(`https://localhost:${port}`, transport), {
        sent: false,
        detail: "the server's certificate is refused (DEPTH_ZERO_SELF_SIGNED_CERT)"
      })
      assert.strictEqual(requests, 0)
    })
  )

  it.effect("a reset after the request leaves the outcome open", () =>
    Effect.gen(function* () {
      const port = yield* listen(onData((socket) => socket.resetAndDestroy()))
      assert.deepStrictEqual(yield* fate(`http://127.0.0.1:${port}`, transport), {
        sent: true,
        detail: "connection reset (ECONNRESET)"
      })
    })
  )

  it.effect("so does an end without an answer", () =>
    Effect.gen(function* () {
      const port = yield* listen(onData((socket) => socket.end()))
      const { sent, detail } = yield* fate(`http://127.0.0.1:${port}`, transport)
      assert.isTrue(sent)
      assert.match(detail, /\((UND_ERR_SOCKET|ECONNRESET)\)$/)
    })
  )

  it.effect("so does an answer that is not HTTP", () =>
    Effect.gen(function* () {
      const port = yield* listen(onData((socket) => socket.end("220 mail.example ESMTP\r\n")))
      assert.isTrue((yield* fate(`http://127.0.0.1:${port}`, transport)).sent)
    })
  )

  it.effect("so does TLS to a plain port, whose error may also come later", () =>
    Effect.gen(function* () {
      const port = yield* listen(Http.createServer((_request, response) => response.end("{}")))
      const { sent, detail } = yield* fate(`https://127.0.0.1:${port}`, transport)
      assert.isTrue(sent)
      assert.match(detail, /^the connection failed \((ERR_SSL_WRONG_VERSION_NUMBER|EPROTO)\)$/)
    })
  )
})

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), "utf8")

describe("a certificate", () => {
  it.effect.each([
    ["expired", "CERT_HAS_EXPIRED"],
    ["other-host", "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["chain-with-root", "SELF_SIGNED_CERT_IN_CHAIN"],
    ["server", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["chain-without-root", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"]
  ] as const)("%s is refused before anything is sent", ([name, code]) =>
    Effect.gen(function* () {
      let requests = 0
      const server = Https.createServer({ key: merchant.private_pkcs8_pem, cert: fixture(name) }, (_, response) => {
        requests++
        response.end("{}")
      })
      const port = yield* listen(server)
      // Those that are wrong but for their chain are met by a client that trusts the root.
      const trusting = name === "expired" || name === "other-host"
      const transport = trusting
        ? NodeHttpClient.layerNodeHttpOptions({ ca: fixture("root") })
        : NodeHttpClient.layerNodeHttp
      const { sent, detail } = yield* fate(`https://localhost:${port}`, transport)
      assert.isFalse(sent)
      assert.include(detail, `is refused (${code})`)
      assert.strictEqual(requests, 0)
    })
  )
})

describe("several addresses", () => {
  it.effect("that all refuse the connection send nothing", () =>
    Effect.gen(function* () {
      const addresses: ReadonlyArray<Dns.LookupAddress> = [
        { address: "127.0.0.1", family: 4 },
        { address: "127.0.0.2", family: 4 }
      ]
      const lookup: Net.LookupFunction = (_host, _options, callback) => {
        callback(null, [...addresses])
      }
      const transport = NodeHttpClient.layerNodeHttpOptions({ lookup, autoSelectFamily: true })
      assert.deepStrictEqual(yield* fate("http://localhost:2", transport), {
        sent: false,
        detail: "connection refused (ECONNREFUSED)"
      })
    })
  )
})

// These depend on routers between two machines; the errors are made by hand in the form of Node's SystemError.
describe.each(fetches.map(([name]) => name))("a system call that fails, over %s", (name) => {
  const systemError = (code: string, syscall: string) =>
    Object.assign(new Error(`${syscall} ${code}`), { code, syscall })
  const failing = (cause: unknown): Transport => {
    const fetch = () => Promise.reject(new TypeError("fetch failed", { cause }))
    return name === "fetch alone"
      ? fetch
      : Layer.provideMerge(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.Fetch, fetch))
  }

  it.effect.each([
    ["EHOSTUNREACH", "connect", false, "host unreachable (EHOSTUNREACH)"],
    ["ENETUNREACH", "connect", false, "network unreachable (ENETUNREACH)"],
    ["ETIMEDOUT", "connect", false, "connection timed out (ETIMEDOUT)"],
    ["EADDRNOTAVAIL", "connect", false, "the connection failed (EADDRNOTAVAIL)"],
    ["EHOSTUNREACH", "read", true, "host unreachable (EHOSTUNREACH)"],
    ["ECONNREFUSED", "read", true, "connection refused (ECONNREFUSED)"],
    ["ETIMEDOUT", "read", true, "connection timed out (ETIMEDOUT)"],
    ["EPIPE", "write", true, "the connection failed (EPIPE)"]
  ] as const)("%s at %s", ([code, syscall, sent, detail]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* fate("https://host.example", failing(systemError(code, syscall))), { sent, detail })
    })
  )

  it.effect("is one among others, one of which may have sent something", () =>
    Effect.gen(function* () {
      for (const other of [systemError("ECONNRESET", "read"), new Error("without a code"), undefined]) {
        const cause = new AggregateError([systemError("ECONNREFUSED", "connect"), other])
        assert.isTrue((yield* fate("https://host.example", failing(cause))).sent)
      }
    })
  )

  it.effect("is undici's own limit for a connection", () =>
    Effect.gen(function* () {
      const cause = Object.assign(new Error("Connect Timeout Error"), { code: "UND_ERR_CONNECT_TIMEOUT" })
      assert.deepStrictEqual(yield* fate("https://host.example", failing(cause)), {
        sent: false,
        detail: "connection timed out (UND_ERR_CONNECT_TIMEOUT)"
      })
    })
  )

  it.effect.each([
    undefined,
    "text",
    new Error("without a code"),
    { code: 7 },
    { cause: { cause: null } },
    new AggregateError([])
  ])("is unknown, and so open: %s", (cause) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* fate("https://host.example", failing(cause)), {
        sent: true,
        detail: "the connection failed"
      })
    })
  )
})
