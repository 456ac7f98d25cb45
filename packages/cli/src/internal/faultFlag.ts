/** The value of `--fault`: a kind, what becomes of the request, and which requests have it. */
import * as Faults from "@paykka/sandbox/Faults"
import * as Catalogue from "@paykka/schemas/Catalogue"
import * as Result from "effect/Result"
import { type Failure, usage } from "./Failure.ts"
import { faultKinds } from "./sandboxOptions.ts"
import { millisOf } from "./time.ts"

const millis = (text: string): number => {
  const found = millisOf(text)
  if (found === undefined) throw new Error("wants a time such as 500ms, 2s or 1m")
  return found
}

const number = (text: string): number => {
  if (!/^\d{1,6}$/.test(text)) throw new Error("wants a whole number")
  return Number(text)
}

const code = (text: string): string => {
  if (!/^\d{6}$/.test(text)) throw new Error("wants a ret_code such as 010001")
  return text
}

/** Kinds of which the answer is the sandbox's own: the request is processed. */
const processed: Readonly<Record<string, (value: string) => Faults.Fault>> = {
  late: (value) => Faults.late(millis(value)),
  cut: (value) => Faults.cut(number(value)),
  slow: (value) => Faults.slow(millis(value))
}

/** Kinds that have no such answer, so that it must be said whether the request is processed. */
const undecided: Readonly<Record<string, (value: string, processing: Faults.Processing) => Faults.Fault>> = {
  reset: (_, processing) => Faults.reset(processing),
  silence: (_, processing) => Faults.silence(processing),
  "broken-json": (_, processing) => Faults.brokenJson(processing),
  gateway: (value, processing) => Faults.gateway(number(value), processing),
  error: (value, processing) => Faults.platformError(code(value), processing)
}

const refuse = (text: string, message: string): Result.Result<never, Failure> =>
  Result.fail(
    usage(
      `--fault ${JSON.stringify(text)}: ${message}`,
      `KIND [processed|unprocessed] [first=N] [OPERATION ...], of ${faultKinds}`
    )
  )

/** Reads one. */
export const parse = (text: string): Result.Result<Faults.Source, Failure> => {
  const [kind = "", ...words] = text.split(/\s+/).filter((word) => word !== "")
  const [name = "", ...values] = kind.split("=")
  const value = values.join("=")
  const said = words.filter((word): word is "processed" | "unprocessed" => /^(un)?processed$/.test(word))
  const counts = words.flatMap((word) => /^first=([1-9]\d{0,5})$/.exec(word)?.[1] ?? [])
  const operations = words.filter((word) => !/^(un)?processed$/.test(word) && !/^first=[1-9]\d{0,5}$/.test(word))
  const unknown = operations.find((id) => !Catalogue.operations.some((operation) => operation.id === id))
  const own = Object.hasOwn(processed, name) ? processed[name] : undefined
  const other = Object.hasOwn(undecided, name) ? undecided[name] : undefined
  if (own === undefined && other === undefined) return refuse(text, `there is no kind ${JSON.stringify(name)}`)
  if (unknown !== undefined) return refuse(text, `${JSON.stringify(unknown)} is no operation`)
  if (own !== undefined && said.includes("unprocessed")) return refuse(text, `${name} answers what was processed`)
  if (other !== undefined && said.length !== 1) return refuse(text, `say whether it is processed or unprocessed`)
  if (counts.length > 1) return refuse(text, "first=N is there twice")
  const fault = Result.try({
    try: () => own?.(value) ?? other!(value, { processed: said[0] === "processed" }),
    catch: (cause) => (cause as Error).message
  })
  if (Result.isFailure(fault)) return refuse(text, fault.failure)
  const most = counts[0] === undefined ? Number.POSITIVE_INFINITY : Number(counts[0])
  const source: Faults.Source = ({ nth }) => (nth <= most ? fault.success : undefined)
  const ids = operations.length === 0 ? Catalogue.operations.map(({ id }) => id) : operations
  return Result.succeed(Faults.only(ids, source))
}
