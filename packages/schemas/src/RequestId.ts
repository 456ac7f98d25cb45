/**
 * The caller's own unique number of a submission.
 *
 * 1 to 32 characters: documented for `onboarding.apply`, `order.update` and `va.notification`, assumed for the
 * other operations. What the platform does with a repeated number is not stated.
 */
import * as Schema from "effect/Schema"

/** The most characters of a request number. */
export const maxLength = 32

/** A request number as sent. */
export const RequestId = /*#__PURE__*/ Schema.String.check(/*#__PURE__*/ Schema.isBetweenLength(1, maxLength))
