/** Writes the page to `dist/index.html`; fails where it weighs more than it may. */
import { mkdirSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { budget, gzipped, page } from "./page.ts"

const html = await page()
const size = gzipped(html)
if (size > budget) throw new Error(`the page weighs ${size} bytes gzipped; ${budget} are allowed`)
const folder = fileURLToPath(new URL("../dist", import.meta.url))
mkdirSync(folder, { recursive: true })
writeFileSync(`${folder}/index.html`, html)
console.log(`dist/index.html: ${size} bytes gzipped, of ${budget}`)
