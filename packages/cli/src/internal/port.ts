/** Where a command listens. */
import * as Flag from "effect/cli/Flag"
import { type Failure, usage } from "./Failure.ts"
import { codeOf } from "./readInput.ts"

export const flags = (port: number) => ({
  port: Flag.Int("port").pipe(
    Flag.withDescription("0 is a free one"),
    Flag.filter(
      (given) => given >= 0 && given < 65_536,
      () => "from 0 to 65535"
    ),
    Flag.withDefault(port)
  ),
  host: Flag.String("host").pipe(
    Flag.withMetavar("ADDRESS"),
    Flag.withDescription("Where it listens; others than 127.0.0.1 can be reached from outside"),
    // An empty one would be all of them.
    Flag.filter(
      (given) => given.trim() !== "",
      () => "an address such as 127.0.0.1"
    ),
    Flag.withDefault("127.0.0.1")
  )
})

/** An address of IPv6 is in brackets. */
export const originOf = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}`

/** Of the system's failure. */
export const cannotListen = (
  { host, port }: { readonly host: string; readonly port: number },
  cause: unknown
): Failure => {
  const code = codeOf(cause)
  return code === "EADDRINUSE"
    ? usage(`port ${port} is taken`, "choose another --port; 0 is a free one")
    : usage(`${host}:${port} cannot be listened on (${code})`)
}
