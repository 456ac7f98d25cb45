/** Profiles: named sets of settings in a file. Keys stand there by reference only. */
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { homedir } from "node:os"
import { dirname, join, resolve } from "node:path"
import * as Json from "@paykka/schemas/Json"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Failure, usage } from "./Failure.ts"
import { codeOf } from "./readInput.ts"

/** The fields of a profile, each with the variable that it stands for. */
const fields: Readonly<Record<string, { readonly variable: string; readonly kind: "text" | "object" | "key" }>> = {
  environment: { variable: "PAYKKA_ENVIRONMENT", kind: "text" },
  baseUrl: { variable: "PAYKKA_BASE_URL", kind: "text" },
  merchId: { variable: "PAYKKA_MERCH_ID", kind: "text" },
  timeout: { variable: "PAYKKA_TIMEOUT", kind: "text" },
  undocumentedPaths: { variable: "PAYKKA_UNDOCUMENTED_PATHS", kind: "text" },
  overrides: { variable: "PAYKKA_OVERRIDES", kind: "object" },
  keyId: { variable: "PAYKKA_KEY_ID", kind: "text" },
  privateKey: { variable: "PAYKKA_PRIVATE_KEY", kind: "key" },
  platformPublicKey: { variable: "PAYKKA_PLATFORM_PUBLIC_KEY", kind: "key" },
  platformKeyId: { variable: "PAYKKA_PLATFORM_KEY_ID", kind: "text" },
  platformPublicKeyNext: { variable: "PAYKKA_PLATFORM_PUBLIC_KEY_NEXT", kind: "key" },
  platformKeyIdNext: { variable: "PAYKKA_PLATFORM_KEY_ID_NEXT", kind: "text" },
  platformPrivateKey: { variable: "PAYKKA_PLATFORM_PRIVATE_KEY", kind: "key" }
}

/** A value that a profile gives: at hand, or to be fetched when it is needed. */
export interface Given {
  readonly variable: string
  readonly value: Effect.Effect<string, Failure>
}

export interface Profile {
  readonly name: string
  readonly file: string
  readonly given: ReadonlyArray<Given>
}

const forms = `{ "env": "NAME" }, { "file": "path" } or { "command": ["program", "argument"] }`

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string")

/** The output of a program that hands out a key. What it asks the user goes past us. */
const outputOf = (where: string, [program = "", ...args]: ReadonlyArray<string>): Effect.Effect<string, Failure> =>
  Effect.callback((resume, signal) => {
    const child = execFile(program, args, { signal, maxBuffer: 1024 * 1024 }, (error, stdout) => {
      if (error === null) return resume(Effect.succeed(stdout))
      const how = typeof error.code === "number" ? `ended with ${error.code}` : `failed (${error.code ?? "ended"})`
      resume(Effect.fail(usage(`${where}: the command ${JSON.stringify(program)} ${how}`)))
    })
    child.stderr?.pipe(process.stderr)
    child.stdin?.end()
  })

/** The reference to a key, as the variables that stand for it. */
const keyOf = (
  where: string,
  variable: string,
  reference: unknown,
  folder: string,
  mayRun: boolean
): Result.Result<Given, Failure> => {
  const refuse = (message: string, hint?: string) => Result.fail(usage(`${where} ${message}`, hint))
  if (typeof reference === "string") {
    return refuse("must not hold the key: a file like this is copied, shared and committed", `refer to it: ${forms}`)
  }
  const [entry, ...others] = Json.isObject(reference) ? Object.entries(reference) : []
  if (entry === undefined || others.length > 0) return refuse(`must be ${forms}`)
  const [kind, value] = entry
  if (kind === "env" && typeof value === "string") {
    const text = process.env[value]
    return Result.succeed({
      variable,
      value:
        text === undefined || text === ""
          ? Effect.fail(usage(`${where}: the variable ${value} is not set`))
          : Effect.succeed(text)
    })
  }
  if (kind === "file" && typeof value === "string") {
    return Result.succeed({ variable: `${variable}_FILE`, value: Effect.succeed(resolve(folder, value)) })
  }
  if (kind === "command" && isTexts(value)) {
    return mayRun
      ? Result.succeed({ variable, value: outputOf(where, value) })
      : refuse(
          "has a command, which a paykka.json that was found in a folder may not run",
          "put the profile into the configuration of your own, or name the file with --config"
        )
  }
  return refuse(`must be ${forms}`)
}

