/** `contract/*.yaml`, read: the facts of the wire, with shared bodies and ceilings put where they belong. */
import { readFileSync, readdirSync } from "node:fs"
import type { Provenance } from "@paykka/schemas"
import * as Yaml from "effect/encoding/Yaml"

/** What an array holds. */
export interface Items {
  readonly type: string
  readonly format?: string
  readonly fields?: ReadonlyArray<Field>
}

export interface Field {
  readonly name: string
  readonly type: string
  readonly format?: string
  /** `unknown` is to be treated as optional. */
  readonly required: boolean | "unknown"
  readonly provenance: Provenance
  readonly min_length?: number
  readonly max_length?: number
  readonly min_items?: number
  readonly max_items?: number
  readonly enum?: ReadonlyArray<{ readonly value: string; readonly desc: string }>
  readonly enum_complete?: boolean
  readonly items?: Items
  /** An object without them is an open record. */
  readonly fields?: ReadonlyArray<Field>
  readonly desc?: string
}

export interface Operation {
  readonly id: string
  readonly title: string
  readonly direction: "outbound" | "inbound"
  readonly method: string
  readonly path: string
  readonly path_provenance: Provenance
  readonly path_alternatives: ReadonlyArray<string>
  readonly merchant_header: string
  readonly merchant_header_provenance: Provenance
  readonly content_type: string
  readonly effect: string
  readonly idempotency_key: string | null
  readonly resolved_by: string | null
  readonly body_provenance: Provenance
  readonly request: ReadonlyArray<Field>
  readonly response: ReadonlyArray<Field>
  readonly response_provenance: Provenance
  readonly aliases: Readonly<Record<string, string>>
  readonly errors: ReadonlyArray<number>
  readonly notes: ReadonlyArray<string>
  readonly open_questions: ReadonlyArray<string>
  readonly sources: ReadonlyArray<string>
}

export interface Core {
  readonly provenance_levels: Readonly<Record<string, string>>
  readonly environments: ReadonlyArray<{ readonly name: string; readonly base_url: string | null }>
  readonly idempotency: { readonly field: Field }
  readonly notifications: { readonly envelope: ReadonlyArray<Field> }
  readonly responses: {
    readonly error_body: ReadonlyArray<Field>
    readonly error_codes: ReadonlyArray<{
      readonly code: string
      readonly desc: string
      readonly likely_http: number
      readonly retry_hint: string
    }>
  }
  readonly contradictions: ReadonlyArray<{ readonly id: string; readonly what: string; readonly act: string }>
  readonly open_questions: ReadonlyArray<string>
}

export interface Table {
  readonly id: string
  readonly title_en: string
  readonly title_zh: string
  readonly rows: number
  readonly used_by: ReadonlyArray<{ readonly operations: ReadonlyArray<string>; readonly field: string }>
  readonly field_candidates: ReadonlyArray<string>
  readonly key_format: { readonly type: string; readonly provenance: Provenance }
}

export interface Contract {
  readonly core: Core
  readonly tables: ReadonlyArray<Table>
  readonly operations: ReadonlyArray<Operation>
}

/** An operation as it is written: its body may be that of another. */
type Written = Omit<Operation, "request"> & {
  readonly request?: ReadonlyArray<Field>
  readonly request_same_as?: string
  readonly request_overrides?: ReadonlyArray<Partial<Field> & { readonly name: string }>
}

/**
 * Bodies that are taken over from another operation, or from a page assigned by inference: no mark in them is surer than
 * the body as a whole (`contract/README.md`).
 */
const isCeiling = (id: string): boolean =>
  id === "onboarding.update" || id === "tradesettle.notification" || id.startsWith("assessment.")

const order: ReadonlyArray<Provenance> = ["documented", "third-party", "inferred", "unknown"]

const weaker = (a: Provenance, b: Provenance): Provenance => (order.indexOf(a) > order.indexOf(b) ? a : b)

const capped = (fields: ReadonlyArray<Field>, ceiling: Provenance): ReadonlyArray<Field> =>
  fields.map((field) => ({
    ...field,
    provenance: weaker(field.provenance, ceiling),
    ...(field.fields === undefined ? {} : { fields: capped(field.fields, ceiling) }),
    ...(field.items?.fields === undefined
      ? {}
      : { items: { ...field.items, fields: capped(field.items.fields, ceiling) } })
  }))

const overridden = (
  fields: ReadonlyArray<Field>,
  overrides: NonNullable<Written["request_overrides"]>
): ReadonlyArray<Field> => {
  const added = overrides.filter(({ name }) => !fields.some((field) => field.name === name))
  return [
    ...fields.map((field) => ({ ...field, ...overrides.find(({ name }) => name === field.name) })),
    ...added.map((field) => field as Field)
  ]
}

const requestOf = (operation: Written, all: ReadonlyArray<Written>): ReadonlyArray<Field> => {
  const { request, request_same_as: same, request_overrides: overrides = [] } = operation
  if (request !== undefined) return request
  const other = all.find(({ id }) => id === same)
  if (other === undefined) throw new Error(`${operation.id} has the body of ${same}, which the contract does not have`)
  return overridden(requestOf(other, all), overrides)
}

/** The order of the documentation's navigation. */
const navigation = [
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

const position = (domain: string): number => {
  const index = navigation.indexOf(domain)
  return index === -1 ? navigation.length : index
}

/** Reads the files, by their names without `.yaml`. */
export const parse = (files: Readonly<Record<string, string>>): Contract => {
  const { core, appendix, ...domains } = Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, Yaml.parse(text)] as const)
  )
  const written = Object.entries(domains)
    .toSorted(([a], [b]) => position(a) - position(b))
    .flatMap(([, domain]) => (domain as { readonly operations: ReadonlyArray<Written> }).operations)
  return {
    core: core as Core,
    tables: (appendix as { readonly tables: ReadonlyArray<Table> }).tables,
    operations: written.map((operation): Operation => {
      const request = requestOf(operation, written)
      return { ...operation, request: isCeiling(operation.id) ? capped(request, operation.body_provenance) : request }
    })
  }
}

const folder = new URL("../../contract/", import.meta.url)

/** The texts of the contract's files, by their names without `.yaml`. */
export const texts = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => [name.slice(0, -".yaml".length), readFileSync(new URL(name, folder), "utf8")])
  )
