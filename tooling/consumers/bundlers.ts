/** The bundlers of users, as users set them: for Node, and for a worker. */
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import * as esbuild from "esbuild"
import { rolldown } from "rolldown"
import { lowestNode } from "./cells.ts"
import { toolsFolder } from "./tools.ts"

export type Runtime = "node" | "workerd"

/** Bundles an entry into one file, and gives its name. */
type Bundle = (entry: string, runtime: Runtime) => Promise<string>

/** CommonJS for Node, which is esbuild's default there: what `ws` requires cannot stand in its ESM. For a worker as wrangler does. */
const byEsbuild: Bundle = async (entry, runtime) => {
  const outfile = runtime === "node" ? `${entry}.esbuild.cjs` : `${entry}.esbuild.mjs`
  await esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    ...(runtime === "node"
      ? { platform: "node", format: "cjs" }
      : { platform: "browser", format: "esm", conditions: ["workerd", "worker", "browser"] }),
    logLevel: "silent"
  })
  return outfile
}

const byRolldown: Bundle = async (entry, runtime) => {
  const file = `${entry}.rolldown.mjs`
  const build = await rolldown({ input: entry, platform: runtime === "node" ? "node" : "browser", logLevel: "silent" })
  await build.write({ file, format: "esm", minify: true, codeSplitting: false })
  await build.close()
  return file
}

interface Stats {
  readonly toJson: (options: object) => { readonly errors: ReadonlyArray<{ readonly message: string }> }
}

interface Webpack {
  (options: object, done: (error: Error | null, stats?: Stats) => void): void
  readonly optimize: { readonly LimitChunkCountPlugin: new (options: object) => object }
}

/** Not minified: its minimizer would take half a minute. */
const byWebpack: Bundle = (entry, runtime) => {
  const webpack = createRequire(join(toolsFolder, "package.json"))("webpack") as Webpack
  const file = `${entry}.webpack.mjs`
  const options = {
    mode: "production",
    entry,
    target: runtime === "node" ? [`node${lowestNode.replace(/\.\d+$/, "")}`, "es2022"] : ["webworker", "es2022"],
    experiments: { outputModule: true },
    output: {
      path: dirname(file),
      filename: basename(file),
      module: true,
      library: { type: "module" },
      publicPath: ""
    },
    optimization: { minimize: false },
    plugins: [new webpack.optimize.LimitChunkCountPlugin({ maxChunks: 1 })],
    performance: false
  }
  return new Promise((resolve, reject) => {
    webpack(options, (error, stats) => {
      const [first] = stats?.toJson({ all: false, errors: true }).errors ?? []
      if (error !== null) reject(error)
      else if (first !== undefined) reject(new Error(first.message))
      else resolve(file)
    })
  })
}

export const bundlers = { esbuild: byEsbuild, rolldown: byRolldown, webpack: byWebpack }

export type Bundler = keyof typeof bundlers
