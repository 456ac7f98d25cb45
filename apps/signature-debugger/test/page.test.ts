// The built page in a real Chromium: paste, explain, mend; by keyboard alone; on a phone; and nothing leaves it.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { createRequire } from "node:module"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import * as HttpMessage from "@paykka/signing/HttpMessage"
import { findChromium } from "@paykka/tooling-site/chromium"
import * as Result from "effect/Result"
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { budget, gzipped, page as build } from "../src/page.ts"

const executablePath = findChromium()
if (executablePath === undefined)
  console.log("signature-debugger/test skips its browser: no Chromium on the path, nor in PAYKKA_CHROMIUM")

const file = fileURLToPath(new URL(import.meta.resolve("@paykka/signature-debugger/index.html")))

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

// ---------------------------------------------------------------------------------------------------------
// The outside signer
// ---------------------------------------------------------------------------------------------------------

const vectors = JSON.parse(
  readFileSync(new URL("../../../packages/signing/test/vectors/signing.json", import.meta.url), "utf8")
) as {
  readonly keys: Readonly<
    Record<"merchant" | "platform", { readonly private_pkcs8_pem: string; readonly public_spki_pem: string }>
  >
}
const { private_pkcs8_pem: privateKey, public_spki_pem: publicKey } = vectors.keys.merchant
const { public_spki_pem: otherKey } = vectors.keys.platform

const path = "/api/v2/merch/va/apply"
const account = "6222021234567890123"
const body = `{"request_id":"VA-1","account_no":"${account}"}`
const indented = JSON.stringify(JSON.parse(body), null, 2)

const curl = (text: (timestamp: string, nonce: string) => string): string => {
  const [timestamp, nonce] = [String(Date.now()), "0a1b2c3d4e5f6071"]
  const signature = sign("RSA-SHA256", Buffer.from(text(timestamp, nonce)), createPrivateKey(privateKey)).toString(
    "base64"
  )
  const object = { sign_type: "SHA256_WITH_RSA", timestamp, nonce, key_id: "K1", signature }
  return `curl 'https://open-fat.cb.paykka.com${path}' -H 'Authorization: ${encodeURIComponent(JSON.stringify(object))}' -H 'X-Merch-Id: M1' -d '${body}'`
}

const right = curl((timestamp, nonce) => [path, timestamp, nonce, "M1", body].join("\n"))
const rewritten = curl((timestamp, nonce) => [path, timestamp, nonce, "M1", indented].join("\n"))

// ---------------------------------------------------------------------------------------------------------
// The browser
// ---------------------------------------------------------------------------------------------------------

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/** What axe-core finds wrong, in words; by these rules only, where some are named. */
const violations = async (page: Page, ...rules: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  await page.evaluate(axe)
  return page.evaluate(async (only) => {
    const { axe: checker } = globalThis as unknown as {
      axe: {
        run: (options: {
          runOnly?: ReadonlyArray<string>
        }) => Promise<{ violations: Array<{ id: string; nodes: Array<{ html: string; failureSummary: string }> }> }>
      }
    }
    const found = await checker.run(only.length === 0 ? {} : { runOnly: only })
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)
    )
  }, rules)
}

const verdictOf = async (page: Page, word: string): Promise<void> => {
  await page.locator("#verdict", { hasText: new RegExp(`^${word}$`) }).waitFor()
}

const codesOf = (page: Page): Promise<ReadonlyArray<string | null>> =>
  page.locator(".findings:not(.hints) .tags code").evaluateAll((all) => all.map((one) => one.textContent))

const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

