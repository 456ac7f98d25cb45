/** Records what changes the sandbox, each before it is done, and plays it again. */
import * as Amount from "@paykka/schemas/Amount"
import * as Schema from "effect/Schema"
import * as Result from "effect/Result"
import type { Decisions } from "../Decisions.ts"
import type { Tape } from "../Tape.ts"
import { readAgain } from "./gate.ts"
import { Refusal } from "./refusal.ts"
import type { Call, Route } from "./world.ts"

/** What is done, in terms of the sandbox's own parts. */
export interface Parts {
  readonly routes: ReadonlyArray<Route>
  /** Takes the first step of the agenda. */
  readonly step: () => void
  readonly remit: (merchId: string, currency: string, amount: Amount.Amount) => void
  readonly tell: (kind: keyof Decisions, as: string, reason: string) => void
  readonly suspend: (merchId: string, suspended: boolean) => void
  readonly playAt: (at: number, run: () => void) => void
  readonly resume: (at: number) => void
}

const entrySchema = () =>
  Schema.fromJsonString(
    Schema.Struct({
      at: Schema.Finite,
      what: Schema.Union([
        Schema.Struct({
          call: Schema.String,
          merchId: Schema.String,
          owner: Schema.String,
          text: Schema.String,
          file: Schema.optional(
            Schema.Struct({ name: Schema.String, type: Schema.String, size: Schema.Int, sha256: Schema.String })
          )
        }),
        Schema.Struct({ remit: Schema.String, merchId: Schema.String, amount: Schema.String }),
        Schema.Struct({ tell: Schema.String, as: Schema.String, reason: Schema.String }),
        Schema.Struct({ suspend: Schema.Boolean, merchId: Schema.String }),
        // A step of the agenda, or the clock that was put forward.
        Schema.Literals(["step", "advance"])
      ])
    })
  )

const Entry = /*#__PURE__*/ entrySchema()

type What = (typeof Entry.Type)["what"]

/** The first entry: another one was written by another version of the sandbox. */
const format = '{"paykka_sandbox_tape":1}'

/** Records, once {@link play} is over. */
export interface Recorder {
  readonly record: (what: What) => void
  /** A route whose calls are recorded. */
  readonly recorded: (route: Route) => Route
  /** Plays what is on the tape; throws where it cannot be read. */
  readonly play: (parts: Parts) => void
}

const decoder = /*#__PURE__*/ new TextDecoder()
const encoder = /*#__PURE__*/ new TextEncoder()

const fileOf = (input: unknown, sha256: string | undefined) => {
  if (sha256 === undefined) return undefined
  const { name, type, bytes } = (input as { readonly file: { name: string; type: string; bytes: Uint8Array } }).file
  return { name, type, size: bytes.length, sha256 }
}

const playCall = (
  routes: ReadonlyArray<Route>,
  { call, merchId, owner, text, file }: Extract<What, { call: string }>
) => {
  const route = routes.find(({ operation }) => operation.id === call)
  if (route === undefined) throw new Error(`tape: there is no operation ${call}`)
  const bytes = encoder.encode(text)
  // Of a file no more than its size and digest was ever looked at.
  const message = readAgain(
    route.operation,
    bytes,
    file === undefined ? undefined : { name: file.name, type: file.type, bytes: new Uint8Array(file.size) }
  )
  if (Result.isFailure(message))
    throw new Error(`tape: a message of ${call} cannot be read any more: ${message.failure}`)
  const again: Call = { merchId, owner, text: bytes, ...message.success, sha256: file?.sha256 }
  try {
    route.handle(again)
  } catch (error) {
    // It was refused the first time as well.
    if (!(error instanceof Refusal)) throw error
  }
}

const play = (parts: Parts, what: What): void => {
  if (what === "step") return parts.step()
  if (what === "advance") return
  if ("call" in what) return playCall(parts.routes, what)
  if ("remit" in what) return parts.remit(what.merchId, what.remit, Amount.make(what.amount))
  if ("tell" in what) return parts.tell(what.tell as keyof Decisions, what.as, what.reason)
  parts.suspend(what.merchId, what.suspend)
}

/** A recorder on a tape; without one nothing is recorded. */
export const make = (tape: Tape | undefined, now: () => number): Recorder => {
  let isPlaying = false
  const record = (what: What): void => {
    if (tape !== undefined && !isPlaying) tape.append(Schema.encodeSync(Entry)({ at: now(), what }))
  }
  return {
    record,
    recorded: ({ operation, handle }) => ({
      operation,
      handle: (call) => {
        const { merchId, owner, text, input, sha256 } = call
        const file = fileOf(input, sha256)
        record({ call: operation.id, merchId, owner, text: decoder.decode(text), ...(file && { file }) })
        return handle(call)
      }
    }),
    play: (parts) => {
      if (tape === undefined) return
      const [head, ...entries] = tape.entries()
      if (head === undefined) return tape.append(format)
      if (head !== format) throw new Error("tape: it is none of this version of the sandbox; begin a new one")
      isPlaying = true
      let last = -Infinity
      for (const [index, text] of entries.entries()) {
        const entry = Schema.decodeResult(Entry)(text)
        if (Result.isFailure(entry)) throw new Error(`tape: entry ${index + 1} cannot be read`)
        const { at, what } = entry.success
        last = Math.max(last, at)
        parts.playAt(at, () => play(parts, what))
      }
      isPlaying = false
      parts.resume(last)
    }
  }
}
