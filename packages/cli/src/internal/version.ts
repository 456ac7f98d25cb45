import { readFileSync } from "node:fs"
import module from "node:module"

/** The version of this package. */
export const version = (): string => {
  const file = module.findPackageJSON("..", import.meta.url)!
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version
}
