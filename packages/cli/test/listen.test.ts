/** Notifications on this machine: `paykka listen`, `paykka trigger` and `paykka replay`. */
import { createPublicKey, randomUUID, sign, verify } from "node:crypto"
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { join } from "node:path"
import * as Catalogue from "@paykka/schemas/Catalogue"
import { describe, expect, it, onTestFinished } from "vitest"
import { headerOf, keyFolder, merchId, textOf } from "./support/message.ts"
import { type Ended, folder, launch, main, paykka, type Running } from "./support/paykka.ts"

/** A folder with the keys of both sides, and the settings that name them. */
const setUp = () => {
  const cwd = folder()
  const { env, platform, merchant } = keyFolder(cwd)
  return {
    cwd,
    platform,
    merchant,
    env: { ...env, PAYKKA_PLATFORM_KEY_ID: "platform-key", PAYKKA_PLATFORM_PRIVATE_KEY_FILE: "platform.pem" }
  }
}

type Place = ReturnType<typeof setUp>

interface Line {
  readonly kind: ReadonlyArray<string>
  readonly path: string
  readonly merch_id: string | null
  readonly verified: boolean
  readonly duplicate: boolean
  readonly refusal: ReadonlyArray<string>
  readonly status: number
  readonly forwarded?: string
  readonly saved?: string
  readonly body: unknown
}

interface Listening {
  readonly running: Running
  readonly url: string
  /** All lines, once it has ended by itself. */
  readonly lines: () => Promise<ReadonlyArray<Line>>
}

const listen = async ({ cwd, env }: Place, ...args: ReadonlyArray<string>): Promise<Listening> => {
  const running = launch(process.execPath, [main, "listen", "--port", "0", ...args], { cwd, env })
  onTestFinished(() => running.kill())
  const [, url = ""] = await running.printed(/listening on (\S+), any path/)
  return {
    running,
    url,
    lines: async () => {
      const { code, stdout } = await running.ended
      expect(code).toBe(0)
      return stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Line)
    }
  }
}

const trigger = ({ cwd, env }: Place, ...args: ReadonlyArray<string>): Promise<Ended> =>
  paykka(["trigger", "--json", ...args], { cwd, env })

const replay = ({ cwd, env }: Place, ...args: ReadonlyArray<string>): Promise<Ended> =>
  paykka(["replay", "--json", ...args], { cwd, env })

