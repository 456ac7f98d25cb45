/** `docs/contract.md`: what is known of the API and how surely, for people. */
import type { Notification } from "@paykka/schemas/Notification"
import type { Operation } from "@paykka/schemas/Operation"
import * as Shape from "@paykka/schemas/Shape"
import type { Code } from "./code-facts.ts"
import type { Deliberate, Verdict } from "./compare.ts"
import type { Contract, Operation as Documented, Table } from "./contract.ts"
import { coverage, levels, total } from "./coverage.ts"
import { type Cells, code, list, prose, table, toHeading } from "./markdown.ts"
import { messages } from "./page-messages.ts"

const spellings = (aliases: Readonly<Record<string, string>>): ReadonlyArray<string> => {
  const all = Object.entries(aliases).map(([alias, name]) => `${code(alias)} for ${code(name)}`)
  return all.length === 0 ? [] : [`Other spellings that are understood: ${all.join(", ")}.`]
}

const links = (sources: ReadonlyArray<string>): string =>
  sources.map((url) => `[${url.replace(/^https:\/\/[^/]+\//, "")}](${url})`).join(", ")

const closing = ({ open_questions: questions, sources }: Documented): ReadonlyArray<string> => [
  ...(questions.length === 0 ? [] : ["Not known:", list(questions.map(prose))]),
  `Sources: ${links(sources)}.`
]

const effectOf = ({ effect, idempotencyKey: key, resolvedBy }: Operation): string => {
  if (effect === "read") return "A read."
  const named = key === null ? "which no field names" : `named by ${code(key)}`
  const lost = resolvedBy === null ? "nothing tells what became of it" : `ask ${toHeading(resolvedBy.id)}`
  return `${effect === "create" ? "A create" : "An update"}, ${named}; when the answer was lost, ${lost}.`
}

const pathOf = ({ path, pathAlternatives = [], provenance }: Operation): string =>
  [
    `${code(`POST ${path}`)}: ${provenance.path}`,
    ...pathAlternatives.map((other) => `${code(other)} is possible too`)
  ].join("; ")

const callSection = (operation: Operation, documented: Documented, show: ReturnType<typeof messages>): string => {
  const { id, title, body, provenance, merchantHeader, merchantField } = operation
  return [
    `### ${id}`,
    `${title}.`,
    list([
      `${pathOf(operation)}.`,
      `${code("X-Merch-Id")} is ${merchantHeader}: ${provenance.merchantHeader}.${merchantField === undefined ? "" : ` It is the ${code(merchantField)} of the request.`}`,
      effectOf(operation),
      ...spellings(operation.aliases)
    ]),
    `**Request**${body !== "json" ? ", as multipart" : ""}: ${provenance.request}.`,
    show(id, "request", Shape.of(operation.request)),
    `**Response**: ${provenance.response}.`,
    show(id, "response", Shape.of(operation.response)),
    ...closing(documented)
  ].join("\n\n")
}

const notificationSection = (
  notification: Notification,
  documented: Documented,
  show: ReturnType<typeof messages>
): string => {
  const { id, title, path, provenance } = notification
  return [
    `### ${id}`,
    `${title}.`,
    list([
      `Filed under ${code(path)}: ${provenance.path}. The path of the merchant's callback may be another.`,
      `${code("X-Merch-Id")} may come: ${provenance.merchantHeader}.`,
      `In an envelope ${code("{type, version, data}")}: ${provenance.envelope}.`,
      `Acknowledged with 200 and ${code("{}")}: ${provenance.acknowledgement}.`,
      ...spellings(notification.aliases)
    ]),
    `**Data**: ${provenance.data}.`,
    show(id, "data", Shape.of(notification.data)),
    ...closing(documented)
  ].join("\n\n")
}

const sections = (contract: Contract, { operations, notifications }: Code, verdict: Verdict): ReadonlyArray<string> => {
  const show = messages(contract, verdict)
  return contract.operations.flatMap((documented) => {
    const call = operations.find(({ id }) => id === documented.id)
    if (call !== undefined) return [callSection(call, documented, show)]
    const notification = notifications.find(({ id }) => id === documented.id)
    return notification === undefined ? [] : [notificationSection(notification, documented, show)]
  })
}

