/** The two ways to a sandbox with faults, by clients that tell how far they got. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Faults from "../../src/Faults.ts"
import * as SandboxNode from "../../src/node.ts"
import * as Sandbox from "../../src/Sandbox.ts"
import * as SandboxTransport from "../../src/SandboxTransport.ts"
import { options as honest } from "./keys.ts"
import type { Wire } from "./merchant.ts"

/** What a caller got. */
export interface Outcome {
  /** Of the answer's head; undefined where none came. */
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string>>
  /** As much of the body as came. */
  readonly body: string
  /** The code beneath the error, where it was not whole. */
  readonly code: string | undefined
}

/** A running sandbox with faults. */
export interface Faulty {
  readonly service: Sandbox.Service
  readonly send: (wire: Wire) => Effect.Effect<Outcome>
  /** Hands over each chunk of the body as it arrives. */
  readonly watch: (wire: Wire, onChunk: (chunk: string) => void) => Effect.Effect<Outcome>
}

/** A way to reach it. */
export interface FaultyWay {
  readonly name: string
  readonly start: (
    faults: Faults.Source,
    options?: Partial<Sandbox.Options>
  ) => Effect.Effect<Faulty, never, Scope.Scope>
}

/** No log of the program's. */
export const quiet = Logger.layer([])

const codeOf = (error: unknown): string => {
  const { code, cause, reason } = error as Readonly<Record<string, unknown>>
  return typeof code === "string" ? code : codeOf(reason ?? cause)
}

interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** Collects what comes until it ends or breaks. */
const collect = (
  call: (gotHead: (head: Head) => void, gotChunk: (chunk: Uint8Array) => void) => Effect.Effect<void, string>,
  onChunk: (chunk: string) => void = () => undefined
): Effect.Effect<Outcome> =>
  Effect.suspend(() => {
    let head: Head | undefined
    let body = ""
    return call(
      (given) => (head = given),
      (chunk) => {
        const text = Buffer.from(chunk).toString("latin1")
        body += text
        onChunk(text)
      }
    ).pipe(
      Effect.match({ onFailure: (code) => code, onSuccess: () => undefined }),
      Effect.map((code) => ({ status: head?.status, headers: head?.headers ?? {}, body, code }))
    )
  })

/** Sends by fetch. */
export const fetchFrom =
  (baseUrl: string): Faulty["watch"] =>
  ({ method, target, headers, body }, onChunk) =>
    collect(
      (gotHead, gotChunk) =>
        Effect.tryPromise({
          try: async (signal) => {
            const response = await fetch(baseUrl + target, { method, headers, body: body ?? null, signal })
            gotHead({ status: response.status, headers: Object.fromEntries(response.headers) })
            for await (const chunk of response.body ?? []) gotChunk(chunk)
          },
          catch: codeOf
        }),
      onChunk
    )

const overSockets: FaultyWay["start"] = (faults, options) =>
  Effect.gen(function* () {
    const sandbox = Sandbox.layer({ ...honest, ...options })
    const context = yield* Layer.build(
      SandboxNode.layerServer({ faults }).pipe(Layer.provideMerge(sandbox), Layer.provide(quiet), Layer.orDie)
    )
    const watch = fetchFrom(Context.get(context, SandboxNode.SandboxServer).baseUrl)
    return { service: Context.get(context, Sandbox.Sandbox), send: (wire) => watch(wire, () => undefined), watch }
  })

const inMemory: FaultyWay["start"] = (faults, options) =>
  Effect.gen(function* () {
    const sandbox = Sandbox.layer({ ...honest, ...options })
    const context = yield* Layer.build(
      SandboxTransport.layerWith({ faults }).pipe(Layer.provideMerge(sandbox), Layer.orDie)
    )
    const client = Context.get(context, HttpClient.HttpClient)
    const watch: Faulty["watch"] = ({ target, headers, body }, onChunk) =>
      collect((gotHead, gotChunk) => {
        const request = HttpClientRequest.post(SandboxTransport.baseUrl + target, { headers }).pipe(
          HttpClientRequest.bodyUint8Array(body!, headers["content-type"])
        )
        return Effect.gen(function* () {
          const response = yield* client.execute(request)
          gotHead({ status: response.status, headers: { ...response.headers } })
          yield* Stream.runForEach(response.stream, (chunk) => Effect.sync(() => gotChunk(chunk)))
        }).pipe(
          Effect.catchReason("HttpClientError", "EmptyBodyError", () => Effect.void),
          Effect.mapError(codeOf),
          Effect.provide(quiet)
        )
      }, onChunk)
    return { service: Context.get(context, Sandbox.Sandbox), send: (wire) => watch(wire, () => undefined), watch }
  })

export const ways: ReadonlyArray<FaultyWay> = [
  { name: "over sockets", start: overSockets },
  { name: "in memory", start: inMemory }
]
