// Loaded before a snippet's program: whatever port it names, it gets a free one of the loopback interface, and prints it.
import { subscribe } from "node:diagnostics_channel"

interface Listens {
  readonly server: { readonly address: () => { readonly port: number } }
  readonly options: { readonly port?: number }
}

const named = new WeakMap<object, number>()

subscribe("tracing:net.server.listen:asyncStart", (message) => {
  const { server, options } = message as Listens
  named.set(server, options.port ?? 0)
  Object.assign(options, { port: 0, host: "127.0.0.1" })
})

subscribe("tracing:net.server.listen:asyncEnd", (message) => {
  const { server } = message as Listens
  console.error(`listening on port ${server.address().port} in place of ${named.get(server)}`)
})
