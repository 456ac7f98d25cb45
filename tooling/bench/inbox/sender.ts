/** The process that sends: signs notifications beforehand, then sends them over connections that are kept alive. */
import { Agent, request } from "node:http"
import { randomBytes } from "node:crypto"
import { notify } from "../material.ts"
import { quantile } from "../statistics.ts"

/** What it is told. */
export type Order =
  /** Sign so many, in place of those before. */
  | { readonly sign: number }
  /** Send them to a server for so long, at most, over so many connections. */
  | { readonly port: number; readonly millis: number; readonly connections: number }

/** What it answers to an order to send. */
export interface Measured {
  readonly accepted: number
  readonly perSecond: number
  /** Milliseconds from the request to the end of its answer. */
  readonly p50: number
  readonly p99: number
}

type Notification = Awaited<ReturnType<typeof notify>>["message"]

let notifications: ReadonlyArray<Notification> = []

const agents = new Map<number, Agent>()

/** One agent for each server: its connections stay from round to round. */
const agentOf = (port: number, connections: number): Agent => {
  const agent = agents.get(port) ?? new Agent({ keepAlive: true, maxSockets: connections })
  agents.set(port, agent)
  return agent
}

const post = (agent: Agent, port: number, { path, merchId, authorization, body }: Notification): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = {
      Authorization: authorization,
      "X-Merch-Id": merchId,
      "Content-Type": "application/json",
      "Content-Length": body.length
    }
    request({ agent, host: "127.0.0.1", port, path, method: "POST", headers }, (response) => {
      response.resume().once("end", () => {
        if (response.statusCode === 200) resolve()
        else reject(new Error(`a notification was answered ${response.statusCode}`))
      })
    })
      .once("error", reject)
      .end(body)
  })

const measure = async (port: number, millis: number, connections: number): Promise<Measured> => {
  const agent = agentOf(port, connections)
  const rest = notifications.values()
  const times: Array<number> = []
  const begin = performance.now()
  const loop = async (): Promise<void> => {
    for (const notification of rest) {
      const sentAt = performance.now()
      if (sentAt - begin > millis) return
      await post(agent, port, notification)
      times.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: connections }, loop))
  const seconds = (performance.now() - begin) / 1000
  return {
    accepted: times.length,
    perSecond: times.length / seconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99)
  }
}

process.on("message", async (order: Order) => {
  if ("sign" in order) {
    const nonces = Array.from({ length: order.sign }, () => randomBytes(16).toString("hex"))
    notifications = (await Promise.all(nonces.map(notify))).map(({ message }) => message)
    process.send?.("signed")
  } else process.send?.(await measure(order.port, order.millis, order.connections))
})
process.once("disconnect", () => process.exit())
