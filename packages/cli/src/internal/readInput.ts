/** What a command reads: a file, or stdin. */
import { readFile } from "node:fs/promises"
import * as Effect from "effect/Effect"
import { type Failure, usage } from "./Failure.ts"

/** The system's name of a failure: ENOENT. */
export const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? String(cause)

/** Bytes of a file; `-` is stdin. */
export const readInput = (file: string): Effect.Effect<Uint8Array<ArrayBuffer>, Failure> =>
  Effect.tryPromise({
    try: async () => {
      if (file !== "-") return new Uint8Array(await readFile(file))
      const chunks: Array<Buffer> = []
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
      return new Uint8Array(Buffer.concat(chunks))
    },
    catch: (cause) => usage(`${file} cannot be read (${codeOf(cause)})`)
  })
