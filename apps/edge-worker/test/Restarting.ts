/** The worker in workerd with what is done to it: it is killed and started again, or one of its objects is. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Miniflare } from "miniflare"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Workerd from "../local/Workerd.ts"

/** See {@link make}. */
export interface Restarting {
  readonly url: string
  readonly miniflare: () => Miniflare
  /** What it has logged, before it was killed as well. */
  readonly log: () => string
  /** Kills workerd and starts it again, at the same address and with what its objects have stored. */
  readonly restart: Effect.Effect<void>
  /** Kills the object of a payout, as when its code is replaced or it is moved. */
  readonly abort: (requestId: string) => Effect.Effect<void>
  /** Throws the object of a payout out of memory when it has nothing to do. */
  readonly evict: (requestId: string) => Effect.Effect<void>
}

// The worker that was built, whose objects can be killed.
const script = `
import worker, { PayoutObject as Original } from "./main.js"
export * from "./main.js"
export class PayoutObject extends Original {
  #state
  constructor(state, env) {
    super(state, env)
    this.#state = state
  }
  async fetch(request) {
    if (new URL(request.url).pathname === "/abort") this.#state.abort("killed by a test")
    return super.fetch(request)
  }
}
export default worker
`

/** Starts it. */
export const make = (variables: Readonly<Record<string, string>>): Effect.Effect<Restarting, never, Scope.Scope> =>
  Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "payouts-objects-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true, maxRetries: 10 }))
    )
    let log = ""
    const start = (port?: number) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const workerd = yield* Workerd.start({
          variables,
          script,
          port,
          folder,
          onLog: (text) => {
            log += text
          }
        }).pipe(Effect.provideService(Scope.Scope, scope))
        return { ...workerd, scope }
      })
    let current = yield* start()
    const end = Effect.suspend(() => Scope.close(current.scope, Exit.void))
    yield* Effect.addFinalizer(() => end)
    const { url } = current
    return {
      url,
      miniflare: () => current.miniflare,
      log: () => log,
      restart: Effect.gen(function* () {
        yield* end
        current = yield* start(Number(new URL(url).port))
      }),
      abort: (name) =>
        Effect.promise(async () => {
          const namespace = await current.miniflare.getDurableObjectNamespace("PAYOUT")
          await namespace
            .get(namespace.idFromName(name))
            .fetch("https://payout.invalid/abort")
            .catch(() => undefined)
        }),
      evict: (name) => Effect.promise(() => current.miniflare.unsafeEvictDurableObject("", "PayoutObject", { name }))
    }
  })
