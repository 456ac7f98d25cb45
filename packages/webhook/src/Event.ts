/** A genuine notification, told apart and decoded. */
import * as Json from "@paykka/schemas/Json"
import * as Notification from "@paykka/schemas/Notification"
import type { Authorization } from "@paykka/signing/Authorization"
import * as Result from "effect/Result"
import { fits } from "./internal/pathPattern.ts"

/** What was verified. */
export interface Genuine {
  /** The header, decoded. */
  readonly authorization: Authorization
  /** The path that was signed. */
  readonly path: string
  /** The merchant number that was signed; empty when there was none. */
  readonly merchId: string
  /** The raw body that was signed. */
  readonly body: Uint8Array
  /** Which platform key made the signature. */
  readonly key: { readonly keyId?: string | undefined; readonly fingerprint: string }
}

/** What every event has. */
export interface Received {
  /** The parsed body as it came; undefined when it is not JSON. */
  readonly raw: unknown
  /** The envelope's `type`. Not for routing: `MERCH` stands in unrelated notifications. */
  readonly type: string | undefined
  /** The envelope's `version`, where it comes. */
  readonly version: string | undefined
  /** What was verified: raw bytes, path, merchant number, timestamp, nonce, and the key that matched. */
  readonly verified: Genuine
}

/** A notification of a chosen kind. */
export interface Event<N extends Notification.Notification = Notification.Notification> extends Received {
  /** For example `va.notification`. */
  readonly kind: N["id"]
  /** The business object, decoded. */
  readonly data: N["data"]["Type"]
}

/** An event of one of several kinds: its `kind` tells the type of its `data`. */
export type EventOf<N extends Notification.Notification> = N extends Notification.Notification ? Event<N> : never

/** A genuine notification that is no event of a chosen kind. */
export interface UnknownEvent extends Received {
  readonly kind: "unknown"
  /** The business object as it came. */
  readonly data: unknown
  /** The chosen kinds that it may be: several that it cannot be told apart of, or one that it does not decode as. Empty where none fits. */
  readonly kinds: ReadonlyArray<string>
  /** Why it is unknown, without any of its values. */
  readonly detail: string
}

/** Why none of the chosen kinds fits. */
const unfitting = (notifications: ReadonlyArray<Notification.Notification>): string => {
  const byPath = notifications.filter(({ recognisedBy }) => recognisedBy.length === 0).map(({ id }) => id)
  const advice = byPath.length === 0 ? "" : `; ${byPath.join(", ")} can be told by path only (option paths)`
  return `no chosen kind fits its path or shape${advice}`
}

const parse = (body: Uint8Array): Result.Result<unknown, string> => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body)
    return Result.mapError(Json.parse(text), ({ detail }) => `the body ${detail}`)
  } catch {
    return Result.fail("the body is not UTF-8")
  }
}

/** Reads a verified body into an event of one of the chosen kinds, or into an unknown one. Never fails. */
export const decode = <N extends Notification.Notification>(
  notifications: ReadonlyArray<N>,
  verified: Genuine,
  paths: Readonly<Record<string, ReadonlyArray<string>>> = {}
): EventOf<N> | UnknownEvent => {
  const json = parse(verified.body)
  if (Result.isFailure(json)) {
    const absent = { raw: undefined, type: undefined, version: undefined, data: undefined }
    return { kind: "unknown", ...absent, kinds: [], detail: json.failure, verified }
  }
  const envelope = Notification.readEnvelope(json.success)
  const received = { raw: json.success, ...envelope, verified }
  // The signed path, not the received one: it is the one that nobody could change on the way.
  const { path } = verified
  const here = Object.fromEntries(
    Object.entries(paths).map(([id, list]) => [id, list.some((pattern) => fits(pattern, path)) ? [path] : []])
  )
  const [notification, ...others] = Notification.recognise(notifications, path, envelope.data, here)
  if (notification === undefined) return { ...received, kind: "unknown", kinds: [], detail: unfitting(notifications) }
  if (others.length > 0) {
    const kinds = [notification, ...others].map(({ id }) => id)
    const detail = `may be ${kinds.join(" or ")}; give each a path of its own (option paths)`
    return { ...received, kind: "unknown", kinds, detail }
  }
  const data = Notification.decodeData(notification, envelope.data)
  return Result.isSuccess(data)
    ? ({ ...received, kind: notification.id, data: data.success } as EventOf<N>)
    : {
        ...received,
        kind: "unknown",
        kinds: [notification.id],
        detail: `looks like ${notification.id}, but ${data.failure.message}`
      }
}
