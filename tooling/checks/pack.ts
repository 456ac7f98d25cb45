// The packages as they would be published, packed once for all checks that look at them.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { packageFolders, root, runTool } from "./check.ts"

export interface Packed {
  readonly folder: string
  readonly name: string
  readonly tarball: string
  /** Where the tarball is unpacked. */
  readonly content: string
}

let packed: Promise<ReadonlyArray<Packed>> | undefined

export const packAll = (): Promise<ReadonlyArray<Packed>> => (packed ??= pack())

const pack = async (): Promise<ReadonlyArray<Packed>> => {
  const destination = mkdtempSync(join(tmpdir(), "paykka-pack-"))
  process.on("exit", () => rmSync(destination, { recursive: true, force: true }))
  return Promise.all(
    packageFolders().map(async (folder) => {
      const { name } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as { readonly name: string }
      const tarball = join(destination, `${basename(folder)}.tgz`)
      const result = await runTool("pnpm", ["pack", "--out", tarball], { cwd: join(root, folder) })
      if (!result.ok) throw new Error(`pnpm pack failed in ${folder}:\n${result.output}`)
      const unpacked = join(destination, basename(folder))
      mkdirSync(unpacked)
      const unpacking = await runTool("tar", ["-xzf", tarball, "-C", unpacked])
      if (!unpacking.ok) throw new Error(`${tarball} cannot be unpacked:\n${unpacking.output}`)
      return { folder, name, tarball, content: join(unpacked, "package") }
    })
  )
}
