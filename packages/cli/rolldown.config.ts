/** The command as one program: what it needs of other packages is in it, so that npx fetches one, and Node reads few files. */
import { readdirSync, readFileSync } from "node:fs"
import { createRequire, findPackageJSON } from "node:module"
import { dirname, isAbsolute, join } from "node:path"
import { defineConfig, type Plugin } from "rolldown"

/**
 * `effect/cli` makes a segmenter as it loads, which takes longer than loading the rest of it, and its first use as long again. Only help needs
 * one, and of a text in ASCII each character is a segment.
 */
const lazySegmenter: Plugin = {
  name: "lazy-segmenter",
  transform: {
    filter: { id: /\/effect\/dist\/cli\/CliOutput\.js$/ },
    handler: (code) => {
      const lazy = code.replace(
        /\/\*#__PURE__\*\/\s*(new Intl\.Segmenter\([^)]*\))/,
        (_, made: string) =>
          `{ segment: (text) => /^[ -~]*$/.test(text) ? Array.from(text, (segment) => ({ segment })) : (${made}).segment(text) }`
      )
      if (lazy === code) throw new Error("effect/cli makes no segmenter any more as it loads: this plugin can go")
      return lazy
    }
  }
}

/** The licences of what is bundled ask for their text to come along. */
const licences: Plugin = {
  name: "licences",
  generateBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []))
    const manifests = new Set(modules.flatMap((id) => (isAbsolute(id) ? [findPackageJSON(".", id)!] : [])))
    const notices = [...manifests].flatMap((manifest) => {
      const { name, version } = JSON.parse(readFileSync(manifest, "utf8")) as { name: string; version: string }
      const folder = dirname(manifest)
      // Of our own what they have of others.
      const wanted = name.startsWith("@paykka/") ? /^third-party-notices\./i : /^licen[cs]e(\.|$)/i
      const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
      const text = files.find((file) => wanted.test(file.name))?.name
      if (text === undefined && name.startsWith("@paykka/")) return []
      if (text === undefined) throw new Error(`${name} is bundled and has no licence file`)
      return [`${name} ${version}\n\n${readFileSync(join(folder, text), "utf8").trim()}\n`]
    })
    this.emitFile({ type: "asset", fileName: "LICENSES.txt", source: notices.toSorted().join("\n---\n\n") })
  }
}

/** The page that explains signatures in a browser, which `paykka sandbox` serves. */
const debuggerPage: Plugin = {
  name: "debugger-page",
  generateBundle() {
    const file = createRequire(import.meta.url).resolve("@paykka/signature-debugger/index.html")
    this.emitFile({ type: "asset", fileName: "internal/debugger.html", source: readFileSync(file) })
  }
}

export default defineConfig({
  input: "src/main.ts",
  platform: "node",
  plugins: [lazySegmenter, licences, debuggerPage],
  treeshake: { propertyReadSideEffects: false },
  output: {
    dir: "dist",
    cleanDir: true,
    // Where no door of the package leads.
    chunkFileNames: "internal/[name].js",
    // Names stay, for stack traces.
    minify: { mangle: false },
    comments: false
  }
})
