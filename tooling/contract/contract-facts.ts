/** What the contract says. */
import type { Contract, Field, Items, Operation, Table } from "./contract.ts"
import { core, type Facts, type Saying, saying, spellings, unordered, yes } from "./facts.ts"

type Places = Map<string, Saying>

const put = (places: Places, path: string, more: Saying): void => {
  places.set(path, { ...places.get(path), ...more })
}

const addItems = (places: Places, path: string, { type, format, fields }: Items): void => {
  put(places, path, saying({ type, format, open: type === "object" && fields === undefined ? "yes" : undefined }))
  addFields(places, `${path}.`, fields ?? [])
}

const addFields = (places: Places, prefix: string, fields: ReadonlyArray<Field>): void => {
  for (const field of fields) {
    const path = prefix + field.name
    put(
      places,
      path,
      saying({
        type: field.type,
        format: field.format,
        required: yes(field.required === true),
        min_length: field.min_length || undefined,
        max_length: field.max_length,
        min_items: field.min_items || undefined,
        max_items: field.max_items,
        enum: unordered((field.enum ?? []).map(({ value }) => value)),
        enum_complete: field.enum_complete === true ? "yes" : undefined,
        provenance: field.provenance,
        open: field.type === "object" && field.fields === undefined ? "yes" : undefined
      })
    )
    addFields(places, `${path}.`, field.fields ?? [])
    if (field.items !== undefined) addItems(places, `${path}[]`, field.items)
  }
}

/** A message of which no field is known is an open record. */
const addMessage = (places: Places, name: string, fields: ReadonlyArray<Field>): void => {
  put(places, name, saying({ type: "object", open: fields.length === 0 ? "yes" : undefined }))
  addFields(places, `${name}.`, fields)
}

/** The tables that say themselves to be used by a field of the operation. */
const addTables = (places: Places, id: string, isNotification: boolean, tables: ReadonlyArray<Table>): void => {
  const found = new Map<string, Array<string>>()
  for (const { id: table, used_by: uses } of tables) {
    for (const { operations, field } of uses) {
      if (!operations.includes(id)) continue
      const path = isNotification && !field.startsWith("data.") ? `data.${field}` : field
      const place = isNotification ? path : `request.${path}`
      // The codes of an array are its items.
      const of = places.get(place)?.type === "array" ? `${place}[]` : place
      found.set(of, [...(found.get(of) ?? []), table])
    }
  }
  for (const [place, ids] of found) put(places, place, saying({ table: unordered(ids) }))
}

const ofOperation = (operation: Operation, tables: ReadonlyArray<Table>): Places => {
  const { id, direction } = operation
  const inbound = direction === "inbound"
  const places: Places = new Map()
  put(
    places,
    "",
    saying({
      title: inbound ? operation.title.replace(/ \(notification\)$/, "") : operation.title,
      method: operation.method,
      path: operation.path,
      path_alternatives: operation.path_alternatives,
      path_provenance: operation.path_provenance,
      content_type: operation.content_type,
      merchant_header: operation.merchant_header,
      merchant_header_provenance: operation.merchant_header_provenance,
      effect: inbound ? undefined : operation.effect,
      idempotency_key: operation.idempotency_key,
      resolved_by: operation.resolved_by,
      body_provenance: operation.body_provenance,
      response_provenance: operation.response_provenance,
      aliases: spellings(operation.aliases),
      errors: operation.errors,
      sources: operation.sources
    })
  )
  if (inbound) {
    addFields(
      places,
      "",
      // The values of the envelope are compared once for all, under `core`.
      operation.request.map((field) => (field.name === "data" ? field : { ...field, enum: [] }))
    )
  } else {
    addMessage(places, "request", operation.request)
    addMessage(places, "response", operation.response)
  }
  addTables(places, id, inbound, tables)
  return places
}

const ofCore = ({ core: common, operations, tables }: Contract): Places => {
  const places: Places = new Map()
  for (const { code, desc, likely_http, retry_hint } of common.responses.error_codes) {
    // What follows the semicolon is advice.
    put(places, `error_codes.${code}`, saying({ desc: desc.split(";")[0], likely_http, retry_hint }))
  }
  const bodies = operations.filter(({ direction }) => direction === "inbound").map(({ request }) => request)
  for (const name of ["type", "version"]) {
    const values = [common.notifications.envelope, ...bodies].flatMap(
      (fields) => fields.find((field) => field.name === name)?.enum ?? []
    )
    put(places, `envelope.${name}`, saying({ enum: unordered(values.map(({ value }) => value)) }))
  }
  const { min_length, max_length } = common.idempotency.field
  put(places, "request_id", saying({ type: "string", min_length, max_length }))
  for (const { id, title_en, title_zh, key_format } of tables) {
    const { type, provenance } = key_format
    put(places, `tables.${id}`, saying({ title: `${title_en} / ${title_zh}`, type, provenance }))
  }
  return places
}

export const contractFacts = (contract: Contract): Facts =>
  new Map([
    [core, ofCore(contract)],
    ...contract.operations.map((operation) => [operation.id, ofOperation(operation, contract.tables)] as const)
  ])
