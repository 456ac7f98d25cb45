/** Points of time: an ISO 8601 text in UTC on the wire (documented), Effect's `DateTime.Utc` in the program. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Field from "./Field.ts"

// Without a zone a text would be read in the time of the machine that reads it, and in another form by guessing.
const form = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/

const read = (text: string): Effect.Effect<DateTime.Utc, SchemaIssue.Issue> =>
  Option.match(form.test(text) ? DateTime.make(text) : Option.none(), {
    onNone: () =>
      Effect.fail(new SchemaIssue.InvalidValue({ message: "must be a time in UTC, such as 2023-12-04T23:25:59Z" })),
    onSome: (time) => Effect.succeed(DateTime.toUtc(time))
  })

/** A point of time, such as `2023-12-04T23:25:59Z`; another offset than Z is understood as well. Milliseconds are kept. */
export const Instant = /*#__PURE__*/ Field.wire({ type: "string", format: "date-time" })(
  /*#__PURE__*/ Schema.String.pipe(
    /*#__PURE__*/ Schema.decodeTo(Schema.DateTimeUtc, {
      decode: /*#__PURE__*/ SchemaGetter.transformEffect(read),
      // Whole seconds are written as the documentation writes them.
      encode: /*#__PURE__*/ SchemaGetter.transform((time: DateTime.Utc) =>
        DateTime.formatIso(time).replace(".000Z", "Z")
      )
    })
  )
)
