/** The facts of the wire (`contract/*.yaml`) as the tests read them, beside the descriptors that they are about. */
import { readFileSync } from "node:fs"
import * as Yaml from "effect/encoding/Yaml"
import * as Catalogue from "../../src/Catalogue.ts"
import type { Aliases } from "../../src/Inbound.ts"
import type { Codec } from "../../src/Operation.ts"
import type { Provenance } from "../../src/Provenance.ts"

// ---------------------------------------------------------------------------------------------------------
// The files
// ---------------------------------------------------------------------------------------------------------

/** What the contract says of a field, as far as these tests ask for it. */
export interface Field {
  readonly name: string
  readonly type: "string" | "integer" | "number" | "boolean" | "array" | "object" | "binary"
  readonly format?: string
  readonly required: boolean | "unknown"
  readonly min_length?: number
  readonly max_length?: number
  readonly min_items?: number
  readonly max_items?: number
  readonly enum?: ReadonlyArray<{ readonly value: string }>
  readonly items?: Pick<Field, "type" | "format" | "fields">
  readonly fields?: ReadonlyArray<Field>
}

export type Fields = ReadonlyArray<Field>

export interface Example {
  readonly of: "request" | "response"
  readonly source: string
  readonly complete: boolean
  readonly body: Readonly<Record<string, unknown>>
}

interface Listed {
  readonly id: string
  readonly direction: "outbound" | "inbound"
  readonly request?: Fields
  readonly request_same_as?: string
  readonly request_overrides?: ReadonlyArray<Pick<Field, "name"> & Partial<Field>>
  readonly response: Fields
  readonly aliases: Aliases
  readonly examples: ReadonlyArray<Example>
}

/** An operation or notification of the contract. */
export interface Entry extends Omit<Listed, "request" | "request_same_as" | "request_overrides"> {
  readonly request: Fields
}

interface Core {
  readonly idempotency: { readonly field: Field }
  readonly notifications: {
    readonly routing: ReadonlyArray<string>
    readonly examples: ReadonlyArray<Example>
  }
  readonly responses: {
    readonly error_codes: ReadonlyArray<{
      readonly code: string
      readonly desc: string
      readonly provenance: Provenance
      readonly likely_http: number
      readonly retry_hint: string
    }>
    readonly retry_hints: Readonly<Record<string, string>>
  }
  readonly time_format: { readonly example: { readonly date: string } }
  readonly contradictions: ReadonlyArray<{ readonly id: string; readonly act: string }>
}

const load = (name: string): unknown =>
  Yaml.parse(readFileSync(new URL(`../../../../contract/${name}.yaml`, import.meta.url), "utf8"))

export const core = load("core") as Core

const domains = [
  "onboarding",
  "assessment",
  "va",
  "remittance",
  "order",
  "tradesettle",
  "balance",
  "payee",
  "forex",
  "payment",
  "file"
]
const listed = domains.flatMap((name) => (load(name) as { readonly operations: ReadonlyArray<Listed> }).operations)

const found = <A extends { readonly id: string }>(all: ReadonlyArray<A>, id: string): A => {
  const entry = all.find((each) => each.id === id)
  if (entry === undefined) throw new Error(`the contract has no ${id}`)
  return entry
}

/** The request's fields: its own, or those of another operation with some of them changed or added. */
const requestOf = ({ request, request_same_as = "", request_overrides = [] }: Listed): Fields => {
  if (request !== undefined) return request
  const shared = found(listed, request_same_as).request!
  const changed = shared.map((field) => ({ ...field, ...request_overrides.find(({ name }) => name === field.name) }))
  const added = request_overrides.filter(({ name }) => !shared.some((field) => field.name === name))
  return [...changed, ...(added as Fields)]
}

export const entries: ReadonlyArray<Entry> = listed.map((entry) => ({ ...entry, request: requestOf(entry) }))

export const entry = (id: string): Entry => found(entries, id)

/** What is to be done about a contradiction of the sources, by its id. */
export const act = (id: string): string => found(core.contradictions, id).act

/** The fields of a notification's `data`. */
export const dataFields = ({ request }: Entry): Fields => request.find(({ name }) => name === "data")!.fields!

/** The one example of a notification that a page documents for this very event. */
export const documentedNotification = entry("va.notification").examples.find((example) => example.of === "request")!
  .body as { readonly type: string; readonly data: Readonly<Record<string, unknown>> }

// ---------------------------------------------------------------------------------------------------------
// Both sides
// ---------------------------------------------------------------------------------------------------------

/** The operations, each with what the contract says of it. */
export const calls = Catalogue.operations.map((operation) => ({ operation, contract: entry(operation.id) }))

/** The notifications, each with what the contract says of it. */
export const notices = Catalogue.notifications.map((notification) => ({
  notification,
  contract: entry(notification.id)
}))

/** A business object that is received. */
interface Received {
  readonly id: string
  readonly response: Codec
  readonly aliases: Aliases
  readonly fields: Fields
  /** Whether it keeps what is not known: where nothing or only the likely is known. */
  readonly open: boolean
}

const open: ReadonlySet<string> = new Set([
  "onboarding.update",
  "assessment.update",
  "va.apply",
  "remittance.notification",
  "order.supplement",
  "balance.inquiry",
  "payee.create",
  "payee.update",
  "payee.inquiry",
  "payee.notification",
  "forex.confirm",
  "forex.inquiry",
  "forex.notification",
  "payment.inquiry",
  "payment.notification"
])

/** The answers of all operations and the data of all notifications. */
export const received: ReadonlyArray<Received> = [
  ...calls.map(({ operation: { id, response, aliases }, contract }) => ({
    id,
    response,
    aliases,
    fields: contract.response,
    open: open.has(id)
  })),
  ...notices.map(({ notification: { id, data, aliases }, contract }) => ({
    id,
    response: data,
    aliases,
    fields: dataFields(contract),
    open: open.has(id)
  }))
]
