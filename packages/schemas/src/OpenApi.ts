/**
 * The OpenAPI 3.1 document of the API, derived from the descriptors: for tools and for the sandbox's human page.
 *
 * What OpenAPI has no word for stands in `x-` members, explained in the document's own description.
 */
import * as ErrorCode from "./ErrorCode.ts"
import * as Schemas from "./internal/openApiSchemas.ts"
import * as Notification from "./Notification.ts"
import type { Operation } from "./Operation.ts"
import * as Shape from "./Shape.ts"

/** A JSON object. */
export type JsonObject = Schemas.JsonObject

/** What a field means: `Descriptions.find`, or words of your own. */
export type Describe = Schemas.Describe

/** What the document is made of. */
export interface Options {
  readonly operations: ReadonlyArray<Operation>
  readonly notifications: ReadonlyArray<Notification.Notification>
  /** What a field means; without it the fields have no descriptions. */
  readonly describe?: Describe | undefined
  /** Where the operations are; PayKKa's own hosts without it. */
  readonly servers?: ReadonlyArray<Server> | undefined
}

/** A host. */
export interface Server {
  readonly url: string
  readonly description: string
}

/** The document. */
export interface Document extends JsonObject {
  readonly openapi: string
  readonly info: JsonObject
  readonly paths: JsonObject
  readonly webhooks: JsonObject
  readonly components: JsonObject
}

/** The month of the documentation that the descriptors follow, which is the document's version. */
export const asOf = "2026-04"

const about = `PayKKa's cross-border API as far as it is known, derived from the descriptors of \`@paykka/schemas\`. PayKKa has not published this document.

Every call is a signed POST; see the security scheme \`signature\`. Amounts are JSON numbers and exact decimals, without a documented unit. Integers such as file ids may be beyond 2^53. Times are ISO 8601 in UTC. \`null\` and missing are the same, and whatever is received may have more fields than are listed here.

A success body is the business object itself (documented); \`{ret_code, ret_msg, data}\` with \`ret_code\` 000000 is to be understood as well (third-party).

- \`x-provenance\`: how sure it is: \`documented\` (an official page says so), \`third-party\` (only other clients' code or notes), \`inferred\` (from sibling operations or names), \`unknown\`.
- \`x-known-values\`: values that are known. No list is closed: others are to be understood, even where the documentation calls the list complete (\`x-known-values-complete\`).
- \`x-code-table\`: the appendix's table that the value is a code of. No row of them is public.
- \`x-sdk-form\`, \`x-sdk-rules\`: what the SDK holds a request to, beyond the documentation; a form implies the limits beside it. \`required\` in a request is likewise what the SDK demands.
- \`x-sensitive\`: never to be shown in a log.
- \`x-idempotency-key\`: the field that names a submission; \`x-resolved-by\`: the operation that reveals its outcome.
- \`x-aliases\`: other spellings of received fields.`

const signature = `Percent-encoded JSON, without a scheme word in front:

    {"sign_type":"SHA256_WITH_RSA","timestamp":"…","nonce":"…","key_id":"…","signature":"…"}

\`timestamp\` is the time of the request in milliseconds since 1970, as text; \`nonce\` a random text of 6 to 32 characters; \`key_id\` the id that PayKKa gave to the key. \`signature\` is the Base64 of an RSA signature (SHA256withRSA, PKCS#1 v1.5) over five lines, joined by a line feed and without one at the end:

1. the path, without host and query
2. the timestamp
3. the nonce
4. the value of \`X-Merch-Id\`; the line stays, empty, where the header is not sent
5. the body, exactly as it is sent; of an upload the JSON text of the part \`meta\`

Requests are signed with the merchant's private key; notifications with the platform's, over the path of the callback (third-party). A new timestamp, nonce and signature for every attempt.`

/** PayKKa's hosts. Production's is not public; a name ending in .invalid reaches nobody. */
const hosts: ReadonlyArray<JsonObject> = [
  { url: "https://open-fat.cb.paykka.com", description: "Sandbox. Documented." },
  {
    url: "https://{host}",
    description: "Production: PayKKa hands the host out on application.",
    variables: { host: { default: "handed-out-by-paykka.invalid", description: "The host that PayKKa gave you." } }
  }
]

const merchantHeader = (required: boolean): JsonObject => ({
  name: "X-Merch-Id",
  in: "header",
  required,
  description: "The merchant's number, as PayKKa issued it. It is line 4 of what is signed.",
  schema: { type: "string", maxLength: 20, examples: ["M24061911365700670"] }
})

