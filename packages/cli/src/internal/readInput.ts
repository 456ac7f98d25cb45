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
      if (process.stdin.isTTY) process.stderr.write("paste it here, then press Ctrl-D\n")
      const chunks: Array<Buffer> = []
      for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
      return new Uint8Array(Buffer.concat(chunks))
    },
    catch: (cause) => usage(`${file} cannot be read (${codeOf(cause)})`)
  })

/** The bytes of a flag's value: the text itself, `@` and a file, or `-` for stdin. */
export const readValue = (value: string): Effect.Effect<Uint8Array<ArrayBuffer>, Failure> => {
  if (value === "-") return readInput(value)
  return value.startsWith("@") ? readInput(value.slice(1)) : Effect.succeed(new TextEncoder().encode(value))
}
