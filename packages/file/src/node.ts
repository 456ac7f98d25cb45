/** Files from paths. For Node, Bun and Deno; everything else in this package runs anywhere. */
import { openAsBlob } from "node:fs"
import { stat } from "node:fs/promises"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import { invalidRequest, type PaykkaError } from "@paykka/core/PaykkaError"
import { upload } from "@paykka/schemas/File"
import * as Effect from "effect/Effect"

const refuse = (rule: string): PaykkaError => invalidRequest(upload.id, [{ path: "path", rule }])

// Neither the path nor the system's message, which quotes it: the name of a file may be that of a person.
const unreadable = (error: unknown): PaykkaError => {
  const code = (error as Partial<NodeJS.ErrnoException> | undefined)?.code ?? "unknown error"
  return refuse(`names no file that can be read (${code})`)
}

/**
 * A file by its path, as a source for `upload`, with its name. Its content is read when it is uploaded, piece by piece; a file
 * that has changed by then is refused. Fails with `InvalidRequest` where there is no file that can be read.
 */
export const fromPath = (path: string | URL): Effect.Effect<File, PaykkaError> =>
  Effect.gen(function* () {
    const stats = yield* Effect.tryPromise({ try: () => stat(path), catch: unreadable })
    if (!stats.isFile()) return yield* refuse("names a folder or a device, not a file")
    const blob = yield* Effect.tryPromise({ try: () => openAsBlob(path), catch: unreadable })
    return new File([blob], basename(typeof path === "string" ? path : fileURLToPath(path)))
  })
