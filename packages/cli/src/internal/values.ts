/** The flags that hold what is sent: JSON, single fields, and fields past the schema. */
import * as Shape from "@paykka/schemas/Shape"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Failure, usage } from "./Failure.ts"
import * as Input from "./input.ts"
import { readValue } from "./readInput.ts"

export const flags = (data: string) => ({
  data: Flag.String("data").pipe(
    Flag.withAlias("d"),
    Flag.withMetavar("JSON|@FILE|-"),
    Flag.withDescription(data),
    Flag.optional
  ),
  field: Flag.String("field").pipe(
    Flag.withAlias("f"),
    Flag.withMetavar("PATH=VALUE"),
    Flag.withDescription("A field, such as goods_info.name=Shoes or currencies[0]=EUR; over --data; may be repeated"),
    Flag.atLeast(0)
  ),
  extra: Flag.String("extra").pipe(
    Flag.withMetavar("PATH=VALUE"),
    Flag.withDescription(
      "A field that the schema does not know, sent as it is: JSON, or text where it is none; may be repeated"
    ),
    Flag.atLeast(0)
  )
})

export interface Given {
  readonly data: Option.Option<string>
  readonly field: ReadonlyArray<string>
  readonly extra: ReadonlyArray<string>
}

export type Values = Readonly<Record<string, unknown>>

const decoder = /*#__PURE__*/ new TextDecoder("utf-8", { fatal: true })

const readText = (data: string): Effect.Effect<string, Failure> =>
  Effect.flatMap(readValue(data), (bytes) =>
    Effect.try({
      try: () => decoder.decode(bytes),
      catch: () => usage(`${data === "-" ? "stdin" : data} is not UTF-8`)
    })
  )

/** What the schema knows, with what stands in the place of `--data` where there is none. */
export const read = Effect.fnUntraced(function* (
  shape: Shape.Shape,
  { data, field }: Given,
  otherwise: Values = {}
): Effect.fn.Return<Values, Failure> {
  let values = Option.isSome(data)
    ? yield* Effect.fromResult(Input.parseData(yield* readText(data.value), shape))
    : otherwise
  for (const each of field) values = yield* Effect.fromResult(Input.putField(values, each, shape))
  return values
})

/** The fields that go past the schema. */
export const readExtra = Effect.fnUntraced(function* ({ extra }: Given): Effect.fn.Return<Values, Failure> {
  let values: Values = {}
  for (const each of extra) values = yield* Effect.fromResult(Input.putField(values, each, { type: "any" }, "--extra"))
  return values
})

/** A fault of the schema, as it is said on the command line: the engine speaks of an option of its own. */
export const ruleOf = (rule: string): string => rule.replace("send it as an extra field", "use --extra")
