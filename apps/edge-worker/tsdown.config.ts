/** One file that wrangler uploads as it is. */
import { defineConfig } from "tsdown"

export default defineConfig({
  entry: "src/main.ts",
  format: "esm",
  platform: "neutral",
  target: "es2024",
  dts: false,
  minify: true,
  deps: { alwaysBundle: /./ },
  // Uploaded as well, for stack traces.
  sourcemap: true,
  outputOptions: { comments: false },
  // No getter that we bundle has an effect.
  inputOptions: { treeshake: { propertyReadSideEffects: false } }
})
