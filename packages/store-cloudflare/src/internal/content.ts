/** What is in the messages of the inbox's queue. */
import type { DeadLetter, DeadLettersUnavailable, Service } from "@paykka/webhook/DeadLetters"
import { Stored } from "@paykka/webhook/Stored"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { QueueMessage } from "../Bindings.ts"

// Cloudflare's limit is 128 000 bytes, about a hundred of which it needs itself.
const maxBytes = 127_500

/** Whether a message has room for it. */
export const fits = (stored: Stored): boolean => new TextEncoder().encode(JSON.stringify(stored)).length <= maxBytes

const Parcel = /*#__PURE__*/ Schema.Struct({
  /** The id of a dead letter. */
  parcel: Schema.String
})

/** The message in place of a notification for which it has no room: that waits among the dead letters. */
export type Parcel = typeof Parcel.Type

/** The letter and the message of a notification that is too large. */
export const pack = (stored: Stored, now: number): { readonly letter: DeadLetter; readonly parcel: Parcel } => {
  const id = `parcel-${stored.id}`
  const error = "too large for a message of the queue: it waits here until it is handled"
  return { letter: { id, stored, error, attempts: 0, failedAt: now }, parcel: { parcel: id } }
}

/** What a message holds. */
export type Content =
  | { readonly _tag: "Stored"; readonly stored: Stored }
  | { readonly _tag: "Parcel"; readonly stored: Stored; readonly letter: string }
  /** A parcel whose letter is not there any more. */
  | { readonly _tag: "Gone"; readonly letter: string }
  /** Anything else. */
  | { readonly _tag: "Foreign"; readonly detail: string }

const decodeStored = /*#__PURE__*/ Schema.decodeUnknownResult(Stored)
const decodeParcel = /*#__PURE__*/ Schema.decodeUnknownOption(Parcel)

/** Reads a message. */
export const read = (body: unknown, letters: Service): Effect.Effect<Content, DeadLettersUnavailable> => {
  const decoded = decodeStored(body)
  if (Result.isSuccess(decoded)) return Effect.succeed({ _tag: "Stored", stored: decoded.success })
  const parcel = decodeParcel(body)
  // What a schema says of a failure has none of the values.
  if (Option.isNone(parcel)) return Effect.succeed({ _tag: "Foreign", detail: decoded.failure.message })
  const letter = parcel.value.parcel
  return Effect.map(
    letters.get(letter),
    Option.match({
      onNone: (): Content => ({ _tag: "Gone", letter }),
      onSome: ({ stored }) => ({ _tag: "Parcel", stored, letter })
    })
  )
}

const foreign = "foreign-"

/** Whether it is what was no notification: nothing of it was verified, so no handler may see it. */
export const isForeign = (id: string): boolean => id.startsWith(foreign)

const textOf = (body: unknown): string => {
  try {
    return JSON.stringify(body) ?? String(body)
  } catch {
    return String(body)
  }
}

/** The letter of a message that holds no notification: what it holds is the body, all else is empty. */
export const foreignLetter = (
  { id, body, attempts, timestamp }: QueueMessage,
  detail: string,
  now: number
): DeadLetter => ({
  id: foreign + id,
  stored: {
    id: foreign + id,
    path: "",
    merchId: "",
    authorization: { sign_type: "", timestamp: "", nonce: "", key_id: "", signature: "" },
    key: { fingerprint: "" },
    body: Base64.encode(textOf(body)),
    receivedAt: timestamp.getTime()
  },
  error: `not a notification: ${detail}`.slice(0, 500),
  attempts,
  failedAt: now
})
