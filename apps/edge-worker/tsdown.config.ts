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
  // Nothing that we bundle has a getter with an effect; without this, Schema brings modules along that nobody uses.
  // Uploaded as well, for stack traces.
  sourcemap: true,
  outputOptions: { comments: false },
  inputOptions: { treeshake: { propertyReadSideEffects: false } }
})
