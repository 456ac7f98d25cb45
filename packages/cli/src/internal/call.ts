/** `paykka call <operation>`: one signed call, each operation a command of its own. */
import { readFile } from "node:fs/promises"
import { basename } from "node:path"
import * as Environment from "@paykka/core/Environment"
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import { describe as describeReason, PaykkaError } from "@paykka/core/PaykkaError"
import * as RequestId from "@paykka/core/RequestId"
import * as Catalogue from "@paykka/schemas/Catalogue"
import * as Json from "@paykka/schemas/Json"
import * as Operation from "@paykka/schemas/Operation"
import * as Shape from "@paykka/schemas/Shape"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Signer from "@paykka/signing/Signer"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Option from "effect/Option"
import * as ExitCode from "../ExitCode.ts"
import { Failure, failed, usage } from "./Failure.ts"
import { describe } from "./operationHelp.ts"
import { AsJson, isTerminal, note, print } from "./output.ts"
import { pretty } from "./pretty.ts"
import * as Settings from "./settings.ts"
import * as Values from "./values.ts"
import * as WireRequest from "./wireRequest.ts"

const flags = () => ({
  ...Values.flags("The request: JSON, @ and a file, or - for stdin"),
  dryRun: Flag.Boolean("dry-run").pipe(
    Flag.withDescription("Show the signed request and what was signed; send nothing"),
    Flag.withDefault(false),
    Flag.withoutNegation
  ),
  as: Flag.Literals("as", ["curl"]).pipe(
    Flag.withDescription("Print the signed request as a command; send nothing"),
    Flag.optional
  ),
  yes: Flag.Boolean("yes").pipe(
    Flag.withAlias("y"),
    Flag.withDescription("Do not ask before a write against production"),
    Flag.withDefault(false),
    Flag.withoutNegation
  ),
  ...Settings.flags()
})

const fileFlags = () => ({
  file: Flag.String("file").pipe(Flag.withMetavar("FILE"), Flag.withDescription("The file to upload")),
  type: Flag.String("type").pipe(
    Flag.withMetavar("MEDIA-TYPE"),
    Flag.withDescription("Its media type, such as application/pdf")
  )
})

interface Given extends Settings.Flags, Values.Given {
  readonly dryRun: boolean
  readonly as: Option.Option<"curl">
  readonly yes: boolean
  readonly file?: string
  readonly type?: string
}

