/** Pages that scroll sideways, looked at in a real Chromium. */
import { globSync } from "node:fs"
import { chromium } from "playwright-core"

/** A phone's, in CSS pixels. */
const phone = { width: 390, height: 844 }

/** The pages of a built site, as paths. */
export const pagesOf = (site: string): ReadonlyArray<string> =>
  globSync("**/*.html", { cwd: site })
    .map((file) => `/${file}`)
    .toSorted()

/** What is wider than a phone: `page: what sticks out, and how far`. */
export const tooWide = async (
  executablePath: string,
  origin: string,
  paths: ReadonlyArray<string>
): Promise<ReadonlyArray<string>> => {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] })
  try {
    const page = await browser.newPage({ viewport: phone, isMobile: true, hasTouch: true })
    const found: Array<string> = []
    for (const path of paths) {
      await page.goto(origin + path, { waitUntil: "load" })
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      if (width > phone.width) found.push(`${path}: ${width} pixels wide`)
    }
    return found
  } finally {
    await browser.close()
  }
}
