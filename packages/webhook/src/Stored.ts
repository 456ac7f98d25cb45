/** A genuine notification as an inbox keeps it: what was verified, as JSON. It holds what came, personal data included. */
import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Genuine } from "./Event.ts"

/** See {@link make}. */
export const Stored = /*#__PURE__*/ Schema.Struct({
  /** SHA-256 of merchant number and nonce, 64 hexadecimal digits; of one that is sent to the inbox again, with a suffix. */
  id: Schema.String,
  /** The path that was signed. */
  path: Schema.String,
  /** The merchant number that was signed; empty when there was none. */
  merchId: Schema.String,
  /** The header, decoded. */
  authorization: /*#__PURE__*/ Schema.Struct({
    sign_type: Schema.String,
    timestamp: Schema.String,
    nonce: Schema.String,
    key_id: Schema.String,
    signature: Schema.String
  }),
  /** Which platform key made the signature. */
  key: /*#__PURE__*/ Schema.Struct({
    keyId: /*#__PURE__*/ Schema.optionalKey(Schema.String),
    fingerprint: Schema.String
  }),
  /** The raw body that was signed, as Base64. */
  body: Schema.String,
  /** When it arrived, in milliseconds since the epoch. */
  receivedAt: Schema.Finite
})
export type Stored = typeof Stored.Type

/** What is kept of a genuine notification. */
export const make = (
  id: string,
  { path, merchId, authorization, key: { keyId, fingerprint }, body }: Genuine,
  receivedAt: number
): Stored => ({
  id,
  path,
  merchId,
  authorization,
  key: { ...(keyId === undefined ? {} : { keyId }), fingerprint },
  body: Base64.encode(body),
  receivedAt
})

/** What was verified; undefined where the body is no Base64, which only what is not ours can be. */
export const genuine = ({ path, merchId, authorization, key, body }: Stored): Genuine | undefined => {
  const bytes = Base64.decode(body)
  return Result.isSuccess(bytes) ? { path, merchId, authorization, key, body: bytes.success } : undefined
}
