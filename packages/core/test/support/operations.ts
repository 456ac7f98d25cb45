/** Descriptors that the first domain does not have: the other header rules, an update, an exact amount. */
import * as Amount from "@paykka/schemas/Amount"
import * as Operation from "@paykka/schemas/Operation"
import type { Provenance } from "@paykka/schemas/Provenance"
import { RequestId } from "@paykka/schemas/RequestId"
import * as Va from "@paykka/schemas/Va"
import * as Schema from "effect/Schema"

const provenance = { path: "inferred", merchantHeader: "inferred", request: "inferred", response: "unknown" } as const

const common = {
  title: "An operation of these tests",
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: Schema.Struct({ note: Schema.String }),
  response: Schema.Struct({ note: Schema.optionalKey(Schema.String), count: Schema.optionalKey(Schema.Int) }),
  aliases: {},
  provenance,
  sources: []
} as const

/** A read that forbids X-Merch-Id. */
export const forbidden = Operation.make({
  ...common,
  id: "test.forbidden",
  path: "/api/v2/merch/test/forbidden",
  merchantHeader: "forbidden",
  effect: "read"
})

/** A read for which X-Merch-Id is optional. */
export const optional = Operation.make({
  ...common,
  id: "test.optional",
  path: "/api/v2/merch/test/optional",
  merchantHeader: "optional",
  effect: "read"
})

/** An update without a key and without a query that would reveal its outcome. */
export const update = Operation.make({
  ...common,
  id: "test.update",
  path: "/api/v2/merch/test/update",
  merchantHeader: "required",
  effect: "update"
})

/** An update whose key names what exists already. */
export const amend = Operation.make({
  ...common,
  id: "test.amend",
  path: "/api/v2/merch/test/amend",
  merchantHeader: "required",
  effect: "update",
  idempotencyKey: "request_id",
  resolvedBy: Va.inquiry,
  request: Schema.Struct({ request_id: RequestId })
})

/** A read whose path is as sure as said. That an operation was warned of is kept for the process: give each test an id. */
export const known = (id: string, path: Provenance, pathAlternatives: ReadonlyArray<string> = []) =>
  Operation.make({
    ...common,
    id,
    path: `/api/v2/merch/${id}`,
    pathAlternatives,
    merchantHeader: "required",
    effect: "read",
    provenance: { ...provenance, path }
  })

/** A create whose key is not called request_id, with an exact amount. */
export const order = Operation.make({
  ...common,
  id: "test.order",
  path: "/api/v2/merch/test/order",
  merchantHeader: "required",
  effect: "create",
  idempotencyKey: "order_no",
  resolvedBy: Va.inquiry,
  request: Schema.Struct({ order_no: RequestId, amount: Amount.Outbound }),
  response: Schema.Struct({ order_no: Schema.optionalKey(Schema.String), amount: Schema.optionalKey(Amount.Inbound) })
})