const readProfile = (file: string, name: string, value: unknown, mayRun: boolean): Result.Result<Profile, Failure> => {
  const fail = (message: string, hint?: string) => Result.fail(usage(`${file}: ${message}`, hint))
  if (!Json.isObject(value)) return fail(`profiles.${name} must be an object`)
  const given: Array<Given> = []
  for (const [field, content] of Object.entries(value)) {
    const known = Object.hasOwn(fields, field) ? fields[field] : undefined
    const where = `profiles.${name}.${field}`
    if (known === undefined) return fail(`${where} is no setting`, `there are ${Object.keys(fields).join(", ")}`)
    const { variable, kind } = known
    if (kind === "key") {
      const key = keyOf(`${file}: ${where}`, variable, content, dirname(file), mayRun)
      if (Result.isFailure(key)) return Result.fail(key.failure)
      given.push(key.success)
    } else if (kind === "object") {
      if (!Json.isObject(content)) return fail(`${where} must be an object`)
      given.push({ variable, value: Effect.succeed(Json.stringify(content)) })
    } else {
      if (typeof content !== "string" || content === "") return fail(`${where} must be a text`)
      given.push({ variable, value: Effect.succeed(content) })
    }
  }
  return Result.succeed({ name, file, given })
}

/** The file with the profiles: the one that was named, the folder's, the user's. */
const candidates = (named: string | undefined): ReadonlyArray<{ readonly file: string; readonly mayRun: boolean }> => {
  if (named !== undefined) return [{ file: resolve(named), mayRun: true }]
  const { XDG_CONFIG_HOME: configured = "" } = process.env
  const folder = configured === "" ? join(homedir(), ".config") : configured
  return [
    { file: resolve("paykka.json"), mayRun: false },
    { file: join(folder, "paykka", "config.json"), mayRun: true }
  ]
}

/** The text of a file; undefined where it is not there. */
const readText = (file: string): Effect.Effect<string | undefined, Failure> =>
  Effect.tryPromise({
    try: () =>
      readFile(file, "utf8").catch((cause: unknown) => {
        if (codeOf(cause) !== "ENOENT") throw cause
        return undefined
      }),
    catch: (cause) => usage(`${file} cannot be read (${codeOf(cause)})`)
  })

/**
 * The profile that is in force; undefined where there is none.
 *
 * @param config the file, where one was named
 * @param wanted the profile, where one was named; else the file's `default`
 */
export const load = Effect.fnUntraced(function* (
  config: string | undefined,
  wanted: string | undefined
): Effect.fn.Return<Profile | undefined, Failure> {
  for (const { file, mayRun } of candidates(config)) {
    const text = yield* readText(file)
    if (text === undefined) continue
    const parsed = Json.parse(text)
    if (Result.isFailure(parsed)) return yield* usage(`${file}: the text ${parsed.failure.detail}`)
    const json = parsed.success
    const { default: usual, profiles, ...others }: Readonly<Record<string, unknown>> = Json.isObject(json) ? json : {}
    if (!Json.isObject(profiles) || Object.keys(others).length > 0 || typeof (usual ?? "") !== "string") {
      const hint = `{ "default": "test", "profiles": { "test": { "environment": "sandbox" } } }`
      return yield* usage(`${file} must have "profiles", and perhaps a "default", and nothing else`, hint)
    }
    const name = wanted ?? (usual as string | undefined)
    if (name === undefined) return undefined
    if (!Object.hasOwn(profiles, name)) {
      return yield* usage(
        `${file} has no profile ${JSON.stringify(name)}`,
        `it has ${Object.keys(profiles).join(", ")}`
      )
    }
    return yield* Effect.fromResult(readProfile(file, name, profiles[name], mayRun))
  }
  if (config !== undefined) return yield* usage(`${config} is not there`)
  if (wanted !== undefined) {
    const looked = candidates(config).map(({ file }) => file)
    return yield* usage(`there is no profile ${JSON.stringify(wanted)}: no file ${looked.join(" or ")}`)
  }
  return undefined
})
