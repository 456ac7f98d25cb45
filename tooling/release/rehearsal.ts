/** A release from its first step to a user's program, in a copy of the repository and on a registry of its own. */
import { deepStrictEqual } from "node:assert/strict"
import { generateKeyPairSync } from "node:crypto"
import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { parseChangesetFile } from "@changesets/parse"
import { type Changelog, type Text, changelogFaults, changesetFaults } from "./changelogs.ts"
import { assertHere } from "./guard.ts"
import * as Registry from "./registry.ts"
import { type Place, run, start } from "./run.ts"
import { install, installFaults } from "./user.ts"
import { copyTo, othersOf, packagesIn, readManifest } from "./workspace.ts"

/** What the rehearsal ended with. */
export interface Released {
  readonly version: string
  readonly packages: number
  readonly changelogs: ReadonlyArray<Changelog>
}

type Say = (step: string) => void

const refuse = (what: string, faults: ReadonlyArray<string>): void => {
  if (faults.length > 0) throw new Error([what, ...faults].join("\n  "))
}

const changesetsIn = (repository: string): ReadonlyArray<Text> =>
  readdirSync(join(repository, ".changeset"))
    .filter((file) => file.endsWith(".md") && file !== "README.md")
    .map((file) => ({ file: `.changeset/${file}`, text: readFileSync(join(repository, ".changeset", file), "utf8") }))

const changelogsIn = (repository: string, used: ReadonlyArray<Text>): ReadonlyArray<Changelog> =>
  packagesIn(repository).map((folder) => {
    const { name, version } = readManifest(folder)
    const file = join(folder, "CHANGELOG.md")
    return {
      file: relative(repository, file),
      text: existsSync(file) ? readFileSync(file, "utf8") : "",
      name,
      version,
      changesets: used.filter(({ text }) => parseChangesetFile(text).releases.some((release) => release.name === name))
    }
  })

const commit = async (place: Place, message: string): Promise<void> => {
  await run("git", ["add", "--all"], place)
  await run("git", ["commit", "--quiet", "--message", message], place)
}

/** `changeset version`; gives the one version that all packages have then, and their changelogs. */
const makeVersion = async (place: Place) => {
  const changesets = changesetsIn(place.cwd)
  refuse("These changesets do not read well:", changesetFaults(changesets))
  // After a release there is nothing new: what is published then is what there is.
  if (changesets.length > 0) {
    await run("changeset", ["version"], place)
    await commit(place, "Release")
  }
  const changelogs = changelogsIn(place.cwd, changesets)
  refuse("These changelogs do not read well:", changelogs.flatMap(changelogFaults))
  const versions = new Set(changelogs.map((each) => each.version))
  const [version = ""] = versions
  refuse("All packages have one version:", versions.size === 1 ? [] : [...versions])
  return { version, changelogs, changesets: changesets.length }
}

const upcoming = (version: string): string => {
  const [major, minor] = version.split(".").map(Number)
  return `${major}.${(minor ?? 0) + 1}.0`
}

/** The release after it, by one change of one package: all get the same version, and their changelogs say no more than there is to say. */
const makeNextVersion = async (place: Place, before: string): Promise<string> => {
  const text = '---\n"@paykka/core": minor\n---\n\nSomething new in the engine.\n'
  writeFileSync(join(place.cwd, ".changeset/next.md"), text)
  const { version, changelogs } = await makeVersion(place)
  refuse("The release after it has another version:", version === upcoming(before) ? [] : [version])
  const newest = (name: string) =>
    changelogs
      .find((each) => each.name === `@paykka/${name}`)
      ?.text.split(/^## /m)[1]
      ?.trim()
  deepStrictEqual(newest("schemas"), `${version}\n\nNo changes in this release.`)
  deepStrictEqual(
    newest("va"),
    `${version}\n\n### Patch Changes\n\n- Needs ${version} of the other packages. New in them:\n  - \`@paykka/core\`: Something new in the engine.`
  )
  return version
}

/** Publishes what our packages need of others, as it is installed here, so that nothing comes from elsewhere. */
const publishOthers = async (home: string, names: ReadonlyArray<string>): Promise<number> => {
  const others = othersOf(names)
  for (const cwd of others) await run("pnpm", ["publish", "--no-git-checks", "--ignore-scripts"], { home, cwd })
  return others.size
}

const pem = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" }
  })

/** A merchant and PayKKa, each with what it has installed: what the merchant's program prints. */
const call = async (merchant: Place, platform: Place): Promise<unknown> => {
  const [own, wrong, theirs] = [pem(), pem(), pem()]
  const known = { PAYKKA_MERCH_ID: "M24061911365700670", PAYKKA_KEY_ID: "K1" }
  const { first: baseUrl, stop } = await start("node", ["program.ts"], {
    ...platform,
    env: { ...known, MERCHANT_PUBLIC_KEY: own.publicKey, PLATFORM_PRIVATE_KEY: theirs.privateKey }
  })
  try {
    const env = {
      ...known,
      PAYKKA_ENVIRONMENT: "local",
      PAYKKA_BASE_URL: baseUrl,
      PAYKKA_PRIVATE_KEY: own.privateKey,
      PAYKKA_UNDOCUMENTED_PATHS: "allow",
      WRONG_PRIVATE_KEY: wrong.privateKey
    }
    return JSON.parse(await run("node", ["program.ts"], { ...merchant, env })) as unknown
  } finally {
    await stop()
  }
}

/** Rehearses the release; throws at the first thing that is wrong. */
export const rehearse = async (say: Say): Promise<Released> => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "paykka-release-")))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  const home = join(folder, "home")
  const here: Place = { home, cwd: join(folder, "repository") }
  const registry = await Registry.start(join(folder, "registry"))
  try {
    Registry.makeHome(home, registry.url)
    copyTo(here.cwd)
    await run("git", ["init", "--quiet", "--initial-branch", "main"], here)
    await run("git", ["config", "user.name", "Rehearsal"], here)
    await run("git", ["config", "user.email", "rehearsal@localhost"], here)
    await commit(here, "As it is")
    say(`copied, with a registry at ${registry.url}`)

    const { version, changelogs, changesets } = await makeVersion(here)
    const names = changelogs.map((each) => each.name)
    say(`${names.length} packages have the version ${version}, by ${changesets} changesets`)

    await assertHere(here, registry.url, packagesIn(here.cwd).map(readManifest))
    const [others] = await Promise.all([publishOthers(home, ["va", "sandbox"]), run("changeset", ["publish"], here)])
    const tags = (await run("git", ["tag"], here)).trim().split("\n").toSorted()
    deepStrictEqual(tags, names.map((name) => `${name}@${version}`).toSorted(), "one tag for each package")
    say(`published, with ${others} packages of others`)

    const merchant: Place = { home, cwd: join(folder, "merchant") }
    const platform: Place = { home, cwd: join(folder, "platform") }
    await Promise.all([install(merchant, "@paykka/va", "merchant"), install(platform, "@paykka/sandbox", "platform")])
    const needed = ["@paykka/va", "@paykka/core", "@paykka/schemas", "@paykka/signing"]
    refuse("npm has not installed what it should have:", installFaults(merchant.cwd, needed, version))
    say("installed from there into empty projects")

    deepStrictEqual(await call(merchant, platform), {
      open: { _tag: "Succeeded", status: "ENABLED", currencies: ["EUR"] },
      forge: "Unauthorized"
    })
    say("a signed call was answered, a forged one was refused")

    say(`the next release would be ${await makeNextVersion(here, version)}`)
    return { version, packages: names.length, changelogs }
  } finally {
    await registry.close()
  }
}
