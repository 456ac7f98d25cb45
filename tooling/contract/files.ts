/** The files that are written: their texts, and whether what is there is still that. */
import { readFileSync, writeFileSync } from "node:fs"
import * as OpenApi from "@paykka/schemas/OpenApi"
import { formatted } from "@paykka/tooling-text/format"
import type { Code } from "./code-facts.ts"
import type { Verdict } from "./compare.ts"
import type { Contract } from "./contract.ts"
import { describe, descriptionsModule } from "./descriptions.ts"
import { differences } from "./differences.ts"
import { page } from "./page.ts"

const root = new URL("../../", import.meta.url)

/** The files by their names from the root. */
export type Files = Readonly<Record<string, string>>

/** The OpenAPI document of the code, with the contract's words. */
export const openApi = (contract: Contract, code: Code): OpenApi.Document =>
  OpenApi.make({
    operations: code.operations,
    notifications: code.notifications,
    describe: describe(contract)
  })

/** All that is written. */
export const files = async (contract: Contract, code: Code, verdict: Verdict): Promise<Files> => {
  const texts: Files = {
    "packages/schemas/src/internal/descriptions.ts": descriptionsModule(contract),
    "docs/contract.md": page(contract, code, verdict, differences),
    "docs/openapi.json": JSON.stringify(openApi(contract, code), null, 2)
  }
  const entries = Object.entries(texts).map(async ([file, text]) => [file, await formatted(file, text)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

const current = (url: URL): string | undefined => {
  try {
    return readFileSync(url, "utf8")
  } catch {
    return undefined
  }
}

/** The files that are not what would be written. */
export const stale = (wanted: Files, folder: URL = root): ReadonlyArray<string> =>
  Object.keys(wanted).filter((file) => current(new URL(file, folder)) !== wanted[file])

/** Writes what is stale, and says what that was. */
export const write = (wanted: Files, folder: URL = root): ReadonlyArray<string> => {
  const outdated = stale(wanted, folder)
  for (const file of outdated) writeFileSync(new URL(file, folder), wanted[file]!)
  return outdated
}