/** The input of the operation. Of an upload the values are the text that is signed with the file. */
const readRequest = Effect.fnUntraced(function* (
  operation: Operation.Operation,
  given: Given
): Effect.fn.Return<Values.Values, Failure> {
  const values = yield* Values.read(Shape.of(operation.request), given)
  const { file, type } = given
  if (file === undefined) {
    // Known before anything is sent, so that the outcome can be asked for whatever happens.
    return Operation.isMinted(operation) && values["request_id"] === undefined
      ? { ...values, request_id: yield* RequestId.make }
      : values
  }
  const bytes = yield* Effect.tryPromise({
    try: async () => new Uint8Array(await readFile(file)),
    catch: (cause) => usage(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`)
  })
  return { meta: values, file: { bytes, name: basename(file), type } }
})

/** Whether a host is a test's: PayKKa's public sandbox, or one of this machine or of one's own. */
const isHarmless = ({ name, baseUrl }: Environment.Environment): boolean =>
  name === "local" ||
  baseUrl === Environment.sandbox.baseUrl ||
  /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(baseUrl)

/** A write against production is a person's decision. */
const confirm = Effect.fnUntraced(function* ({ id }: Operation.Operation, environment: Environment.Environment) {
  if (!isTerminal(process.stdout) || !process.stdin.isTTY) {
    return yield* usage(`${id} writes to ${environment.baseUrl}: nothing was sent`, "add --yes where that is meant")
  }
  const message = `${id} writes to ${environment.baseUrl}. Send it?`
  if (!(yield* Prompt.run(Prompt.Confirm({ message, initial: false })))) return yield* failed("nothing was sent")
})

/** The flags that were given, for a command that asks at the same place. */
const repeated = (given: Settings.Flags): ReadonlyArray<string> =>
  (
    [
      ["--profile", given.profile],
      ["--config", given.config],
      ["--environment", given.environment],
      ["--base-url", given.baseUrl],
      ["--merch-id", given.merchId],
      ["--key-id", given.keyId],
      ["--private-key-file", given.privateKeyFile]
    ] as const
  ).flatMap(([name, value]) => (Option.isSome(value) ? [name, WireRequest.quote(value.value)] : []))

const question = (operation: string, input: Readonly<Record<string, string>>, given: Settings.Flags): string =>
  [
    "paykka call",
    operation,
    ...Object.entries(input).flatMap(([name, value]) => ["--field", WireRequest.quote(`${name}=${value}`)]),
    ...repeated(given)
  ].join(" ")

/** What the engine's error means to who called. */
const toFailure = (error: PaykkaError, given: Settings.Flags): Failure => {
  const { operation, reason, requestId, attempts, httpStatus, retCode, retMsg, retryable } = error
  const details = {
    operation,
    reason: reason._tag,
    request_id: requestId ?? null,
    attempts,
    http_status: httpStatus ?? null,
    ret_code: retCode ?? null,
    ret_msg: retMsg ?? null,
    retryable
  }
  switch (reason._tag) {
    case "InvalidRequest": {
      if (reason.by === "platform") break
      const faults = reason.faults.map(({ path, rule }) => ({ path, rule: Values.ruleOf(rule) }))
      return new Failure({
        exit: ExitCode.usage,
        message: `${operation}: the request is invalid, nothing was sent`,
        lines: faults.map(({ path, rule }) => (path === "" ? rule : `${path} ${rule}`)),
        hint: `see paykka call ${operation} --help`,
        details: { ...details, faults }
      })
    }
    case "SigningFailed":
      return usage(`${operation}: ${describeReason(reason)}; nothing was sent`, "see paykka doctor", details)
    case "OutcomeUnknown": {
      const { query } = reason
      const ask = query === null ? undefined : question(query.operation, query.input, given)
      const hint =
        ask === undefined
          ? "no call tells: look into the merchant portal, or ask PayKKa, before it is sent again"
          : `ask: ${ask}`
      return new Failure({
        exit: ExitCode.outcomeUnknown,
        message: error.message,
        hint,
        details: { ...details, ask: ask ?? null }
      })
    }
    case "Unauthorized":
    case "Unreachable":
      return failed(error.message, "paykka doctor looks for the reason", details)
  }
  return failed(error.message, undefined, details)
}

const send = Effect.fnUntraced(function* (
  operation: Operation.Operation,
  input: Values.Values,
  extra: Values.Values,
  options: PaykkaClient.Options,
  signer: Signer.Service,
  given: Given
) {
  const client = yield* PaykkaClient.make(options).pipe(
    Effect.provideService(Signer.Signer, signer),
    Effect.provide(FetchHttpClient.layer)
  )
  const minted = Operation.isMinted(operation) ? input["request_id"] : undefined
  if (typeof minted === "string" && isTerminal(process.stderr)) yield* note(`request_id ${minted}`)
  const reply = yield* client.executeWithResponse(operation, input as never, { extra }).pipe(
    Effect.mapError((error) => toFailure(error, given)),
    Effect.onInterrupt(() => {
      const { effect, resolvedBy } = operation
      if (effect === "read") return Effect.void
      const ask =
        resolvedBy === null || typeof minted !== "string"
          ? ""
          : `; ask: ${question(resolvedBy.id, { request_id: minted }, given)}`
      return note(`interrupted: it is not known whether the platform processed ${operation.id}${ask}`)
    })
  )
  const { raw, requestId, attempts, httpStatus } = reply
  // The number of a new submission is needed to ask for it later.
  const value =
    Json.isObject(raw) && requestId !== undefined && raw["request_id"] === undefined
      ? { request_id: requestId, ...raw }
      : raw
  const asJson = (yield* AsJson) || !isTerminal(process.stdout)
  if (isTerminal(process.stderr)) yield* note(`${operation.id}: HTTP ${httpStatus}, attempts ${attempts}`)
  yield* print(asJson ? Json.stringify(value) : pretty(value))
})

const handle = (operation: Operation.Operation) =>
  Effect.fnUntraced(function* (given: Given) {
    const settings = yield* Settings.read(given)
    const options = yield* settings.client
    const input = yield* readRequest(operation, given)
    const extra = yield* Values.readExtra(given)
    const signer = yield* Effect.provideService(Signer.make, KeyStore.KeyStore, yield* settings.keyStore)
    const unusable = (error: Environment.InvalidConfiguration) => usage(error.message, "see paykka doctor")
    const isShown = given.dryRun || Option.isSome(given.as)
    const asks = operation.effect !== "read" && !isHarmless(options.environment) && !given.yes
    if (isShown || asks) {
      // Nobody is asked about a request that is invalid.
      const request = yield* WireRequest.capture(options, signer, operation, input, extra).pipe(
        Effect.mapError((error) => (error instanceof PaykkaError ? toFailure(error, given) : unusable(error)))
      )
      // A body of the engine's is JSON, or has its file beside.
      if (Option.isSome(given.as)) return yield* print(WireRequest.toCurl(request, given.file)!)
      if (given.dryRun) {
        return yield* print((yield* AsJson) ? Json.stringify(WireRequest.toJson(request)) : WireRequest.toText(request))
      }
      yield* confirm(operation, options.environment)
    }
    return yield* send(operation, input, extra, options, signer, given).pipe(
      Effect.mapError((error) => (error instanceof Environment.InvalidConfiguration ? unusable(error) : error))
    )
  })

/** Examples of operations, beyond the dry run that all have. A test runs each against a sandbox. */
const examples: Readonly<Record<string, ReadonlyArray<{ readonly command: string; readonly description: string }>>> = {
  "va.apply": [
    {
      command: `paykka call va.apply --field 'currencies[0]=EUR' --field country_code=DE`,
      description: "apply for an account in euros"
    }
  ],
  "va.inquiry": [
    {
      command: "paykka call va.inquiry --field request_id=R-1 --dry-run",
      description: "see what would be signed and sent"
    },
    { command: "paykka call va.inquiry --field request_id=R-1 --as curl", description: "the same as a curl command" }
  ],
  "balance.inquiry": [
    { command: "paykka call balance.inquiry", description: "all balances" },
    { command: `echo '{"currency":"EUR"}' | paykka call balance.inquiry --data -`, description: "input from a pipe" }
  ]
}

const ofOperation = (operation: Operation.Operation, isNamed: boolean) => {
  const { id, title } = operation
  const command =
    operation.body === "json"
      ? Command.make(id, flags(), handle(operation))
      : Command.make(id, { ...fileFlags(), ...flags() }, handle(operation))
  return command.pipe(
    Command.withDescription(isNamed ? describe(operation) : title),
    Command.withShortDescription(title),
    Command.withExamples(examples[id] ?? [])
  )
}

/** The operation that is named, alone; all of them take their time. */
const subcommands = (args: ReadonlyArray<string>) => {
  const named = Catalogue.operations.filter(({ id }) => args.includes(id))
  return named.length > 0
    ? named.map((operation) => ofOperation(operation, true))
    : Catalogue.operations.map((operation) => ofOperation(operation, false))
}

export const command = (args: ReadonlyArray<string>) =>
  Command.make("call").pipe(
    Command.withDescription(
      "Call an operation by its id. The request is checked before anything is sent; the answer is JSON in a pipe. paykka call <operation> --help tells its fields."
    ),
    Command.withShortDescription("Call an operation"),
    Command.withExamples([
      { command: "paykka call va.inquiry --help", description: "what an operation is asked with" },
      ...Object.values(examples).flat()
    ]),
    Command.withSubcommands(subcommands(args) as never)
  )
