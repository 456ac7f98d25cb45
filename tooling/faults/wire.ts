/** A wire to a service of this machine, which breaks in the middle of conversations. */
import { type AddressInfo, type Socket, connect, createServer } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** Where a conversation breaks off. */
export const breaks = ["before the question arrives", "in the middle of the answer", "instead of the answer"] as const
export type Break = (typeof breaks)[number]

/** When it breaks. */
export interface Plan {
  /** One of how many questions meets with a break; counted over all connections. */
  readonly every: number
  /** How many breaks there are at most, of all kinds in turn. */
  readonly atMost: number
}

/** A wire. */
export interface Wire {
  readonly port: number
  /** How often it has broken in each way. */
  readonly broken: ReadonlyMap<Break, number>
  /** Breaks from now on. */
  readonly begin: (plan: Plan) => void
}

/** Lays a wire, for the time of the scope. */
export const make = (target: number): Effect.Effect<Wire, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const broken = new Map<Break, number>()
        const open = new Set<Socket>()
        let plan: Plan = { every: Infinity, atMost: 0 }
        let questions = 0
        let planned = 0

        const nextBreak = (): Break | undefined => {
          if (planned >= plan.atMost || ++questions % plan.every !== 0) return undefined
          return breaks[planned++ % breaks.length]
        }

        const server = createServer({ noDelay: true }, (near) => {
          const far = connect({ host: "127.0.0.1", port: target, noDelay: true })
          let due: Break | undefined
          const breakOff = (how: Break, last?: Uint8Array) => {
            broken.set(how, (broken.get(how) ?? 0) + 1)
            far.destroy()
            if (last === undefined) near.destroy()
            else near.write(last, () => near.destroy())
          }
          for (const [socket, other] of [
            [near, far],
            [far, near]
          ] as const) {
            open.add(socket)
            socket.on("error", () => undefined)
            socket.on("close", () => {
              open.delete(socket)
              other.destroy()
            })
          }
          near.on("data", (data) => {
            due ??= nextBreak()
            if (due === "before the question arrives") breakOff(due)
            else far.write(data)
          })
          far.on("data", (data) => {
            if (due === undefined) near.write(data)
            else breakOff(due, due === "in the middle of the answer" ? data.subarray(0, data.length >> 1) : undefined)
          })
        })
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
        const wire: Wire = {
          port: (server.address() as AddressInfo).port,
          broken,
          begin: (begun) => {
            plan = begun
          }
        }
        const close = () => {
          server.close()
          for (const socket of open) socket.destroy()
        }
        return { wire, close }
      }),
      ({ close }) => Effect.sync(close)
    ),
    ({ wire }) => wire
  )