const coverageTable = (contract: Contract, all: Code): string => {
  const rows = coverage(
    all,
    contract.operations.map(({ id }) => id)
  )
  const sums = total(rows)
  return table(
    ["operation", "path is", "request is", "response is", ...levels],
    [
      ...rows.map(({ operation, path, request, response, fields }) => [
        toHeading(operation),
        path,
        request,
        response,
        ...levels.map((level) => (fields[level] === 0 ? "" : String(fields[level])))
      ]),
      ["all", "", "", "", ...levels.map((level) => String(sums[level]))]
    ]
  )
}

const said = (value: string | null | undefined): string => {
  if (value === undefined) return ""
  return value === null ? "nothing" : code(value)
}

const differenceRow = ({ operations, places, aspects, contract, code: ours, reason }: Deliberate): Cells => [
  operations.map((glob) => (glob === "**" ? "all" : code(glob))).join(", "),
  places.map((glob) => (glob === "" ? "the operation" : code(glob))).join(", "),
  aspects.map(code).join(", "),
  said(contract),
  said(ours),
  prose(reason)
]

const tableRow = ({
  id,
  title_en,
  title_zh,
  key_format: key,
  used_by: uses,
  field_candidates: maybe
}: Table): Cells => [
  code(id),
  `${title_en} (${title_zh})`,
  key.type === "unknown" ? "unknown" : `${key.type}, ${key.provenance}`,
  uses.map(({ operations, field }) => `${code(field)} of ${operations.map(code).join(", ")}`).join("; "),
  prose(maybe.join("; "))
]

const words = ({ core }: Contract): ReadonlyArray<string> => [
  ...Object.entries(core.provenance_levels).map(([level, text]) => `**${level}**: ${text}.`),
  "**unknown**: no source says anything. A message of which nothing is known is an open record.",
  "**required**: `yes` where a source says so; `by the SDK` where no source shows the mark and the call would mean nothing without the field. Nothing received is demanded, but for the id of an upload.",
  "**known** values: a page or a client shows them. **listed** ones are on a page that calls its list complete. Others pass at run time in either case.",
  `**table**: the value is a code of one of the ${toHeading("Code tables", "code tables")}, by inference.`,
  "**sensitive**: the value never shows in an error, a log or a span."
]

/** The page, before it is formatted. */
export const page = (
  contract: Contract,
  all: Code,
  verdict: Verdict,
  differences: ReadonlyArray<Deliberate>
): string => {
  const { core, tables, operations } = contract
  const calls = operations.filter(({ direction }) => direction === "outbound").length
  return [
    "# The contract: what is known, and how surely",
    "<!-- Written by `npm run contract`. Not to be edited. -->",
    `PayKKa's documentation is public in parts only. What is known of its ${operations.length} operations (${calls} calls and ${operations.length - calls} notifications) stands in [\`contract/\`](../contract/README.md), each fact with where it comes from; this page shows what the SDK makes of it. \`npm run contract\` compares the two, both ways, and writes this page and the OpenAPI document [\`openapi.json\`](openapi.json).`,
    "A path or a header rule that turns out to be wrong is corrected by [configuration](configuration.md) (`overrides`); a field that is missing here is sent as `extra`.",
    "## The words",
    list(words(contract)),
    "## Operations",
    "The last columns count the fields that are known, those inside others included. The response of a notification is its acknowledgement.",
    coverageTable(contract, all),
    "## Contradictions, and what the SDK does",
    table(
      ["id", "what the sources say", "what the SDK does"],
      core.contradictions.map(({ id, what, act }) => [code(id), prose(what), prose(act)])
    ),
    "## Deliberate differences",
    `In ${verdict.explained.length} places the SDK does not do as the contract says, for these reasons. \`*\` stands for any part of a name, \`**\` also for several names. The list is \`tooling/contract/differences.ts\`.`,
    table(["operation", "field", "what", "contract", "SDK", "why"], differences.map(differenceRow)),
    "## Code tables",
    "No row of the appendix's tables is public; [code tables](code-tables.md) tells how to use rows of your own. All links to fields are inferred.",
    table(["table", "title", "a code is", "used by", "perhaps also by"], tables.map(tableRow)),
    "## Not known of any operation",
    list(core.open_questions.map(prose)),
    "## Fields",
    ...sections(contract, all, verdict),
    ""
  ].join("\n\n")
}
