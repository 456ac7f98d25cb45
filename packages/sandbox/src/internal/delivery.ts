/** Answers that faults make: in place of the sandbox's own, cut, slow. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Faults from "../Faults.ts"
import type * as Sandbox from "../Sandbox.ts"

/** A fault's answer as a response. Throws where there can be none of it. */
export const toResponse = ({ status, headers, body }: Faults.Answer): Response =>
  new Response(body === "" ? null : body, { status, headers })

/** The body ends before as many bytes as were announced. */
export class CutShort extends /*#__PURE__*/ Data.TaggedError("CutShort") {}

/** A body as it goes over the wire. */
export interface Flow {
  /** The length that the answer's head announces. */
  readonly announced: number
  readonly pieces: Stream.Stream<Uint8Array, CutShort>
}

/** The body of an answer, cut or slow as its fault has it. */
export const flowOf = (body: Uint8Array<ArrayBuffer>, { cutAfter, interval }: Sandbox.Answer): Flow => {
  const sent = body.subarray(0, cutAfter)
  const pieces =
    interval === undefined
      ? Stream.make(sent)
      : Stream.mapEffect(Stream.fromIterable(sent), (byte) => Effect.as(Effect.sleep(interval), Uint8Array.of(byte)))
  return cutAfter === undefined
    ? { announced: body.length, pieces }
    : { announced: Math.max(body.length, sent.length + 1), pieces: Stream.concat(pieces, Stream.fail(new CutShort())) }
}