interface Arrived {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A program of someone else's, and what arrived at it. */
const app = async (answer: (arrived: Arrived) => { status: number; body?: string; location?: string }) => {
  const arrived: Array<Arrived> = []
  const take: RequestListener = (request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const one = { path: request.url!, headers: request.headers, body: Buffer.concat(chunks) }
      arrived.push(one)
      const { status, body = "", location } = answer(one)
      const type = { "Content-Type": "application/json" }
      response.writeHead(status, location === undefined ? type : { Location: location }).end(body)
    })
  }
  const server = createServer(take).listen(0, "127.0.0.1")
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once("listening", resolve))
  return { arrived, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** What another implementation says of a notification. */
const isGenuine = ({ path, headers, body }: Arrived, publicKey: string): boolean => {
  const header = JSON.parse(decodeURIComponent(headers.authorization!)) as Readonly<Record<string, string>>
  const { timestamp, nonce, signature } = header
  const head = [path, timestamp, nonce, headers["x-merch-id"] ?? "", ""].join("\n")
  const text = Buffer.concat([Buffer.from(head), body])
  return verify("RSA-SHA256", text, createPublicKey(publicKey), Buffer.from(signature!, "base64"))
}

const kinds = Catalogue.notifications.map(({ id }) => id)

describe("paykka listen and trigger", { timeout: 60_000 }, () => {
  it("take and send each of the eight kinds, at the path of the documentation", async () => {
    const place = setUp()
    const { url, lines } = await listen(place, "--max", "8")
    const ended = await Promise.all(kinds.map((kind) => trigger(place, kind, "--to", url)))
    expect(ended).toEqual(kinds.map(() => ({ code: 0, stdout: `[{"status":200,"body":"{}"}]\n`, stderr: "" })))
    const shown = (await lines()).map(({ kind, path, verified, merch_id }) => ({ kind, path, verified, merch_id }))
    const wanted = Catalogue.notifications.map(({ id, path }) => ({
      kind: [id],
      path,
      verified: true,
      merch_id: merchId
    }))
    expect(shown).toEqual(expect.arrayContaining(wanted))
    expect(shown).toHaveLength(8)
  })

  it("send what they are told to, and tell a notification that comes again", async () => {
    const place = setUp()
    writeFileSync(join(place.cwd, "data.json"), `{"request_id":"R-7","amount":"12345678901234567.89"}`)
    const { url, lines } = await listen(place, "--max", "3")
    const args = ["--data", "@data.json", "-f", "currency=EUR", "--extra", 'later={"a":1}']
    const to = ["--to", `${url}/hooks/paykka`, "--times", "2", "--every", "1ms", "--delay", "1ms"]
    expect((await trigger(place, "payment.notification", ...args, ...to)).code).toBe(0)
    expect((await trigger(place, "payment.notification", ...args, "--to", url)).code).toBe(0)
    const data = { request_id: "R-7", amount: "12345678901234567.89", currency: "EUR", later: { a: 1 } }
    const body = { type: "MERCH", version: "V2", data: expect.objectContaining(data) as unknown }
    expect((await lines()).map((line) => [line.path, line.duplicate, line.verified, line.body])).toEqual([
      ["/hooks/paykka", false, true, body],
      ["/hooks/paykka", true, true, body],
      ["/api/v2/merch/pay/notify", false, true, body]
    ])
  })

  it("find each kind of wrong one, and say why it is refused", async () => {
    const place = setUp()
    const causes = {
      signature: "ForeignKey",
      key: "ForeignKey",
      body: "TrailingNewline",
      path: "PathTrailingSlash",
      timestamp: "Clock",
      merchant: "MerchantLineOther"
    }
    const wrongs = Object.keys(causes)
    const { url, lines } = await listen(place, "--max", String(wrongs.length))
    const ended = await Promise.all(
      wrongs.map((wrong) => trigger(place, "va.notification", "--to", `${url}/${wrong}`, "--wrong", wrong))
    )
    // A wrong one that is refused is what was wanted.
    expect(ended.map(({ code, stdout }) => [code, stdout])).toEqual(
      wrongs.map(() => [0, `[{"status":401,"body":"{}"}]\n`])
    )
    const refused = (await lines()).map(({ path, verified, status, refusal }) => [
      path.slice(1),
      verified,
      status,
      refusal[0]?.split(":")[0]
    ])
    expect(refused).toHaveLength(wrongs.length)
    expect(refused).toEqual(
      expect.arrayContaining(Object.entries(causes).map(([wrong, cause]) => [wrong, false, 401, cause]))
    )
  })

  it("fail where a receiver takes a wrong one, or refuses a right one", async () => {
    const place = setUp()
    const [credulous, stubborn] = [await app(() => ({ status: 200 })), await app(() => ({ status: 503, body: "busy" }))]
    const [taken, refused] = await Promise.all([
      trigger(place, "va.notification", "--to", credulous.url, "--wrong", "signature"),
      trigger(place, "va.notification", "--to", stubborn.url, "--times", "3")
    ])
    expect([taken.code, taken.stderr]).toEqual([
      1,
      `{"error":{"message":"the receiver accepted a message with a wrong signature","hint":"it must answer with 401","answers":[200]}}\n`
    ])
    expect([refused.code, refused.stderr]).toEqual([
      1,
      `{"error":{"message":"3 of 3 not acknowledged","hint":"paykka listen shows why","answers":[503,503,503]}}\n`
    ])
    expect(JSON.parse(refused.stdout)).toEqual([1, 2, 3].map(() => ({ status: 503, body: "busy" })))
  })

  it("is believed by another implementation, and believes it", async () => {
    const place = setUp()
    const { publicKey, privateKey } = place.platform
    const other = await app((arrived) => ({ status: isGenuine(arrived, publicKey) ? 200 : 401 }))
    const sent = await trigger(place, "payee.notification", "--to", other.url)
    const wrong = await trigger(place, "payee.notification", "--to", other.url, "--wrong", "body")
    expect([sent.code, wrong.code, other.arrived.length]).toEqual([0, 0, 2])

    const { url, lines } = await listen(place, "--max", "1")
    const timestamp = String(Date.now())
    const nonce = randomUUID().replaceAll("-", "")
    const body = `{ "type" : "MERCH", "version" : "V2",\n\t"data" : { "request_id" : "深圳-😀", "amount" : 0.10 } }`
    const text = textOf({ path: "/hooks", timestamp, nonce, body })
    const signature = sign("RSA-SHA256", Buffer.from(text), privateKey).toString("base64")
    const response = await fetch(`${url}/hooks`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-Merch-Id": merchId,
        Authorization: headerOf({ sign_type: "SHA256_WITH_RSA", timestamp, nonce, key_id: "platform-key", signature })
      },
      body
    })
    expect([response.status, await response.text()]).toEqual([200, "{}"])
    const [line] = await lines()
    expect(line).toMatchObject({ verified: true, refusal: [] })
  })

  it("takes what a real sandbox sends", async () => {
    const place = setUp()
    const { url, lines } = await listen(place, "--max", "1")
    const options = ["--folder", ".", "--port", "0", "--callback", `${url}/hooks`, "--decides-after", "10ms"]
    const sandbox = launch(process.execPath, [main, "sandbox", ...options], place)
    onTestFinished(() => sandbox.kill())
    const [, baseUrl = ""] = await sandbox.printed(/PAYKKA_BASE_URL=(\S+)/)
    const env = { ...place.env, PAYKKA_ENVIRONMENT: "local", PAYKKA_BASE_URL: baseUrl }
    const fields = ["-f", "request_id=R-1", "-f", "currencies[0]=EUR", "-f", "country_code=DE"]
    const applied = await paykka(["call", "va.apply", ...fields], { cwd: place.cwd, env })
    expect(applied.code).toBe(0)
    expect(await lines()).toMatchObject([{ kind: ["va.notification"], path: "/hooks", verified: true }])
  })

  it("hands all on to an app, byte by byte, and answers as it does", async () => {
    const place = setUp()
    const { publicKey } = place.platform
    const elsewhere = await app(() => ({ status: 200 }))
    const other = await app((arrived) => {
      if (arrived.path === "/moved") return { status: 307, location: `${elsewhere.url}/` }
      return isGenuine(arrived, publicKey) ? { status: 200, body: `{"taken":true}` } : { status: 401, body: "no" }
    })
    const { url, lines } = await listen(place, "--max", "4", "--forward-to", other.url)
    const right = await trigger(place, "va.notification", "--to", `${url}/hooks`)
    const wrong = await trigger(place, "va.notification", "--to", `${url}/hooks`, "--wrong", "body")
    const moved = await trigger(place, "va.notification", "--to", `${url}/moved`)
    other.server.close()
    other.server.closeAllConnections()
    const down = await trigger(place, "va.notification", "--to", `${url}/hooks`)
    expect([right, wrong, moved, down].map(({ code, stdout }) => [code, JSON.parse(stdout)])).toEqual([
      [0, [{ status: 200, body: `{"taken":true}` }]],
      [0, [{ status: 401, body: "no" }]],
      [1, [{ status: 307, body: "" }]],
      [1, [{ status: 503, body: expect.any(String) as string }]]
    ])
    expect(elsewhere.arrived).toEqual([])
    expect((await lines()).map(({ verified, forwarded }) => [verified, forwarded])).toEqual([
      [true, "HTTP 200"],
      [false, "HTTP 401"],
      [true, "HTTP 307"],
      [true, "no answer (ECONNREFUSED)"]
    ])
  })

  it("refuses what is no notification, and goes on", async () => {
    const place = setUp()
    const { url, running } = await listen(place, "--max", "2")
    const post = (body: BodyInit) => fetch(url, { method: "POST", body })
    expect((await fetch(url)).status).toBe(405)
    expect((await post("x".repeat(2 ** 22))).status).toBe(413)
    expect((await post(new Uint8Array([0xff, 0x00, 0xfe]))).status).toBe(401)
    expect((await post("")).status).toBe(401)
    const { code, stdout, stderr } = await running.ended
    expect(code).toBe(0)
    expect(stderr).toContain("refused: a GET request instead of POST\nrefused: the body is larger than ")
    const shown = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line)
    expect(shown.map(({ kind, body, merch_id, refusal }) => [kind, body, merch_id, refusal.length > 0])).toEqual([
      [[], null, null, true],
      [[], null, null, true]
    ])
  })

  it("takes as many as it is told to, also where one hangs up before the answer", async () => {
    const place = setUp()
    let answerLate = () => {}
    const late = new Promise<void>((resolve) => (answerLate = resolve))
    const slow = createServer((request, response) => {
      request.resume().on("end", () => void late.then(() => response.writeHead(200).end("{}")))
    }).listen(0, "127.0.0.1")
    onTestFinished(() => void slow.close())
    await new Promise((resolve) => slow.once("listening", resolve))
    const arrived = new Promise<void>((resolve) => slow.once("request", () => resolve()))
    const origin = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`
    const { url, lines } = await listen(place, "--max", "1", "--forward-to", origin)
    const impatient = new AbortController()
    const hungUp = fetch(`${url}/first`, { method: "POST", body: "{}", signal: impatient.signal })
    await arrived
    impatient.abort()
    await expect(hungUp).rejects.toThrow("aborted")
    // A second one is to come again, and reaches nobody.
    expect((await fetch(`${url}/second`, { method: "POST", body: "{}" })).status).toBe(503)
    answerLate()
    expect((await lines()).map(({ path }) => path)).toEqual(["/first"])
  })

  it("keep the path and the query as they were sent, whatever the app", async () => {
    const place = setUp()
    const other = await app(() => ({ status: 200 }))
    const { url, lines } = await listen(place, "--max", "1", "--forward-to", other.url, "--save", "inbox")
    const target = "/a/../b/%2e%2e/c?d=1"
    const socket = connect(Number(new URL(url).port), "127.0.0.1")
    socket.end(`POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`)
    const [{ path, saved = "" } = { path: "" }] = await lines()
    expect(path).toBe("/a/../b/%2e%2e/c")
    const again = await replay(place, saved, "--to", other.url)
    expect([again.code, other.arrived.map((each) => each.path)]).toEqual([0, [target, target]])
  })

  it("print what was answered before a failure, and one that cannot be sent is none", async () => {
    const place = setUp()
    let left = 2
    const server = createServer((request, response) => {
      if (left-- > 0) response.writeHead(200).end("\u001B[2J{}")
      else request.socket.destroy()
    }).listen(0, "127.0.0.1")
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once("listening", resolve))
    const to = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const broken = await trigger(place, "va.notification", "--to", to, "--times", "5")
    expect([broken.code, JSON.parse(broken.stdout)]).toEqual([
      1,
      [1, 2].map(() => ({ status: 200, body: "\u001B[2J{}" }))
    ])
    expect(broken.stderr).toContain("gives no answer (ECONNRESET)")
    left = 1
    const plain = await paykka(["trigger", "va.notification", "--to", to], place)
    expect([plain.code, plain.stdout]).toEqual([0, "HTTP 200  \\u001b[2J{}\n"])
    const merchant = await trigger(place, "va.notification", "--to", to, "--merch-id", "支付")
    expect([merchant.code, merchant.stdout]).toEqual([2, ""])
    expect(merchant.stderr).toContain("X-Merch-Id")
  })

  it("leaves nothing behind at Ctrl-C", async () => {
    const place = setUp()
    const { running, url } = await listen(place)
    expect((await running.interrupt()).code).toBe(130)
    await expect(fetch(url)).rejects.toThrow("fetch failed")

    const never = await app(() => ({ status: 200 }))
    const waiting = launch(
      process.execPath,
      [main, "trigger", "va.notification", "--to", never.url, "--delay", "10m"],
      place
    )
    await waiting.printed("waiting for 600 s (1 of 1)")
    expect((await waiting.interrupt()).code).toBe(130)
    expect(never.arrived).toEqual([])
  })
})

describe("paykka replay", { timeout: 60_000 }, () => {
  it("sends what was saved byte by byte, or signed anew", async () => {
    const place = setUp()
    const first = await listen(place, "--max", "1", "--save", "inbox")
    await trigger(place, "payment.notification", "--to", `${first.url}/hooks`, "-f", "bank_account_no=6222021234567890")
    const [{ saved = "" } = {}] = (await first.lines()) as ReadonlyArray<{ readonly saved?: string }>
    expect(readdirSync(join(place.cwd, "inbox")).map((name) => join("inbox", name))).toEqual([saved])
    expect(statSync(join(place.cwd, saved)).mode & 0o777).toBe(0o600)
    expect(statSync(join(place.cwd, "inbox")).mode & 0o777).toBe(0o700)

    // All commands that read messages read it.
    const [verified, explained] = await Promise.all(
      ["verify", "explain"].map((command) => paykka([command, saved], { cwd: place.cwd, env: place.env }))
    )
    expect([verified!.code, explained!.code]).toEqual([0, 0])
    expect(explained!.stdout).not.toContain("6222021234567890")

    const other = await app(() => ({ status: 200 }))
    const again = await replay(place, saved, "--to", other.url, "--times", "2")
    expect(again).toMatchObject({ code: 0, stderr: "" })
    const file = readFileSync(join(place.cwd, saved))
    const end = file.indexOf("\r\n\r\n")
    for (const { path, headers, body } of other.arrived) {
      expect(path).toBe("/hooks")
      expect(body).toEqual(file.subarray(end + 4))
      expect(file.toString().toLowerCase()).toContain(`\r\nauthorization: ${headers.authorization!.toLowerCase()}\r\n`)
      expect(isGenuine({ path, headers, body }, place.platform.publicKey)).toBe(true)
    }
    expect(other.arrived).toHaveLength(2)

    const second = await listen(place, "--max", "4")
    const fresh = ["--resign", "--to", `${second.url}/elsewhere`]
    const ended = [
      await replay(place, saved, "--to", second.url),
      await replay(place, saved, ...fresh),
      await replay(place, saved, ...fresh),
      await replay(place, saved, "--to", `${second.url}/elsewhere`)
    ]
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 1])
    expect(ended[3]!.stderr).toContain(`"hint":"its timestamp may be too old by now, or its nonce known: --resign"`)
    const lines = await second.lines()
    expect(lines.map(({ path, verified: right, duplicate }) => [path, right, duplicate])).toEqual([
      ["/hooks", true, false],
      ["/elsewhere", true, false],
      ["/elsewhere", true, false],
      ["/elsewhere", false, false]
    ])
  })
})

describe("what is wrong with the words", { timeout: 60_000 }, () => {
  it("is said, and nothing is sent", async () => {
    const place = setUp()
    const other = await app(() => ({ status: 200 }))
    const busy = new URL(other.url).port
    writeFileSync(join(place.cwd, "prose"), "Dear PayKKa, this is no key and no message.")
    writeFileSync(join(place.cwd, "latin1"), Buffer.from([0x7b, 0x22, 0xe9, 0x22, 0x7d]))
    const to = ["--to", other.url]
    const va = ["trigger", "va.notification"]
    const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, said: string]> = [
      [["listen", "--port", busy], `port ${busy} is taken\nhint: choose another --port`],
      [["listen", "--port", "70000"], `flag --port: "70000". Expected: from 0 to 65535`],
      [["listen", "--port", "-1"], `flag --port`],
      [["listen", "--host", "192.0.2.1", "--port", "0"], "192.0.2.1:0 cannot be listened on (EADDRNOTAVAIL)"],
      [["listen", "--max", "0"], "--max must be at least 1"],
      [["listen", "--host", ""], "an address such as 127.0.0.1"],
      [["listen", "--forward-to", "http://u:p@127.0.0.1:1"], "--forward-to must be scheme and host alone"],
      [["listen", "--forward-to", "localhost"], "--forward-to must be scheme and host alone"],
      [["listen", "--forward-to", "http://127.0.0.1:1/hooks"], "the path is signed"],
      [["listen", "--profile", "none"], "none"],
      [["listen", "--save", "prose"], "--save prose is no folder that can be written to (EEXIST)"],
      [["listen", "surplus"], "surplus"],
      [["trigger", "va.notify", ...to], `argument <notification>: "va.notify". Expected: "onboarding.notification"`],
      [["trigger", ...to], "notification"],
      [va, "Missing required flag: --to"],
      [[...va, "--to", "here"], "--to must be a URL without query"],
      [[...va, "--to", "ftp://127.0.0.1"], "--to must be a URL without query"],
      [[...va, "--to", "http://127.0.0.1/?a=b"], "--to must be a URL without query"],
      [[...va, "--to", "http://user:word@127.0.0.1"], "--to must be a URL without query"],
      [[...va, "--to", "http://127.0.0.1/a#b"], "--to must be a URL without query"],
      [[...va, ...to, "--extra", "a"], "--extra must be a path and a value"],
      [[...va, ...to, "--times", "0"], "--times must be at least 1"],
      [[...va, ...to, "--delay", "soon"], `--delay must be a time such as 500ms, 2s or 1m, found "soon"`],
      [[...va, ...to, "--every", "5"], `--every must be a time`],
      [[...va, ...to, "--wait", "1h"], `--wait must be a time`],
      [[...va, ...to, "--wrong", "all"], `flag --wrong: "all"`],
      [[...va, ...to, "--data", "{"], "--data: the text is not JSON"],
      [[...va, ...to, "--data", "[]"], "--data must be a JSON object"],
      [[...va, ...to, "--data", "@nowhere"], "nowhere cannot be read (ENOENT)"],
      [[...va, ...to, "--data", "@latin1"], "@latin1 is not UTF-8"],
      [[...va, ...to, "-f", "acount_no=1"], "acount_no is not a known field (a misspelling? if not, use --extra)"],
      [[...va, ...to, "-f", "account_no"], "--field must be a path and a value"],
      [[...va, ...to, "--extra", "account_no=1"], "extra.account_no is given in the input already"],
      [[...va, ...to, "--platform-private-key-file", "nowhere"], "nowhere cannot be read (ENOENT)"],
      [[...va, ...to, "--platform-private-key-file", "prose"], "privateKey"],
      [[...va, ...to, "--platform-private-key-file", "platform.pub.pem"], "found an RSA public key"],
      [[...va, ...to, "--platform-key-id", "two words"], "keyId"],
      [["replay", "nowhere", ...to], "nowhere cannot be read (ENOENT)"],
      [["replay", "prose", ...to], "prose: the text: is no curl command"],
      [["replay", "merchant.pem", ...to], "merchant.pem: the text: is no curl command"],
      [["replay", ...to], "file"],
      [["replay", "prose"], "Missing required flag: --to"]
    ]
    const ended = await Promise.all(cases.map(([args]) => paykka(args, place)))
    expect(ended.map(({ code }, index) => [cases[index]![0], code])).toEqual(cases.map(([args]) => [args, 2]))
    for (const [index, { stderr, stdout }] of ended.entries()) {
      expect([stderr, stdout]).toEqual([expect.stringContaining(cases[index]![1]), ""])
      expect(stderr).not.toMatch(/PRIVATE|MII/)
    }
    expect(other.arrived).toEqual([])
    // Nobody listens, which is another thing.
    other.server.close()
    other.server.closeAllConnections()
    const gone = await paykka(["trigger", "va.notification", ...to], place)
    expect([gone.code, gone.stdout]).toEqual([1, ""])
    expect(gone.stderr).toMatch(/^error: \S+ gives no answer \(ECONNREFUSED\)\nhint: --wait 10s waits for a receiver/)
  })
})