describe("the page", () => {
  it("weighs no more than it may, and is what the sources make", async () => {
    const html = readFileSync(file, "utf8")
    assert.isAtMost(gzipped(html), budget)
    assert.strictEqual(html, await build())
  })

  it("names no other place: no link, no script and no style from outside", () => {
    const html = readFileSync(file, "utf8")
    const head = html.slice(0, html.indexOf("<script"))
    assert.match(head, /default-src 'none'; connect-src 'none'/)
    assert.notMatch(head, /<link[^>]*stylesheet|@import|url\(/)
    assert.strictEqual(html.match(/<script/g)?.length, 1)
    assert.notMatch(html, /<script[^>]*\ssrc/)
    assert.notMatch(html, /unsafe-inline|unsafe-eval/)
  })
})

describe.skipIf(executablePath === undefined)("in Chromium", () => {
  let browser: Browser
  let server: Server
  let url = ""
  /** Whatever reached the server: the page itself is asked for once by each test. */
  const asked: Array<string> = []

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      if (request.url === "/") response.setHeader("Content-Type", "text/html").end(readFileSync(file))
      else if (request.url === "/sender") response.end()
      else response.writeHead(request.url === "/api" ? 401 : 404).end()
    })
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    browser = await chromium.launch({ executablePath: executablePath!, args: flags })
  })
  afterAll(async () => {
    await browser.close()
    server.close()
  })

  interface Opened {
    readonly page: Page
    readonly context: BrowserContext
    /** Addresses that the page has asked for. */
    readonly requests: ReadonlyArray<string>
    /** What the console said, and what was thrown. */
    readonly complaints: ReadonlyArray<string>
  }

  const open = async (
    use: (opened: Opened) => Promise<void>,
    options: BrowserContextOptions = {},
    address = url
  ): Promise<void> => {
    const context = await browser.newContext(options)
    const page = await context.newPage()
    const requests: Array<string> = []
    const complaints: Array<string> = []
    page.on("request", (request) => requests.push(request.url()))
    page.on("console", (message) => complaints.push(message.text()))
    page.on("pageerror", (error) => complaints.push(String(error)))
    await page.goto(address)
    await use({ page, context, requests, complaints })
    await context.close()
  }

  it("explains what is pasted, and sees it mended", () =>
    open(async ({ page, complaints }) => {
      await page.fill("#message", rewritten)
      await verdictOf(page, "Undecided")
      await page.fill("#key", publicKey)
      await verdictOf(page, "Invalid")
      assert.deepStrictEqual(await codesOf(page), ["BodyReserialised"])
      assert.match((await page.textContent("#status")) ?? "", /^Invalid\. The JSON was parsed and written again\.$/)
      const shown = (await page.textContent("#result")) ?? ""
      assert.include(
        shown,
        `In line 5 sign the ${body.length} bytes that are sent, not the ${indented.length} that were signed.`
      )
      assert.notInclude(shown, account.slice(0, 8))
      const lines = await page.locator(".lines:not(.compared) > li code").allTextContents()
      assert.strictEqual(lines.length, 5)
      assert.strictEqual(lines[0], `${path}LF`)
      assert.deepStrictEqual(await page.locator(".compared > li.differs .name").allTextContents(), ["bodydiffers"])

      await page.fill("#message", right)
      await verdictOf(page, "Valid")
      assert.deepStrictEqual(await codesOf(page), [])
      assert.match((await page.textContent("#status")) ?? "", /^Valid\. The signature is right/)
      assert.deepStrictEqual(complaints, [])
    }))

  it("says beside the field what cannot be read", () =>
    open(async ({ page }) => {
      await page.fill("#message", `curl https://h.example -d "$BODY${account}"`)
      await page.locator("#message[aria-invalid=true]").waitFor()
      const said = (await page.textContent("#message-problem")) ?? ""
      assert.match(said, /^curl: line 1, column 28: the shell would put the value of a variable here/)
      assert.notInclude(said, account)
      await page.fill("#message", right)
      await page.locator("#message:not([aria-invalid])").waitFor()
      await page.fill("#key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")
      await page.locator("#key[aria-invalid=true]").waitFor()
      assert.match((await page.textContent("#key-problem")) ?? "", /found a damaged PEM block/)
      // A private key does: its public half is what is used.
      await page.fill("#key", privateKey)
      await verdictOf(page, "Valid")
      assert.strictEqual(await page.textContent("#key-problem"), "")
    }))

  it("uses what more is known: another key, the path, the merchant number, the time", () =>
    open(async ({ page }) => {
      await page.fill("#message", right)
      await page.fill("#key", otherKey)
      await verdictOf(page, "Invalid")
      assert.deepStrictEqual(await codesOf(page), ["ForeignKey"])
      await page.click("#more summary")
      await page.fill("#other-keys", `${publicKey}\n${otherKey}`)
      await page.locator(".findings code", { hasText: "WrongKey" }).waitFor()
      await page.fill("#other-keys", "")
      await page.fill("#key", publicKey)
      await verdictOf(page, "Valid")
      await page.fill("#path", "/proxied")
      await page.locator(".findings code", { hasText: "PathOther" }).waitFor()
      await page.fill("#path", "")
      await page.fill("#merch-id", "M2")
      await page.locator(".findings code", { hasText: "MerchantLineOther" }).waitFor()
      await page.fill("#merch-id", "")
      await page.fill("#key-id", "K2")
      await page.locator(".findings code", { hasText: "KeyIdUnknown" }).waitFor()
      await page.fill("#key-id", "")
      await page.fill("#arrived", "2020-01-01T00:00:00Z")
      await page.locator(".findings code", { hasText: "Clock" }).waitFor()
      await page.fill("#arrived", "yesterday")
      await page.locator("#arrived[aria-invalid=true]").waitFor()
      await page.click("#clear")
      await page.locator("#result h2", { hasText: "How it is found out" }).waitFor()
      assert.strictEqual(await page.inputValue("#key"), "")
      assert.strictEqual(await page.textContent("#arrived-problem"), "")
    }))

  it("fills in examples that are what they say, with a key pair of its own", () =>
    open(async ({ page }) => {
      const seen: Array<readonly [string | null, ReadonlyArray<string | null>]> = []
      const keys = new Set<string>()
      const count = await page.locator("#example option").count()
      for (let index = 0; index < count; index++) {
        await page.selectOption("#example", String(index))
        const before = await page.inputValue("#message")
        await page.click("#fill")
        await page.waitForFunction(
          (text) => (document.querySelector("#message") as HTMLTextAreaElement).value !== text,
          before
        )
        await page.waitForFunction(() => {
          const nonce = /nonce%22%3A%22(\w+)|"nonce":"(\w+)/.exec(
            (document.querySelector("#message") as HTMLTextAreaElement).value
          )
          return document.querySelector("#result")!.textContent.includes(nonce?.[1] ?? nonce?.[2] ?? "?")
        })
        keys.add(await page.inputValue("#key"))
        seen.push([await page.textContent("#verdict"), await codesOf(page)])
      }
      assert.deepStrictEqual(seen, [
        ["Invalid", ["BodyReserialised"]],
        ["Invalid", ["PathHost", "TrailingNewline"]],
        ["Invalid", ["MerchantLineMissing"]],
        ["Invalid", ["WrongAlgorithm"]],
        ["Invalid", ["HeaderNotEncoded"]],
        ["Invalid", ["ForeignKey"]],
        ["Valid", []]
      ])
      assert.strictEqual(keys.size, 1)
      assert.strictEqual(createPublicKey([...keys][0]!).asymmetricKeyDetails?.modulusLength, 2048)
      assert.notInclude(await page.content(), "PRIVATE KEY")
    }))

  it("can be used by keyboard alone, in the order of the page", () =>
    open(async ({ page }) => {
      const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent || "")
      const order: Array<string> = []
      for (let index = 0; index < 10; index++) {
        await page.keyboard.press("Tab")
        order.push(await focused())
      }
      assert.deepStrictEqual(order, [
        "Skip to the result",
        "message",
        "file",
        "key",
        "More that is known",
        "explain",
        "clear",
        "example",
        "fill",
        "The 47 causes that are told apart"
      ])
      await page.focus("#message")
      await page.keyboard.insertText(rewritten)
      await page.keyboard.press("Tab")
      await page.keyboard.press("Tab")
      await page.keyboard.insertText(publicKey)
      await page.keyboard.press("Control+Enter")
      await verdictOf(page, "Invalid")
      await page.waitForFunction(() => document.activeElement?.id === "verdict")
      // Back to the field, and on to the button.
      await page.focus("#message")
      await page.keyboard.press("Control+A")
      await page.keyboard.insertText(right)
      await page.focus("#explain")
      await page.keyboard.press("Enter")
      await verdictOf(page, "Valid")
      await page.waitForFunction(() => document.activeElement?.id === "verdict")
      // What has the focus can be seen.
      await page.keyboard.press("Tab")
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle)
      assert.strictEqual(outline, "solid")
      await page.fill("#message", "nothing that can be read")
      await page.focus("#explain")
      await page.keyboard.press("Space")
      await page.waitForFunction(() => document.activeElement?.id === "message")
    }))

  it("has no fault that axe-core finds, light and dark, and no sideways scroll on a phone", () =>
    open(async ({ page }) => {
      const check = async () => {
        await page.emulateMedia({ colorScheme: "light" })
        assert.deepStrictEqual(await violations(page), [])
        await page.emulateMedia({ colorScheme: "dark" })
        assert.deepStrictEqual(await violations(page, "color-contrast"), [])
        const wide = page.viewportSize()!
        await page.setViewportSize({ width: 390, height: 844 })
        assert.strictEqual(await sideways(page), 0)
        await page.setViewportSize({ width: 320, height: 640 })
        assert.strictEqual(await sideways(page), 0)
        await page.setViewportSize(wide)
      }
      await page.click("#more summary")
      await page.click(".causes summary")
      await check()
      await page.fill("#key", publicKey)
      await page.fill("#message", rewritten)
      await verdictOf(page, "Invalid")
      await check()
      await page.fill("#message", right)
      await verdictOf(page, "Valid")
      await check()
      await page.fill("#key", "")
      await verdictOf(page, "Undecided")
      await page.fill("#message", "nothing")
      await page.locator("#message[aria-invalid=true]").waitFor()
      await check()
    }))

  it("is laid out for a phone, with fields that do not make it zoom in", () =>
    open(
      async ({ page }) => {
        await page.fill("#key", publicKey)
        await page.fill("#message", rewritten)
        await page.click("#explain")
        await verdictOf(page, "Invalid")
        assert.deepStrictEqual(await violations(page, "target-size", "meta-viewport"), [])
        assert.strictEqual(await sideways(page), 0)
        await page.waitForFunction(() => {
          const { top, bottom } = document.querySelector("#verdict")!.getBoundingClientRect()
          return top >= 0 && bottom <= innerHeight
        })
        const sizes = await page
          .locator("textarea")
          .evaluateAll((all) => all.map((one) => getComputedStyle(one).fontSize))
        assert.deepStrictEqual([...new Set(sizes)], ["16px"])
      },
      { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
    ))

  it("moves nothing where that is not wanted", () =>
    open(
      async ({ page }) => {
        await page.fill("#message", rewritten)
        await page.fill("#key", publicKey)
        await verdictOf(page, "Invalid")
        const moving = await page.evaluate(
          () =>
            [...document.querySelectorAll("*")].filter(
              (one) =>
                getComputedStyle(one).transitionDuration !== "0s" || getComputedStyle(one).animationName !== "none"
            ).length
        )
        assert.strictEqual(moving, 0)
      },
      { reducedMotion: "reduce" }
    ))

  it("asks for nothing, may not, and keeps nothing", () =>
    open(async ({ page, context, requests, complaints }) => {
      asked.length = 0
      await page.fill("#message", rewritten)
      await page.fill("#key", privateKey)
      await verdictOf(page, "Invalid")
      await page.click("#fill")
      await page.locator(".keys").waitFor()
      assert.deepStrictEqual(requests, [url])
      assert.deepStrictEqual(complaints, [])
      const kept = await page.evaluate(async () => [
        localStorage.length,
        sessionStorage.length,
        document.cookie,
        (await indexedDB.databases()).length,
        (await caches.keys()).length,
        (await navigator.serviceWorker.getRegistrations()).length
      ])
      assert.deepStrictEqual(kept, [0, 0, "", 0, 0, 0])
      assert.deepStrictEqual(await context.cookies(), [])

      // Even a script in the page could send nothing.
      const refused = await page.evaluate(async (address) => {
        const results = [
          await fetch(`${address}leak`).then(
            () => "sent",
            () => "refused"
          )
        ]
        results.push(navigator.sendBeacon(`${address}leak`, "x") ? "queued" : "refused")
        const image = new Image()
        results.push(
          await new Promise<string>((resolve) => {
            image.addEventListener("error", () => resolve("refused"))
            image.addEventListener("load", () => resolve("sent"))
            image.src = `${address}leak.png`
          })
        )
        try {
          document.body.insertAdjacentHTML("beforeend", "<p>x</p>")
          results.push("markup")
        } catch {
          results.push("refused")
        }
        return results
      }, url)
      assert.strictEqual(refused[0], "refused")
      assert.deepStrictEqual(refused.slice(2), ["refused", "refused"])
      await page.reload()
      assert.deepStrictEqual([await page.inputValue("#message"), await page.inputValue("#key")], ["", ""])
      assert.deepStrictEqual(asked, ["GET /"])
    }))

  it("works from the disk, without any server", () =>
    open(
      async ({ page, requests, complaints }) => {
        await page.fill("#message", rewritten)
        await page.fill("#key", publicKey)
        await verdictOf(page, "Invalid")
        assert.deepStrictEqual(requests, [pathToFileURL(file).href])
        assert.deepStrictEqual(complaints, [])
      },
      {},
      pathToFileURL(file).href
    ))

  it("reads the bytes of a file, which a paste would change", () =>
    open(async ({ page }) => {
      const crlf = indented.replaceAll("\n", "\r\n")
      const request = (header: string) =>
        Buffer.from(
          `POST ${path} HTTP/1.1\r\nHost: h.example\r\nAuthorization: ${header}\r\nX-Merch-Id: M1\r\n\r\n${crlf}`
        )
      const timestamp = String(Date.now())
      const nonce = "file-nonce"
      const text = [path, timestamp, nonce, "M1", crlf].join("\n")
      const signature = sign("RSA-SHA256", Buffer.from(text), createPrivateKey(privateKey)).toString("base64")
      const header = encodeURIComponent(
        JSON.stringify({ sign_type: "SHA256_WITH_RSA", timestamp, nonce, key_id: "K1", signature })
      )
      await page.fill("#key", publicKey)
      await page.setInputFiles("#file", { name: "request.http", mimeType: "text/plain", buffer: request(header) })
      await verdictOf(page, "Valid")
    }))

  it("takes a HAR file that Chromium itself has written, and the entry that is chosen", async () => {
    const folder = mkdtempSync(join(tmpdir(), "paykka-har-"))
    const harPath = join(folder, "recorded.har")
    const { privateKey: other } = generateKeyPairSync("rsa", { modulusLength: 2048 })
    const headerFor = (key: Parameters<typeof sign>[2]) => {
      const [timestamp, nonce] = [String(Date.now()), crypto.randomUUID().slice(0, 32)]
      const text = ["/api", timestamp, nonce, "M1", body].join("\n")
      const signature = sign("RSA-SHA256", Buffer.from(text), key).toString("base64")
      return encodeURIComponent(
        JSON.stringify({ sign_type: "SHA256_WITH_RSA", timestamp, nonce, key_id: "K1", signature })
      )
    }
    const context = await browser.newContext({ recordHar: { path: harPath } })
    const sender = await context.newPage()
    // A page without the policy of ours.
    await sender.goto(`${url}sender`)
    for (const authorization of [headerFor(privateKey), headerFor(other)]) {
      await sender.evaluate(
        async ([address, value, content]) => {
          await fetch(`${address}api`, {
            method: "POST",
            headers: { Authorization: value!, "X-Merch-Id": "M1" },
            body: content!
          })
        },
        [url, authorization, body]
      )
    }
    await context.close()
    const har = readFileSync(harPath, "utf8")
    rmSync(folder, { recursive: true })
    const { body: bytes, entry } = Result.getOrThrow(HttpMessage.parse(har))
    assert.deepStrictEqual([Buffer.from(bytes!).toString(), entry], [body, 1])

    await open(async ({ page }) => {
      await page.fill("#key", publicKey)
      await page.fill("#message", har)
      await verdictOf(page, "Valid")
      assert.strictEqual(await page.locator("#entry option").count(), 3)
      await page.selectOption("#entry", "2")
      await verdictOf(page, "Invalid")
      assert.deepStrictEqual(await codesOf(page), ["ForeignKey"])
    })
  })
})
