// Loaded before a snippet's program: whatever port it names, it gets a free one of the loopback interface, and prints it.
import { subscribe } from "node:diagnostics_channel"

subscribe("tracing:net.server.listen:asyncStart", (message) => {
  Object.assign((message as { readonly options: object }).options, { port: 0, host: "127.0.0.1" })
})

subscribe("tracing:net.server.listen:asyncEnd", (message) => {
  const { server } = message as { readonly server: { readonly address: () => { readonly port: number } } }
  console.log(`listening on port ${server.address().port}`)
})
