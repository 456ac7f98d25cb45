/** Files: kept are their sizes and digests, not their bytes. Who signed an upload owns the file. */
import * as File from "@paykka/schemas/File"
import * as Integer from "@paykka/schemas/Integer"
import * as Json from "@paykka/schemas/Json"
import * as Result from "effect/Result"
import { refuse } from "./refusal.ts"
import { type Route, type World, route } from "./world.ts"

/** The domain. */
export interface Files {
  readonly routes: ReadonlyArray<Route>
  /** Refuses a message that names a file which nobody has uploaded. */
  readonly demand: (owner: string, message: unknown) => void
}

/** The digits of an id, as a program or as JSON has them; empty for what is no id. */
const idOf = (value: unknown): string => {
  const id = Integer.parse(Json.isRawNumber(value) ? value.rawJSON : value)
  return Result.isSuccess(id) ? id.success : ""
}

/** All ids of files in a message, each with its path: members that are called `..._file_id` or `..._file_ids`. */
const fileIds = (value: unknown, path = ""): ReadonlyArray<readonly [path: string, id: string]> => {
  if (Array.isArray(value)) return value.flatMap((item, index) => fileIds(item, `${path}[${index}]`))
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const inner = path === "" ? name : `${path}.${name}`
    if (name.endsWith("_file_id") && member !== undefined) return [[inner, idOf(member)] as const]
    if (name.endsWith("_file_ids") && Array.isArray(member)) {
      return member.map((id, index) => [`${inner}[${index}]`, idOf(id)] as const)
    }
    return fileIds(member, inner)
  })
}

/** The domain, over a state of its own. */
export const make = ({ settings, number }: World): Files => {
  const owners = new Map<string, string>()
  return {
    routes: [
      route(File.upload, ({ owner, input, json, sha256 }) => {
        const { bytes } = input.file
        if (bytes.length === 0) refuse("010000", "file is empty")
        if (bytes.length > settings.maxFileBytes) {
          refuse("010005", `${bytes.length} bytes; ${settings.maxFileBytes} are allowed`)
        }
        // That `meta` has a digest, and under this name, is a guess; where there is one it must be right.
        const { sha256: claimed = sha256 } = json
        if (claimed !== sha256) refuse("010000", "meta.sha256 is not the digest of the file")
        const id = number("1")
        owners.set(id, owner)
        return { file_id: Json.rawNumber(id) }
      })
    ],
    demand: (owner, message) => {
      for (const [path, id] of fileIds(message)) {
        if (owners.get(id) !== owner) refuse("010002", `${path} names no uploaded file`)
      }
    }
  }
}
