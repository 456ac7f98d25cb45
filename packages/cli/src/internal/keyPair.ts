/** Pairs of key files: PEM, PKCS#8 and SPKI, for their owner only, and never overwritten. */
import { generateKeyPair } from "node:crypto"
import { open, rm } from "node:fs/promises"
import { promisify } from "node:util"
import * as Effect from "effect/Effect"
import { type Failure, failed, usage } from "./Failure.ts"
import { codeOf } from "./readInput.ts"

/** Makes a file that was not there, for its owner only. */
const reserve = (file: string): Effect.Effect<void, Failure> =>
  Effect.tryPromise({
    try: async () => (await open(file, "wx", 0o600)).close(),
    catch: (cause) =>
      codeOf(cause) === "EEXIST"
        ? usage(`${file} is there already, and no key is ever overwritten`, "choose another --out, or move it away")
        : usage(`${file} cannot be made (${codeOf(cause)})`)
  })

const remove = (file: string): Effect.Effect<void> => Effect.promise(() => rm(file, { force: true }))

/** Writes both files, or leaves neither. */
export const writePair = (files: readonly [string, string], pair: Effect.Effect<readonly [string, string], Failure>) =>
  Effect.gen(function* () {
    const [privateFile, publicFile] = files
    yield* reserve(privateFile)
    yield* Effect.gen(function* () {
      yield* reserve(publicFile)
      yield* Effect.gen(function* () {
        const texts = yield* pair
        for (const [index, file] of files.entries()) {
          yield* Effect.tryPromise({
            try: async () => {
              await using handle = await open(file, "r+")
              await handle.writeFile(texts[index]!)
            },
            catch: (cause) => failed(`${file} cannot be written (${codeOf(cause)})`)
          })
        }
      }).pipe(Effect.onError(() => remove(publicFile)))
    }).pipe(Effect.onError(() => remove(privateFile)))
  })

export const makePair = (bits: number) =>
  Effect.promise(async () => {
    const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", {
      modulusLength: bits,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" }
    })
    return [privateKey, publicKey] as const
  })
