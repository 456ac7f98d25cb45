/** A port that cannot be had. */
import { codeOf } from "./readInput.ts"
import { type Failure, usage } from "./Failure.ts"

export const cannotListen = (
  { host, port }: { readonly host: string; readonly port: number },
  cause: unknown
): Failure => {
  const code = codeOf(cause)
  return code === "EADDRINUSE"
    ? usage(`port ${port} is taken`, "choose another --port; 0 is a free one")
    : usage(`${host}:${port} cannot be listened on (${code})`)
}
