/** The page, built: one HTML file with its style and script in it, allowed by their hashes and nothing else. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { rolldown } from "rolldown"

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const read = (name: string): string => readFileSync(fileOf(name), "utf8")

/** What the page may weigh: gzipped, all in, in bytes. */
export const budget = 60_000

const script = async (): Promise<string> => {
  const build = await rolldown({
    input: fileOf("./main.ts"),
    platform: "browser",
    treeshake: { propertyReadSideEffects: false }
  })
  const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false })
  await build.close()
  const [chunk] = output
  if (chunk.imports.length > 0) throw new Error(`the page imports ${chunk.imports.join(", ")}`)
  // An end tag inside a text would end the script.
  return chunk.code.replaceAll("</script", "<\\/script").trim()
}

const minifiedStyle = (css: string): string =>
  css
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,>]) ?/g, "$1")
    .replace(/: /g, ":")
    .trim()

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** Puts a text into the template in place of the placeholder and the blanks around it: a hash is over every byte. */
const fill = (template: string, name: string, text: string): string =>
  template.replace(new RegExp(`\\s*%${name}%\\s*`), () => text)

/** The whole page, as the file holds it. */
export const page = async (): Promise<string> => {
  const [code, style] = [await script(), minifiedStyle(read("./style.css"))]
  const policy = [
    "default-src 'none'",
    "connect-src 'none'",
    `script-src ${hash(code)}`,
    `style-src ${hash(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'"
  ].join("; ")
  const template = read("./index.html").replace(/\n\s+/g, "\n")
  return fill(
    fill(
      template.replace("%policy%", () => policy),
      "style",
      style
    ),
    "script",
    code
  )
}

export const gzipped = (html: string): number => gzipSync(html, { level: 9 }).length
