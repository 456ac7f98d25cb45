/** The commands: a module and a line here each. A module is loaded only when its command is called. */
import type * as Command from "effect/cli/Command"

/** What the module of a command has. */
export interface Module {
  /** @param args of the command line: what is costly is made only for what they name */
  readonly command: (args: ReadonlyArray<string>) => Command.Command.Any
}

interface Entry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Module>
}

export const table: ReadonlyArray<Entry> = [
  { name: "keys", summary: "Make and check RSA key pairs", load: () => import("./keys.ts") },
  { name: "operations", summary: "List the operations of the API", load: () => import("./operations.ts") },
  { name: "call", summary: "Call an operation", load: () => import("./call.ts") },
  { name: "sign", summary: "Sign a message", load: () => import("./sign.ts") },
  { name: "verify", summary: "Verify a signed message", load: () => import("./verify.ts") },
  { name: "explain", summary: "Say why a signature is refused", load: () => import("./explain.ts") },
  { name: "sandbox", summary: "Run a local PayKKa", load: () => import("./sandbox.ts") },
  { name: "listen", summary: "Receive, verify and show notifications", load: () => import("./listen.ts") },
  { name: "trigger", summary: "Send a signed notification", load: () => import("./trigger.ts") },
  { name: "replay", summary: "Send a saved message again", load: () => import("./replay.ts") },
  { name: "codes", summary: "Load and search code tables", load: () => import("./codes.ts") },
  { name: "doctor", summary: "Find what is wrong with a setup", load: () => import("./doctor.ts") }
]
