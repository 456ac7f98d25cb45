import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, it, onTestFinished } from "vitest"
import { findChromium } from "../chromium.ts"
import { tooWide } from "../widths.ts"

it("finds the page that is wider than a phone, and not the one whose table scrolls by itself", async (context) => {
  const chromium = findChromium()
  if (chromium === undefined) return context.skip("no Chromium on the path, nor in PAYKKA_CHROMIUM")
  const wide = '<div style="width: 500px">wide</div>'
  const pages: Readonly<Record<string, string>> = {
    "/wide.html": wide,
    "/fits.html": `<div style="overflow-x: auto">${wide}</div>`
  }
  const head = '<!doctype html><meta name="viewport" content="width=device-width,initial-scale=1">'
  const server = createServer(({ url = "" }, response) => {
    response.setHeader("content-type", "text/html")
    response.end(`${head}${pages[url] ?? ""}`)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(await tooWide(chromium, origin, Object.keys(pages))).toEqual([
    expect.stringMatching(/^\/wide\.html: 50\d pixels wide$/)
  ])
  return undefined
})
