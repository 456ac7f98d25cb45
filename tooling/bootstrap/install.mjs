// Installs the dependencies, but only when something that decides them has changed since the last time.
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { runChild } from "./child.mjs"

/**
 * Everything the installed tree depends on, in one hash.
 * @param {string} root
 */
const fingerprint = (root) => {
  const workspace = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8")
  const folders = [...workspace.matchAll(/^ +- +(\w+)\/\*$/gm)].map((match) => match[1] ?? "")
  const manifests = folders.flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder))
          .toSorted()
          .map((name) => `${folder}/${name}/package.json`)
      : []
  )
  const hash = createHash("sha256")
  for (const file of ["pnpm-workspace.yaml", "pnpm-lock.yaml", "package.json", ...manifests]) {
    if (existsSync(join(root, file)))
      hash
        .update(`${file}\n`)
        .update(readFileSync(join(root, file)))
        .update("\n")
  }
  return hash.digest("hex")
}

/** Inside node_modules, so that deleting node_modules deletes it. @param {string} root */
const stampFile = (root) => join(root, "node_modules", ".bootstrap-stamp")

/** @param {string} root */
const isInstalled = (root) => existsSync(stampFile(root)) && readFileSync(stampFile(root), "utf8") === fingerprint(root)

/** @param {string} root */
const pnpmVersion = (root) => {
  const { packageManager = "" } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  return /^(pnpm@\d[^+]*)/.exec(packageManager)?.[1] ?? "pnpm"
}

/** npm's codes, then pnpm's words. */
const networkFailure = new RegExp(
  "\\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\\b" +
    "|dns error|tcp connect error|error sending request"
)

/**
 * What went wrong, in one sentence, when it is one of the usual things.
 * @param {string} output
 * @param {string} pnpm
 */
const explainFailure = (output, pnpm) => {
  if (/ERR_PNPM_(\w*LOCKFILE|PACKAGE_MANAGER_NO_IMPORTER)/.test(output)) {
    return `pnpm-lock.yaml does not fit the package.json files any more: run \`npx -y ${pnpm} install\` and commit the lock file.`
  }
  if (networkFailure.test(output)) {
    return (
      "The dependencies must be installed and the npm registry cannot be reached: connect to the network (or set the proxy)" +
      " and start again; PAYKKA_VERBOSE=1 shows the details."
    )
  }
  return undefined
}

/**
 * One install at a time in one checkout: pnpm itself survives a second one, but a task that has already started would see
 * its tools vanish for a moment. The lock is a file that holds the owner's process id.
 * @param {string} root
 * @param {(line: string) => void} say
 */
const takeLock = async (root, say) => {
  const lock = join(root, ".bootstrap", "install.lock")
  mkdirSync(dirname(lock), { recursive: true })
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" })
      return () => rmSync(lock, { force: true })
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error
    }
    if (isStale(lock)) {
      rmSync(lock, { force: true })
    } else {
      if (!waited) say("Another start is installing the dependencies; waiting for it …")
      await sleep(200)
    }
  }
}

/** Its owner is gone, or it is older than any install: process ids are used again. @param {string} lock */
const isStale = (lock) => {
  try {
    return !isAlive(Number(readFileSync(lock, "utf8"))) || Date.now() - statSync(lock).mtimeMs > 600_000
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false
    throw error
  }
}

/** @param {number} pid */
const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) === "EPERM"
  }
}

/** @param {unknown} error */
const errorCode = (error) => /** @type {NodeJS.ErrnoException} */ (error).code

/**
 * Returns the exit code: 0 when the dependencies are there.
 * @param {string} root
 * @param {(line: string) => void} say
 */
export const install = async (root, say) => {
  if (isInstalled(root)) return 0
  const release = await takeLock(root, say)
  try {
    if (isInstalled(root)) return 0
    return await runInstall(root, say)
  } finally {
    release()
  }
}

/** @param {string} root @param {(line: string) => void} say */
const runInstall = async (root, say) => {
  const pnpm = pnpmVersion(root)
  const first = !existsSync(join(root, "node_modules", ".bin"))
  const verbose = process.env.PAYKKA_VERBOSE === "1"
  const stamp = fingerprint(root)
  const started = performance.now()
  say(
    first
      ? "Installing the dependencies (about half a minute the first time) …"
      : "Updating the dependencies (a few seconds) …"
  )

  const { code, output } = await runChild(
    // The lock file was checked against pnpm's release-age policy when it was written and carries the hash of every
    // package, so it is not checked against the registry once more: that is half of the time.
    ["npx", "-y", pnpm, "install", "--frozen-lockfile", "--trust-lockfile"],
    { cwd: root, env: installEnv(), output: verbose ? "stderr" : "captured" }
  )
  if (code !== 0) {
    const sentence = explainFailure(output, pnpm)
    if (sentence === undefined) say(output.trimEnd())
    say(sentence ?? `Installing the dependencies failed (${pnpm}, exit code ${code}).`)
    return 1
  }
  writeFileSync(stampFile(root), stamp)
  say(`Dependencies installed in ${((performance.now() - started) / 1000).toFixed(1)} s.`)
  return 0
}

/** Retries come quickly, unless configured: npm and pnpm wait 70 s before they say that there is no network. */
const installEnv = () => ({
  npm_config_fetch_retry_mintimeout: "1000",
  npm_config_fetch_retry_maxtimeout: "5000",
  pnpm_config_fetch_retry_mintimeout: "1000",
  pnpm_config_fetch_retry_maxtimeout: "5000",
  ...process.env,
  // pnpm asks no questions.
  CI: "true"
})
