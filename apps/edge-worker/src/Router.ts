/** The paths of the service. */
import * as Api from "@paykka/payouts/Api"
import * as Notifications from "@paykka/payouts/Notifications"
import { DeadLetters } from "@paykka/webhook/DeadLetters"
import * as Incoming from "@paykka/webhook/Incoming"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type App, open } from "./App.ts"
import type { Env } from "./Env.ts"
import { type Question, ask } from "./Objects.ts"

const responseOf = ({ status, body }: Api.Answer, headers: Readonly<Record<string, string>> = {}): Response =>
  Response.json(body, { status, headers })

interface Call {
  readonly request: Request
  readonly url: URL
  readonly env: Env
  readonly app: App
}

type Handler = (call: Call) => Response | Promise<Response>

const askObject = (env: Env, question: Question): Promise<Response> =>
  Effect.runPromise(
    Effect.catch(ask(env, question), ({ message }) => Effect.as(Effect.logError(message), responseOf(Api.unavailable)))
  )

/** Reads JSON up to the limit of an order. */
const jsonOf = (request: Request): Effect.Effect<unknown, Api.Answer> =>
  Incoming.fromRequest(request, Api.maxBodyBytes).pipe(
    Effect.mapError(({ status }) => (status === 413 ? Api.tooLarge : Api.notJson)),
    Effect.flatMap(({ body }) =>
      Effect.try({
        try: (): unknown => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)),
        catch: () => Api.notJson
      })
    )
  )

// What is no order makes no object.
const post: Handler = async ({ request, env }) => {
  const body = await Effect.runPromise(Effect.result(jsonOf(request)))
  const order = Result.flatMap(body, Api.readOrder)
  return Result.isSuccess(order) ? askObject(env, { op: "post", order: order.success }) : responseOf(order.failure)
}

const get: Handler = ({ url, env }) => askObject(env, { op: "get", requestId: url.pathname.slice("/payouts/".length) })

/** Any object will do: it is asked, and makes no payout. */
const ready: Handler = async ({ env }) => {
  const { status } = await askObject(env, { op: "get", requestId: "readiness" })
  return responseOf(status === 503 ? Api.unavailable : { status: 200, body: { status: "ready" } })
}

/** What could not be handled, for an operator; not what it holds. */
const deadLetters: Handler = async ({ url, app }) => {
  const after = url.searchParams.get("after") ?? ""
  const letters = await app.inbox.run(() => DeadLetters.use(({ list }) => list({ after })))
  const body = letters.map(({ id, error, attempts, failedAt }) => ({ id, error, attempts, failed_at: failedAt }))
  return Response.json({ dead_letters: body })
}

const replay: Handler = async ({ url, app }) => {
  const isThere = await app.inbox.run((inbox) => inbox.replay(url.searchParams.get("id") ?? ""))
  return isThere ? Response.json({}) : responseOf(Api.notFound)
}

interface Route {
  readonly path: RegExp
  readonly methods: { readonly [method in "GET" | "POST"]?: Handler }
  readonly isOpen?: boolean
}

const routes: ReadonlyArray<Route> = [
  { path: /^\/ready$/, isOpen: true, methods: { GET: ready } },
  { path: /^\/payouts$/, methods: { POST: post } },
  { path: /^\/payouts\/[\w-]{1,32}$/, methods: { GET: get } },
  { path: /^\/dead-letters$/, methods: { GET: deadLetters } },
  { path: /^\/dead-letters\/replay$/, methods: { POST: replay } }
]

const isAuthorized = (request: Request, { token }: App): Promise<boolean> =>
  Effect.runPromise(Api.isAuthorized(request.headers.get("authorization") ?? undefined, token))

const answer = async (request: Request, env: Env): Promise<Response> => {
  const url = new URL(request.url)
  const { pathname } = url
  if (pathname === "/health") return responseOf(Api.health)
  const app = await open(env)
  if (app === undefined) return responseOf(Api.unavailable)
  if (pathname === Notifications.path) return app.inbox.fetch(request)
  const route = routes.find(({ path }) => path.test(pathname))
  if (route?.isOpen !== true && !(await isAuthorized(request, app))) {
    return responseOf(Api.unauthorized, { "www-authenticate": "Bearer" })
  }
  if (route === undefined) return responseOf(Api.notFound)
  const method = request.method === "HEAD" ? "GET" : request.method
  const handler = method === "GET" || method === "POST" ? route.methods[method] : undefined
  return handler === undefined
    ? responseOf(Api.wrongMethod, { allow: Object.keys(route.methods).join(", ") })
    : handler({ request, url, env, app })
}

/** Answers a request. Never rejects. */
export const fetch = (request: Request, env: Env): Promise<Response> =>
  answer(request, env).catch((error: unknown) => {
    console.error(`a call failed: ${error instanceof Error ? error.message : "unknown error"}`)
    return responseOf(Api.unavailable)
  })
