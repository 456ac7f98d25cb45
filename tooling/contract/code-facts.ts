/** What the code says: the descriptors of `@paykka/schemas`, and what it has for all of them. */
import * as Catalogue from "@paykka/schemas/Catalogue"
import * as CodeTable from "@paykka/schemas/CodeTable"
import * as ErrorCode from "@paykka/schemas/ErrorCode"
import * as Notification from "@paykka/schemas/Notification"
import type { Operation } from "@paykka/schemas/Operation"
import { RequestId } from "@paykka/schemas/RequestId"
import * as Shape from "@paykka/schemas/Shape"
import { core, type Facts, type Saying, saying, spellings, unordered, yes } from "./facts.ts"

/** What of the code is compared. */
export interface Code {
  readonly operations: ReadonlyArray<Operation>
  readonly notifications: ReadonlyArray<Notification.Notification>
  readonly errorCodes: ReadonlyArray<ErrorCode.ErrorCode>
  readonly errorStatuses: ReadonlyArray<number>
  readonly envelopeTypes: ReadonlyArray<string>
  readonly envelopeVersions: ReadonlyArray<string>
  readonly requestId: Shape.Shape
  readonly tables: ReadonlyArray<CodeTable.CodeTable>
}

export const code: Code = {
  operations: Catalogue.operations,
  notifications: Catalogue.notifications,
  errorCodes: ErrorCode.table,
  errorStatuses: ErrorCode.httpStatuses,
  envelopeTypes: Notification.types,
  envelopeVersions: Notification.versions,
  requestId: Shape.of(RequestId),
  tables: CodeTable.tables
}

type Places = Map<string, Saying>

/** An object of which no field is known. */
const isOpen = ({ type, fields = [] }: Shape.Shape): boolean => type === "object" && fields.length === 0

const ofShape = (shape: Shape.Shape): Saying =>
  saying({
    type: shape.type,
    format: shape.format,
    min_length: shape.minLength || undefined,
    max_length: shape.maxLength,
    min_items: shape.minItems || undefined,
    max_items: shape.maxItems,
    enum: unordered(shape.values ?? []),
    enum_complete: shape.valuesComplete === true ? "yes" : undefined,
    table: shape.table,
    open: isOpen(shape) ? "yes" : undefined,
    form: shape.form,
    rules: shape.rules
  })

const addShape = (places: Places, path: string, shape: Shape.Shape, more: Saying = {}): void => {
  places.set(path, { ...ofShape(shape), ...more })
  for (const field of shape.fields ?? []) {
    const { required, provenance } = field
    addShape(places, `${path}.${field.name}`, field.shape, saying({ required: yes(required), provenance }))
  }
  if (shape.items !== undefined) addShape(places, `${path}[]`, shape.items)
}

const ofOperation = (operation: Operation, { errorStatuses }: Code): Places => {
  const { provenance } = operation
  const places: Places = new Map()
  places.set(
    "",
    saying({
      title: operation.title,
      method: "POST",
      path: operation.path,
      path_alternatives: operation.pathAlternatives,
      path_provenance: provenance.path,
      content_type: operation.body === "json" ? "application/json" : "multipart/form-data",
      merchant_header: operation.merchantHeader,
      merchant_header_provenance: provenance.merchantHeader,
      merchant_field: operation.merchantField,
      effect: operation.effect,
      idempotency_key: operation.idempotencyKey,
      resolved_by: operation.resolvedBy?.id,
      body_provenance: provenance.request,
      response_provenance: provenance.response,
      aliases: spellings(operation.aliases),
      errors: errorStatuses,
      sources: operation.sources
    })
  )
  addShape(places, "request", Shape.of(operation.request))
  addShape(places, "response", Shape.of(operation.response))
  return places
}

const ofNotification = (notification: Notification.Notification, { errorStatuses }: Code): Places => {
  const { provenance } = notification
  const places: Places = new Map()
  places.set(
    "",
    saying({
      title: notification.title,
      // The webhook takes no other method or content, and the header where it comes.
      method: "POST",
      content_type: "application/json",
      merchant_header: "optional",
      path: notification.path,
      path_provenance: provenance.path,
      merchant_header_provenance: provenance.merchantHeader,
      body_provenance: provenance.data,
      response_provenance: provenance.acknowledgement,
      aliases: spellings(notification.aliases),
      errors: errorStatuses,
      sources: notification.sources
    })
  )
  // A member of the envelope is read where it comes and never demanded.
  const member = saying({ required: yes(false), provenance: provenance.envelope })
  places.set("type", { ...member, type: "string" })
  places.set("version", { ...member, type: "string" })
  addShape(places, "data", Shape.of(notification.data), member)
  return places
}

const ofCore = (all: Code): Places => {
  const places: Places = new Map()
  for (const { code: name, meaning, likelyHttpStatus, retryHint } of all.errorCodes) {
    places.set(`error_codes.${name}`, saying({ desc: meaning, likely_http: likelyHttpStatus, retry_hint: retryHint }))
  }
  places.set("envelope.type", saying({ enum: unordered(all.envelopeTypes) }))
  places.set("envelope.version", saying({ enum: unordered(all.envelopeVersions) }))
  places.set("request_id", ofShape(all.requestId))
  for (const { id, title, key } of all.tables) {
    const { type, provenance } = key
    places.set(`tables.${id}`, saying({ title: `${title.en} / ${title.zh}`, type, provenance }))
  }
  return places
}

export const codeFacts = (all: Code): Facts =>
  new Map([
    [core, ofCore(all)],
    ...all.operations.map((operation) => [operation.id, ofOperation(operation, all)] as const),
    ...all.notifications.map((notification) => [notification.id, ofNotification(notification, all)] as const)
  ])