const codeLines = (codes: ReadonlyArray<ErrorCode.ErrorCode>): string =>
  codes.map(({ code, meaning }) => `- \`${code}\`: ${meaning}`).join("\n")

const errorBody = (): JsonObject => ({
  type: "object",
  properties: {
    ret_code: {
      type: "string",
      maxLength: 6,
      examples: [ErrorCode.table[0]!.code],
      "x-known-values": ErrorCode.table.map(({ code }) => code),
      description: `Error code of six digits. An operation may have others than these:\n\n${codeLines(ErrorCode.table)}`,
      "x-provenance": "documented"
    },
    ret_msg: { type: "string", description: "Error message.", "x-provenance": "documented" }
  },
  required: ["ret_code", "ret_msg"],
  additionalProperties: true
})

/** Names and documented meanings of the statuses; 429 has no text on its page. */
const statuses: Readonly<Record<number, readonly [name: string, meaning: string]>> = {
  400: ["BadRequest", "Bad request."],
  401: ["Unauthorized", "No permission."],
  404: ["NotFound", "Record not found."],
  429: ["TooManyRequests", "Too many requests."],
  500: ["ServerError", "Server error. Whether a write was processed is open: ask for its outcome."]
}

const statusOf = (status: number) => statuses[status] ?? ([`Status${status}`, `HTTP status ${status}.`] as const)

const errorResponse = (status: number): JsonObject => {
  const codes = ErrorCode.table.filter(({ likelyHttpStatus }) => likelyHttpStatus === status)
  const [, meaning] = statusOf(status)
  return {
    description:
      codes.length === 0 ? meaning : `${meaning} Codes that probably come with it (inferred):\n\n${codeLines(codes)}`,
    content: { "application/json": { schema: Schemas.reference("Error") } },
    // Documented for one page, assumed for the others.
    "x-provenance": "inferred"
  }
}

const acknowledgement: JsonObject = {
  description: "Acknowledged: the notification was received, whether or not its form is known.",
  content: { "application/json": { schema: { type: "object" }, example: {} } }
}

const refer = (kind: string, name: string): JsonObject => ({ $ref: `#/components/${kind}/${name}` })

const tagOf = (id: string): string => id.split(".")[0]!

/** The words of a person who explains the call. */
const explanation = (operation: Operation): string | undefined => {
  const {
    merchantHeader: header,
    merchantField,
    idempotencyKey,
    resolvedBy,
    pathAlternatives = [],
    provenance
  } = operation
  const others = pathAlternatives.map((path) => `\`${path}\``).join(", ")
  const asks = resolvedBy === null ? [] : (Shape.of(resolvedBy.request).fields ?? []).map(({ name }) => name)
  const proviso = asks.some((name) => name === idempotencyKey) ? "" : `, which does not take \`${idempotencyKey}\`,`
  const lines = [
    provenance.path === "documented" ? "" : `The path is ${provenance.path}${others && `; ${others} is possible too`}.`,
    header === "forbidden" ? "`X-Merch-Id` must not be sent." : "",
    merchantField === undefined ? "" : `\`X-Merch-Id\` is the \`${merchantField}\` of the request.`,
    idempotencyKey === null ? "" : `\`${idempotencyKey}\` names the submission.`,
    resolvedBy === null
      ? ""
      : `When the answer was lost, ask \`${resolvedBy.id}\`${proviso} before sending anything again.`
  ].filter((line) => line !== "")
  return lines.length === 0 ? undefined : lines.join(" ")
}

const common = ({ id, title, sources }: Operation | Notification.Notification, description: string | undefined) => ({
  operationId: id,
  tags: [tagOf(id)],
  summary: title,
  description,
  externalDocs: sources[0] === undefined ? undefined : { url: sources[0] }
})

const aliasesOf = ({ aliases }: Operation | Notification.Notification) =>
  Object.keys(aliases).length === 0 ? undefined : aliases

const requestBody = (schema: JsonObject, { body }: Operation): JsonObject => ({
  required: true,
  // Which content types the parts of an upload have is not known (contract/file.yaml): no encoding is stated.
  content: { [body === "json" ? "application/json" : "multipart/form-data"]: { schema } }
})

