/** A worker without Effect, run in workerd: makes calls, and receives notifications. */
import { type Paykka, type Handler, createPaykka } from "../src/index.ts"

interface Env {
  readonly PRIVATE_KEY: string
  readonly PLATFORM_PUBLIC_KEY: string
}

// Kept by the isolate over its requests, as a worker would.
const seen: Array<string> = []
let made: { readonly paykka: Paykka; readonly handler: Handler } | undefined

const make = ({ PRIVATE_KEY, PLATFORM_PUBLIC_KEY }: Env) => {
  const paykka = createPaykka({
    environment: "local",
    baseUrl: "http://sandbox.localhost",
    merchId: "M24061911365700670",
    keyId: "merchant-key",
    privateKey: PRIVATE_KEY,
    platformPublicKeys: [PLATFORM_PUBLIC_KEY],
    undocumentedPaths: "allow"
  })
  const handler = paykka.webhooks.handler({
    va: async ({ data }) => seen.push(`${data.request_id} ${data.status}`)
  })
  return { paykka, handler }
}

export default {
  fetch: async (request: Request, env: Env): Promise<Response> => {
    const { paykka, handler } = (made ??= make(env))
    const { pathname } = new URL(request.url)
    if (pathname.startsWith("/hooks/")) return handler.fetch(request)
    if (pathname === "/seen") return Response.json(seen)
    const request_id = pathname.slice(1)
    return Response.json(await paykka.va.apply({ request_id, currencies: ["EUR"] }, { signal: request.signal }))
  }
}
