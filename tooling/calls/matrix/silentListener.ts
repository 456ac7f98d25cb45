/** A port where connections do not open: its queue is full, and the process that listens never takes one out. */
import { spawn } from "node:child_process"
import { type Socket, connect } from "node:net"
import * as Effect from "effect/Effect"

const program = `
  const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    require("node:fs").writeSync(1, server.address().port + "\\n")
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`

/** More than the queue of the system takes. */
const fillers = 8

/** The address; the scope's end gives it up. */
export const make = Effect.acquireRelease(
  Effect.promise(async () => {
    const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] })
    const port = await new Promise<number>((resolve) =>
      child.stdout.once("data", (text) => resolve(Number(String(text))))
    )
    const sockets = Array.from({ length: fillers }, (): Socket =>
      connect(port, "127.0.0.1").on("error", () => undefined)
    )
    // The first ones open at once; from then on the queue is full.
    await new Promise((resolve) => sockets[0]!.once("connect", resolve))
    await new Promise((resolve) => sockets[1]!.once("connect", resolve))
    return { baseUrl: `http://127.0.0.1:${port}`, child, sockets }
  }),
  ({ child, sockets }) =>
    Effect.sync(() => {
      child.kill("SIGKILL")
      for (const socket of sockets) socket.destroy()
    })
).pipe(Effect.map(({ baseUrl }) => baseUrl))
