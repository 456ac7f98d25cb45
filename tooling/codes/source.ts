/** The files of an installed package. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"

const require = createRequire(import.meta.url)

/** The text of a file of a package. */
export const read = (name: string, file: string): string => readFileSync(require.resolve(`${name}/${file}`), "utf8")

/** A package as a source: how rows name it, and the licence that goes with them. */
export interface Source {
  /** `i18n-iso-countries 7.14.0`. */
  readonly title: string
  /** `standard:i18n-iso-countries@7.14.0`. */
  readonly label: string
  readonly licence: string
}

/** The source that a package is. */
export const source = (name: string): Source => {
  const { version } = JSON.parse(read(name, "package.json")) as { readonly version: string }
  return {
    title: `${name} ${version}`,
    label: `standard:${name}@${version}`,
    licence: read(name, "LICENSE").replaceAll("\r\n", "\n").trim()
  }
}
