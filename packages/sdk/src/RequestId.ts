/** Request numbers, for programs without Effect. */
import * as RequestIds from "@paykka/core/RequestId"
import * as Effect from "effect/Effect"

/**
 * A new `request_id`: 32 hexadecimal digits that sort by the time of their making. Store it before you call: with it the submission is found
 * after a crash, and sent again as the same one.
 */
export const makeRequestId = (): string => Effect.runSync(RequestIds.make)
