/** The reports of the packages of the workspace. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { formatted } from "@paykka/tooling-text/format"
import { type Demands, type Modules, report } from "./report.ts"

export const root = fileURLToPath(new URL("../..", import.meta.url))

/** A report, and where it belongs. */
export interface Report {
  /** "packages/va/api.md". */
  readonly file: string
  readonly text: string
}

interface Manifest extends Demands {
  readonly name: string
}

const end = ".d.ts"

const readModules = (dist: string): Modules =>
  new Map(
    readdirSync(dist, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(end))
      .map((file) => [file.slice(0, -end.length), readFileSync(join(dist, file), "utf8")])
  )

/** The reports of what is built. */
export const reports = (): Promise<ReadonlyArray<Report>> =>
  Promise.all(
    readdirSync(join(root, "packages"))
      .filter((folder) => existsSync(join(root, "packages", folder, "package.json")))
      .map(async (folder) => {
        const manifest = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")) as Manifest
        const file = `packages/${folder}/api.md`
        const modules = readModules(join(root, "packages", folder, "dist"))
        return { file, text: await formatted(file, report(manifest.name, manifest, modules)) }
      })
  )

const current = (file: string): string | undefined =>
  existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : undefined

/** The reports that are not what is checked in. */
export const stale = (wanted: ReadonlyArray<Report>): ReadonlyArray<Report> =>
  wanted.filter(({ file, text }) => current(file) !== text)

/** Writes reports. */
export const write = (some: ReadonlyArray<Report>): void => {
  for (const { file, text } of some) writeFileSync(join(root, file), text)
}
