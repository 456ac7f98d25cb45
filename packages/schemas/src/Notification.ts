/**
 * A notification as a value: what the platform posts to the merchant when something has happened.
 */
import type * as Result from "effect/Result"
import * as Inbound from "./Inbound.ts"
import * as Json from "./Json.ts"
import { type Codec, type InvalidValue, decodeResponse } from "./Operation.ts"
import type { Provenance } from "./Provenance.ts"

/** How sure the parts of a descriptor are. */
export interface NotificationProvenance {
  readonly path: Provenance
  /** That `X-Merch-Id` may come. */
  readonly merchantHeader: Provenance
  /** That `type`, `version` and `data` stand around the business object. */
  readonly envelope: Provenance
  readonly data: Provenance
  /** That 200 with `{}` acknowledges. */
  readonly acknowledgement: Provenance
}

/** A kind of notification. */
export interface Notification<Id extends string = string, Data extends Codec = Codec> {
  /** Domain and name, for example `va.notification`. */
  readonly id: Id
  /** One line for people. */
  readonly title: string
  /** The path under which the documentation files it; the merchant's real callback path may be another. */
  readonly path: string
  /** The business object under `data`: read tolerantly. */
  readonly data: Data
  /** Other spellings of the fields of `data`. */
  readonly aliases: Inbound.Aliases
  /** Fields of `data` (after renaming) any of which tells this kind from the others when the path does not. */
  readonly recognisedBy: ReadonlyArray<string>
  /** How sure the parts are. */
  readonly provenance: NotificationProvenance
  /** The pages that the facts come from. */
  readonly sources: ReadonlyArray<string>
}

/** Makes a descriptor. */
export const make = <const Id extends string, Data extends Codec>(
  notification: Notification<Id, Data>
): Notification<Id, Data> => notification

/** What a kind of notification tells: its business object, decoded. */
export type DataOf<N extends Notification> = N["data"]["Type"]

/** The envelope `{type, version, data}`; a body without `data` is the business object itself (older form). */
export interface Envelope {
  /** `MERCH` in unrelated notifications: never for routing. */
  readonly type: string | undefined
  /** Marked as required by the documentation, yet missing from its own example. */
  readonly version: string | undefined
  /** The business object, untouched; an empty one for null. */
  readonly data: unknown
}

/**
 * Reads the envelope of a parsed body. No business object of the contract has a field `data`: where there is one,
 * the `type` beside it is the envelope's, not an account's, whatever `data` holds.
 */
export const readEnvelope = (body: unknown): Envelope => {
  if (!Json.isObject(body) || !Object.hasOwn(body, "data")) return { type: undefined, version: undefined, data: body }
  const { type, version, data } = body
  return {
    type: typeof type === "string" ? type : undefined,
    version: typeof version === "string" ? version : undefined,
    data: data ?? {}
  }
}

/** Known values of the envelope's `type`: `MERCH` is documented, `ASSESSMENT` third-party. Never for routing. */
export const types: ReadonlyArray<string> = ["MERCH", "ASSESSMENT"]

/** Known values of the envelope's `version`. Third-party. */
export const versions: ReadonlyArray<string> = ["V1", "V2"]

/**
 * Tells which kinds a notification may be of: by its path first, by the shape of its data second, never by `type`.
 * Several fit where their shapes do not differ in what is known of them, as those of a receipt and its settlement.
 *
 * @param paths further callback paths, by notification id, on which only that kind arrives
 */
export const recognise = <N extends Notification>(
  notifications: ReadonlyArray<N>,
  path: string,
  data: unknown,
  paths: Readonly<Record<string, ReadonlyArray<string>>> = {}
): ReadonlyArray<N> => {
  const byPath = notifications.filter(({ id, path: nominal }) => nominal === path || paths[id]?.includes(path))
  if (byPath.length > 0) return byPath
  if (!Json.isObject(data)) return []
  return notifications.filter(({ aliases, recognisedBy }) => {
    const tidied = Inbound.tidy(data, aliases)
    return Json.isObject(tidied) && recognisedBy.some((field) => Object.hasOwn(tidied, field))
  })
}

/** Reads the business object of a notification. */
export const decodeData = <N extends Notification>(
  notification: N,
  data: unknown
): Result.Result<N["data"]["Type"], InvalidValue> =>
  decodeResponse({ response: notification.data, aliases: notification.aliases }, data)
