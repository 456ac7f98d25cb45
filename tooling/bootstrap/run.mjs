// The entry of every root script: `node tooling/bootstrap/run.mjs <task> [arguments]`.
//
// An old Node must still be able to read this file and say what is wrong, so here and in node-version.mjs there is
// no syntax newer than ES modules themselves; everything else is loaded only after the version is known to be enough.
import { oldNode } from "./node-version.mjs"

const refusal = oldNode(process.versions.node)

if (refusal !== undefined) {
  console.error(refusal)
  process.exitCode = 1
} else {
  void import("./main.mjs")
    .then(function (module) {
      return module.main(process.argv.slice(2))
    })
    .then(function (code) {
      process.exitCode = code
    })
}
