/**
 * Bundles one entry for any runtime with web standards: ESM, minified, everything in one file, all else at its default.
 * Imports of Node's modules are left standing, to be found and reported.
 */
import { readFileSync } from "node:fs"
import { gzipSync } from "node:zlib"
import * as esbuild from "esbuild"
import { rolldown } from "rolldown"
import { type Share, shares } from "./modules.ts"

/** A bundle and what it weighs. */
export interface Bundle {
  readonly code: string
  readonly minBytes: number
  readonly gzBytes: number
  /** What the bundle still imports, at its start or later; a bundle that runs anywhere imports nothing, no `node:*` above all. */
  readonly imports: ReadonlyArray<string>
}

/** Where a package says what it is, when it has no `exports`. A neutral platform has none of its own. */
const mainFields = ["module", "main"]

const weigh = (code: string, imports: ReadonlyArray<string>): Bundle => ({
  code,
  minBytes: Buffer.byteLength(code),
  gzBytes: gzipSync(code, { level: 9 }).length,
  imports: [...new Set(imports)]
})

/** By rolldown (the bundler of tsdown and Vite), with the modules that it consists of. */
export const byRolldown = async (input: string): Promise<Bundle & { readonly modules: ReadonlyArray<Share> }> => {
  const build = await rolldown({
    input,
    platform: "neutral",
    resolve: { mainFields },
    external: /^node:/,
    logLevel: "silent"
  })
  // The map is asked for, but not named in the code: the weight is that of a bundle without one.
  const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false, sourcemap: "hidden" })
  await build.close()
  const [chunk] = output
  if (chunk.map === null) throw new Error("rolldown made no source map")
  return {
    ...weigh(chunk.code, [...chunk.imports, ...chunk.dynamicImports]),
    modules: shares(chunk.code, chunk.map)
  }
}

/** By whoever built it before, into a file with its source map beside it. */
export const asBuilt = async (file: string): Promise<Bundle & { readonly modules: ReadonlyArray<Share> }> => {
  const code = readFileSync(file, "utf8")
  const { imports } = await byRolldown(file)
  return { ...weigh(code, imports), modules: shares(code, JSON.parse(readFileSync(`${file}.map`, "utf8"))) }
}

/** By esbuild (the bundler of wrangler), with the modules that it consists of, by its own account. */
export const byEsbuild = async (input: string): Promise<Bundle & { readonly modules: ReadonlyArray<Share> }> => {
  const { outputFiles, metafile } = await esbuild.build({
    entryPoints: [input],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields,
    external: ["node:*"],
    write: false,
    metafile: true,
    logLevel: "silent"
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error("esbuild made no file")
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path))
  const modules = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .map(([source, { bytesInOutput: bytes }]) => ({ source, bytes }))
  return { ...weigh(file.text, imports), modules: modules.filter(({ bytes }) => bytes > 0) }
}
