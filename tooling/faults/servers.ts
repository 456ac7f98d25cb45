/** A PostgreSQL and a Redis of one's own, which a test may kill and start again. The data is in a folder of its own. */
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process"
import { chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** A database server. */
export interface Server {
  readonly port: number
  /** Ends it as a crash would: SIGKILL to all of its processes. */
  readonly kill: () => Promise<void>
  /** Starts it, on the data that it left, and waits until it takes connections. */
  readonly start: () => Promise<void>
}

/** What can be found out before anything is started. */
export interface Kind {
  readonly name: "PostgreSQL" | "Redis"
  /** Why there can be none, or undefined. */
  readonly missing: string | undefined
  readonly make: Effect.Effect<Server, never, Scope.Scope>
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })

/** PostgreSQL refuses to run as root. */
const user: { readonly uid?: number; readonly gid?: number } | undefined = (() => {
  if (process.getuid?.() !== 0) return {}
  for (const name of ["postgres", "nobody"]) {
    const [uid = 0, gid = 0] = ["-u", "-g"].map((flag) => Number(spawnSync("id", [flag, name]).stdout ?? 0))
    if (uid > 0 && gid > 0) return { uid, gid }
  }
  return undefined
})()

const folder = Effect.acquireRelease(
  Effect.sync(() => {
    const made = mkdtempSync(join(tmpdir(), "paykka-faults-server-"))
    if (user?.uid !== undefined) chownSync(made, user.uid, user.gid!)
    return made
  }),
  (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
)

/** All processes below one, from the kernel's own list. */
const descendants = (pid: number): ReadonlyArray<number> => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim()
  return children === "" ? [] : children.split(" ").flatMap((child) => [Number(child), ...descendants(Number(child))])
}

/** A process that is dead may still be listed, until somebody asks what became of it. */
const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

const killTree = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  // It makes no new ones while it stands still.
  child.kill("SIGSTOP")
  const all = [child.pid, ...descendants(child.pid)]
  for (const pid of all) process.kill(pid, "SIGKILL")
  while (all.some(isAlive)) await sleep(5)
}

const makeServer = (
  command: string,
  args: (port: number, data: string) => ReadonlyArray<string>,
  prepare: (data: string) => Promise<unknown>,
  // That it listens is not enough: while it recovers what a crash has left, it refuses.
  isReady: (port: number) => Promise<boolean>
): Effect.Effect<Server, never, Scope.Scope> =>
  Effect.gen(function* () {
    const data = yield* folder
    yield* Effect.promise(() => prepare(data))
    const port = yield* Effect.promise(freePort)
    let child: ChildProcess | undefined
    const kill = async () => {
      if (child !== undefined) await killTree(child)
      child = undefined
    }
    yield* Effect.addFinalizer(() => Effect.promise(kill))
    return {
      port,
      kill,
      start: async () => {
        const started = spawn(command, args(port, data), { ...user, cwd: data, stdio: "ignore" })
        child = started
        for (const deadline = Date.now() + 60_000; !(await isReady(port)); await sleep(20)) {
          if (started.exitCode !== null || Date.now() > deadline) throw new Error(`${command} does not start`)
        }
      }
    }
  })

const binaries = ((): string | undefined => {
  const root = "/usr/lib/postgresql"
  if (!existsSync(root)) return undefined
  const newest = readdirSync(root).toSorted((a, b) => Number(b) - Number(a))[0]
  return newest === undefined ? undefined : join(root, newest, "bin")
})()

const ownPostgres: Kind = {
  name: "PostgreSQL",
  missing:
    binaries === undefined
      ? "there are no binaries of PostgreSQL in /usr/lib/postgresql"
      : user === undefined
        ? "there is no user but root who could run PostgreSQL"
        : undefined,
  make: makeServer(
    join(binaries ?? "", "postgres"),
    (port, data) => [
      "-D",
      data,
      "-p",
      String(port),
      "-c",
      "listen_addresses=127.0.0.1",
      "-c",
      `unix_socket_directories=${data}`
    ],
    (data) =>
      promisify(execFile)(
        join(binaries ?? "", "initdb"),
        ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        { ...user, cwd: data }
      ),
    (port) =>
      promisify(execFile)(join(binaries ?? "", "pg_isready"), [
        "-h",
        "127.0.0.1",
        "-p",
        String(port),
        "-U",
        "postgres"
      ]).then(
        () => true,
        () => false
      )
  )
}

const ownRedis: Kind = {
  name: "Redis",
  missing: spawnSync("redis-server", ["--version"]).status === 0 ? undefined : "there is no redis-server",
  make: makeServer(
    "redis-server",
    (port, data) =>
      Object.entries({
        port,
        bind: "127.0.0.1",
        dir: data,
        save: "",
        appendonly: "yes",
        appendfsync: "always"
      }).flatMap(([name, value]) => [`--${name}`, String(value)]),
    async () => undefined,
    (port) =>
      new Promise((resolve) => {
        const socket = connect({ host: "127.0.0.1", port, timeout: 2000 }, () => socket.write("PING\r\n"))
        const end = (isPong: boolean) => {
          socket.destroy()
          resolve(isPong)
        }
        socket.once("data", (data) => end(String(data).startsWith("+PONG")))
        socket
          .once("error", () => end(false))
          .once("timeout", () => end(false))
          .once("close", () => end(false))
      })
  )
}

/** The servers that this machine may have. */
export const servers: ReadonlyArray<Kind> = [ownPostgres, ownRedis]
