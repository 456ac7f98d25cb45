/**
 * The server, in a process of its own: answers every call with the same account at once. Tells its port to the process that has
 * started it. Told `"verify"`, it verifies from then on, and answers 401 where that fails; told `"trust"`, it tells how many it has
 * verified, and verifies no more.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { createPublicKey } from "node:crypto"
import { merchant } from "../material.ts"
import { account } from "./messages.ts"
import { isGenuine } from "./verification.ts"

const answer = Buffer.from(JSON.stringify(account))
const headers = { "Content-Type": "application/json", "Content-Length": answer.length }
const publicKey = createPublicKey(merchant.publicPem)

let verifying = false
let verified = 0

const server = createServer((request, response) => {
  const chunks: Array<Buffer> = []
  request
    .on("data", (chunk: Buffer) => chunks.push(chunk))
    .once("end", () => {
      const refused = verifying && !isGenuine(request, Buffer.concat(chunks), publicKey)
      if (verifying && !refused) verified++
      response.writeHead(refused ? 401 : 200, headers).end(answer)
    })
})
server.keepAliveTimeout = 600_000

process.on("message", (order: "verify" | "trust") => {
  verifying = order === "verify"
  process.send?.(verified)
  if (!verifying) verified = 0
})
process.once("disconnect", () => process.exit())
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
