/** A registry of its own, for one rehearsal: on loopback, in a folder that vanishes, and without a way to any other registry. */
import { once } from "node:events"
import { mkdirSync, writeFileSync } from "node:fs"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { runServer } from "verdaccio"

export interface Registry {
  /** "http://127.0.0.1:40123/". */
  readonly url: string
  readonly close: () => Promise<void>
}

/** Starts a registry that keeps everything in a folder. What was not published to it, it does not have. */
export const start = async (folder: string): Promise<Registry> => {
  mkdirSync(folder, { recursive: true })
  const server = (await runServer({
    configPath: folder,
    self_path: folder,
    storage: join(folder, "storage"),
    uplinks: {},
    packages: { "**": { access: "$all", publish: "$all", unpublish: "$none" } },
    auth: { htpasswd: { file: join(folder, "htpasswd"), max_users: -1 } },
    web: { enable: false },
    max_body_size: "200mb",
    log: { type: "file", path: join(folder, "log.json"), format: "json", level: "warn" }
  })) as Server
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    }
  }
}

/** Whether nothing that is sent there leaves this machine. */
export const isLoopback = (url: string): boolean => {
  const { protocol, hostname } = new URL(url)
  return protocol === "http:" && /^(127(\.\d+){3}|\[::1\]|localhost)$/.test(hostname)
}

/** A home folder whose user publishes to this registry and installs from it, and knows no other and no token of another. */
export const makeHome = (folder: string, url: string): void => {
  if (!isLoopback(url)) throw new Error(`A rehearsal publishes to this machine only, not to ${url}`)
  mkdirSync(folder, { recursive: true })
  const settings = [
    `registry=${url}`,
    `${url.replace(/^http:/, "")}:_authToken=rehearsal`,
    "provenance=false",
    "audit=false",
    "fund=false",
    "update-notifier=false",
    ""
  ]
  writeFileSync(join(folder, ".npmrc"), settings.join("\n"))
}
