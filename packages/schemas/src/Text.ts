/** Texts of messages to send, with the documented number of characters. */
import * as Schema from "effect/Schema"

/** A text of `minimum` to `maximum` characters (UTF-16 units, as Java counts them). */
export const text = (minimum: number, maximum: number) => Schema.String.check(Schema.isBetweenLength(minimum, maximum))
