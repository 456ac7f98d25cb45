// Which Node is enough for what. Old syntax only: see run.mjs.

/** What the bootstrap itself, npx and pnpm need. */
const bootstrapMinimum = "20.0.0"

/** What the tasks need: type stripping and Effect's platform packages. */
const taskMinimum = "22.19.0"

/**
 * Whether `version` is at least `minimum`; both are "24.21.0", with or without a leading "v".
 * @param {string} version
 * @param {string} minimum
 * @returns {boolean}
 */
export function isAtLeast(version, minimum) {
  const have = version.replace(/^v/, "").split(".").map(Number)
  const want = minimum.split(".").map(Number)
  for (let i = 0; i < want.length; i++) {
    const difference = (have[i] || 0) - (want[i] || 0)
    if (difference !== 0) return difference > 0
  }
  return true
}

/**
 * The sentence for somebody whose Node cannot run the bootstrap.
 * @param {string} version
 * @returns {string | undefined}
 */
export function oldNode(version) {
  if (isAtLeast(version, bootstrapMinimum)) return undefined
  return (
    "Node " +
    version +
    " is too old: install Node 22.19 or newer" +
    " (Node 20 is enough on Linux x64 and arm64, where the pinned Node 24 is installed with the dependencies)."
  )
}

/**
 * The sentence for somebody whose tasks would run on a Node that is too old; `version` is what `node` on the PATH of the
 * tasks answers, undefined when it does not start.
 * @param {string | undefined} version
 * @returns {string | undefined}
 */
export function oldTaskNode(version) {
  if (version === undefined) {
    return (
      "The pinned Node does not start on this system: delete node_modules/.bin/node and put your own Node 22.19 or newer" +
      " on the PATH."
    )
  }
  if (isAtLeast(version, taskMinimum)) return undefined
  return (
    "The tasks need Node 22.19 or newer and found Node " +
    version +
    ": install it and start again" +
    " (only Linux x64 and arm64 get a pinned Node with the dependencies)."
  )
}
