/** A POST to a receiver of notifications: nothing is followed, and what is not answered is a word. */
import * as Effect from "effect/Effect"

export interface Answer {
  readonly status: number
  readonly contentType: string | null
  readonly body: string
}

const timeoutMillis = 30_000

/** Why there was no answer: the system's name of it (`ECONNREFUSED`), else what `fetch` says. */
const reasonOf = (cause: unknown): string => {
  const { name, cause: beneath } = cause as Error
  const { code, message } = (beneath ?? {}) as Partial<NodeJS.ErrnoException>
  return code ?? message ?? name
}

export const post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array
): Effect.Effect<Answer, string> =>
  Effect.tryPromise({
    try: async (interrupted) => {
      const signal = AbortSignal.any([interrupted, AbortSignal.timeout(timeoutMillis)])
      const init = { method: "POST", headers, body: new Uint8Array(body), redirect: "manual", signal } as const
      const response = await fetch(url, init)
      return {
        status: response.status,
        contentType: response.headers.get("content-type"),
        body: await response.text()
      }
    },
    catch: reasonOf
  })