const pathItem = (operation: Operation, schemas: Schemas.Schemas): JsonObject => {
  const { merchantHeader: header, provenance } = operation
  const request = schemas.message(Shape.of(operation.request), operation.id, "request")
  const response = schemas.message(Shape.of(operation.response), operation.id, "response")
  return {
    post: Schemas.object({
      ...common(operation, explanation(operation)),
      parameters:
        header === "forbidden"
          ? undefined
          : [refer("parameters", header === "required" ? "MerchantNumber" : "OptionalMerchantNumber")],
      requestBody: requestBody(request, operation),
      responses: {
        "200": { description: "Processed.", content: { "application/json": { schema: response } } },
        ...Object.fromEntries(
          ErrorCode.httpStatuses.map((status) => [String(status), refer("responses", statusOf(status)[0])])
        )
      },
      "x-provenance": {
        path: provenance.path,
        header: provenance.merchantHeader,
        request: provenance.request,
        response: provenance.response
      },
      "x-effect": operation.effect,
      "x-idempotency-key": operation.idempotencyKey ?? undefined,
      "x-resolved-by": operation.resolvedBy?.id,
      "x-path-alternatives": operation.pathAlternatives,
      "x-aliases": aliasesOf(operation),
      "x-sources": operation.sources
    })
  }
}

const envelope = (notification: Notification.Notification, schemas: Schemas.Schemas): JsonObject => {
  const { id, data, provenance } = notification
  const sure = { "x-provenance": provenance.envelope }
  const schema = schemas.message(Shape.of(data), id, "data")
  return schemas.add(Schemas.pascal(id), {
    type: "object",
    properties: {
      type: { ...Schemas.reference("NotificationType"), ...sure },
      version: { ...Schemas.reference("NotificationVersion"), ...sure },
      data: { ...schema, description: "The business object.", ...sure }
    },
    additionalProperties: true
  })
}

const webhook = (notification: Notification.Notification, schemas: Schemas.Schemas): JsonObject => {
  const { path, provenance } = notification
  const description =
    `PayKKa's pages file it under \`${path}\`; the path of the merchant's callback may be another. ` +
    "Verify it before anything is parsed, and tell kinds apart by path or by the shape of `data`, never by `type`."
  return {
    post: Schemas.object({
      ...common(notification, description),
      parameters: [refer("parameters", "OptionalMerchantNumber")],
      requestBody: { required: true, content: { "application/json": { schema: envelope(notification, schemas) } } },
      responses: { "200": refer("responses", "Acknowledgement") },
      "x-provenance": {
        path: provenance.path,
        header: provenance.merchantHeader,
        envelope: provenance.envelope,
        data: provenance.data,
        acknowledgement: provenance.acknowledgement
      },
      "x-path": path,
      "x-aliases": aliasesOf(notification),
      "x-sources": notification.sources
    })
  }
}

const knownValues = (description: string, values: ReadonlyArray<string>): JsonObject => ({
  type: "string",
  description,
  examples: values.slice(0, 1),
  "x-known-values": values
})

/** Makes the document. The same descriptors give the same text, member by member. */
export const make = (options: Options): Document => {
  const { operations, notifications } = options
  const schemas = Schemas.make(options.describe ?? (() => undefined))
  schemas.add("Error", errorBody())
  schemas.add("NotificationType", knownValues("Kind of notification. Not for routing.", Notification.types))
  schemas.add("NotificationVersion", knownValues("Version of the envelope. Accept its absence.", Notification.versions))
  const paths = Object.fromEntries(operations.map((operation) => [operation.path, pathItem(operation, schemas)]))
  const webhooks = Object.fromEntries(notifications.map((each) => [each.id, webhook(each, schemas)]))
  const tags = [...new Set([...operations, ...notifications].map(({ id }) => tagOf(id)))]
  return {
    openapi: "3.1.1",
    info: { title: "PayKKa cross-border OpenAPI", version: asOf, description: about },
    servers: options.servers?.map(({ url, description }) => ({ url, description })) ?? hosts,
    security: [{ signature: [] }],
    tags: tags.map((name) => ({ name })),
    paths,
    webhooks,
    components: {
      schemas: schemas.components(),
      parameters: { MerchantNumber: merchantHeader(true), OptionalMerchantNumber: merchantHeader(false) },
      responses: {
        Acknowledgement: acknowledgement,
        ...Object.fromEntries(ErrorCode.httpStatuses.map((status) => [statusOf(status)[0], errorResponse(status)]))
      },
      securitySchemes: { signature: { type: "apiKey", in: "header", name: "Authorization", description: signature } }
    }
  }
}
