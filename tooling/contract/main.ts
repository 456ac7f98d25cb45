/**
 * `node tooling/contract/main.ts [--check] [--json]`: compares the code with `contract/`, both ways, prints how much is
 * known of each operation, and writes the files that are derived from both. Exits with 1 on a difference that nobody
 * has explained, an explanation without a difference, a field whose documentation does not say how sure it is, or an
 * OpenAPI document that is none; with `--check` nothing is written, and a stale file is an error too.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { Validator } from "@seriousme/openapi-schema-validator"
import * as Schema from "effect/Schema"
import { code, codeFacts } from "./code-facts.ts"
import { type Difference, type Unused, compare, explain } from "./compare.ts"
import { contractFacts } from "./contract-facts.ts"
import { parse, texts } from "./contract.ts"
import { coverage, levels, total } from "./coverage.ts"
import { differences } from "./differences.ts"
import { files, openApi, stale, write } from "./files.ts"
import { table } from "@paykka/tooling-text/table"
import * as tsdoc from "./tsdoc.ts"

const { values: args } = parseArgs({
  options: { check: { type: "boolean", default: false }, json: { type: "boolean", default: false } }
})

/** The messages of each domain's module, with its declarations. */
const documentation = async (): Promise<ReadonlyArray<string>> => {
  const domains = new Set([...code.operations, ...code.notifications].map(({ id }) => id.split(".")[0]!))
  const declarations: Record<string, string> = {}
  const messages: Record<string, Schema.Top> = {}
  for (const domain of domains) {
    const name = domain.charAt(0).toUpperCase() + domain.slice(1)
    const url = import.meta.resolve(`@paykka/schemas/${name}`)
    declarations[name] = readFileSync(fileURLToPath(url).replace(/\.js$/, ".d.ts"), "utf8")
    for (const [member, value] of Object.entries((await import(url)) as Record<string, unknown>)) {
      if (Schema.isSchema(value)) messages[`${name}.${member}`] = value
    }
  }
  return tsdoc.faults(tsdoc.declared(declarations), messages)
}

const invalid = async (): Promise<ReadonlyArray<string>> => {
  // The validator resolves references in the object that it is given.
  const { valid, errors = [] } = await new Validator().validate(structuredClone(openApi(contract, code)))
  if (valid) return []
  return typeof errors === "string"
    ? [errors]
    : errors.map(({ instancePath, message }) => `${instancePath}: ${message ?? "is not valid"}`)
}

const says = (value: string | undefined): string => (value === undefined ? "nothing" : `"${value}"`)

const differenceText = ({ operation, place, aspect, contract: theirs, code: ours }: Difference): string => {
  const where = place === "" ? operation : `${operation} ${place}`
  if (aspect !== "presence")
    return `${where}: ${aspect} is ${says(theirs)} in the contract and ${says(ours)} in the code`
  return `${where}: is only in the ${theirs === undefined ? "code" : "contract"}`
}

const unusedText = ({ entry, parts }: Unused): string =>
  `${parts.map((part) => `"${part}"`).join(", ")} of the entry "${entry.reason}"`

const contract = parse(texts())
const found = compare(contractFacts(contract), codeFacts(code))
const verdict = explain(found, differences)
const rows = coverage(
  code,
  contract.operations.map(({ id }) => id)
)
const wanted = await files(contract, code, verdict)
const outdated = args.check ? stale(wanted) : write(wanted)

/** What is wrong, each kind with what to do about it. */
const problems = [
  {
    what: "Differences that nobody has explained",
    act: "correct the descriptor, or give the reason in tooling/contract/differences.ts",
    lines: verdict.unexplained.map(differenceText)
  },
  {
    what: "Explanations without a difference",
    act: "remove them from tooling/contract/differences.ts",
    lines: verdict.unused.map(unusedText)
  },
  {
    what: "Fields whose documentation does not say how sure they are",
    act: "correct the TSDoc in packages/schemas/src, and build",
    lines: await documentation()
  },
  { what: "Faults of the OpenAPI document", act: "correct packages/schemas/src/OpenApi.ts", lines: await invalid() },
  { what: "Stale files", act: "run `npm run contract`", lines: args.check ? outdated : [] }
].filter(({ lines }) => lines.length > 0)

const known = contract.operations.filter(({ id }) => rows.some(({ operation }) => operation === id)).length
const summary = `${known} of ${contract.operations.length} operations, ${verdict.explained.length} differences explained, ${verdict.unexplained.length} unexplained`

if (args.json) {
  for (const row of rows) console.log(JSON.stringify(row))
  for (const { difference, by } of verdict.explained) console.log(JSON.stringify({ ...difference, reason: by.reason }))
  for (const difference of verdict.unexplained) console.log(JSON.stringify(difference))
  for (const { what, lines } of problems) console.log(JSON.stringify({ problem: what, lines }))
  console.log(
    JSON.stringify({
      operations: contract.operations.length,
      known,
      explained: verdict.explained.length,
      unexplained: verdict.unexplained.length,
      problems: problems.length
    })
  )
} else {
  const sums = total(rows)
  const cells = rows.map(({ operation, path, request, response, fields }) => [
    operation,
    path,
    request,
    response,
    ...levels.map((level) => fields[level])
  ])
  console.log(
    table(
      ["operation", "path", "request", "response", ...levels],
      [...cells, ["all", "", "", "", ...levels.map((level) => sums[level])]]
    )
  )
  console.log("\nThe last columns count fields. The response of a notification is its acknowledgement.\n")
  for (const { what, act, lines } of problems)
    console.log(`${what} (${lines.length}): ${act}.\n  ${lines.join("\n  ")}\n`)
  if (!args.check) for (const file of outdated) console.log(`wrote ${file}`)
  console.log(summary)
}
process.exitCode = problems.length > 0 ? 1 : 0
