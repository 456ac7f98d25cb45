/**
 * Contract orders, to which receipts are related: creation, update, inquiry, supplement of shipping data.
 *
 * Facts: `contract/order.yaml`. On the wire an order is a contract.
 */
import * as Schema from "effect/Schema"
import { CountryCode } from "./CountryCode.ts"
import { documented, inferred, ofTable, sensitive } from "./Field.ts"
import * as Integer from "./Integer.ts"
import { LocalDate } from "./LocalDate.ts"
import * as OpenEnum from "./OpenEnum.ts"
import * as Operation from "./Operation.ts"
import { RequestId } from "./RequestId.ts"
import * as Rule from "./Rule.ts"
import { text } from "./Text.ts"

/** Currency of an order: the complete list of the 2025 page. Documented. */
export const Currency = /*#__PURE__*/ OpenEnum.listed([
  "EUR",
  "USD",
  "CNY",
  "GBP",
  "JPY",
  "AUD",
  "CAD",
  "SGD",
  "HKD",
  "PHP",
  "CNH"
])
export type Currency = typeof Currency.Type

/** New or existing buyer: the complete list. Documented; meanings inferred from the names. */
export const BuyerType = /*#__PURE__*/ OpenEnum.listed(["NEW", "OLD"])
export type BuyerType = typeof BuyerType.Type

/** Shipped or not: the complete list. Documented. */
export const ShipStatus = /*#__PURE__*/ OpenEnum.listed(["SHIPPED", "UNSHIPPED"])
export type ShipStatus = typeof ShipStatus.Type

/** Trade term (Incoterms): the complete list of the 2025 page, without CIP, DAP, DPU and DAT. Documented. */
export const TransactionType = /*#__PURE__*/ OpenEnum.listed([
  "EXW",
  "FCA",
  "FAS",
  "FOB",
  "CFR",
  "CIF",
  "CPT",
  "DDP",
  "DAF",
  "DDU",
  "DEQ",
  "DES"
])
export type TransactionType = typeof TransactionType.Type

/** Means of transport: the complete list. Documented; meanings inferred from the names. */
export const TransportType = /*#__PURE__*/ OpenEnum.listed(["AIR", "SHIPPING", "EXPRESS", "LAND", "POST", "OTHER"])
export type TransportType = typeof TransportType.Type

/** Status of a new order; `RELATABLE` (can be related to a receipt) is the only value known. Documented. */
export const CreatedStatus = /*#__PURE__*/ OpenEnum.make(["RELATABLE"])
export type CreatedStatus = typeof CreatedStatus.Type

/** Status of an order; `PENDING` is from the data model of an unpublished notification. Inferred. */
export const Status = /*#__PURE__*/ OpenEnum.make(["RELATABLE", "PENDING"])
export type Status = typeof Status.Type

const optional = Schema.optional
const files = () => Schema.Array(Integer.Outbound)
const someFiles = () => files().check(Schema.isBetweenLength(1, 10))

const customDeclaration = () =>
  Schema.Struct({
    /** Declaration method; values not shown. Documented. */
    dec_method: optional(documented(Schema.String)),
    /** Declaration number. Documented. Sensitive. */
    dec_no: optional(sensitive(documented(Schema.String)))
  })

const goodsInfo = () =>
  Schema.Struct({
    /** Goods category code, table `product_category`. Documented. */
    category: documented(ofTable("product_category")(Schema.Finite.check(Schema.isInt32()))),
    /** Name of the goods, 1 to 128 characters. Documented. */
    name: documented(text(1, 128)),
    /** Quantity of the goods, an exact integer. Documented. */
    quantity: optional(documented(Integer.Int64)),
    /** Web address of the goods, 1 to 256 characters. Documented. Sensitive. */
    url: optional(sensitive(documented(text(1, 256)))),
    /** Customs declaration. Documented; its members are known from one sample only. */
    custom_dec_info: optional(documented(customDeclaration()))
  })

/** Goods of an order. */
export const GoodsInfo = /*#__PURE__*/ goodsInfo()
export type GoodsInfo = typeof GoodsInfo.Type

const logisticsInfo = () =>
  Schema.Struct({
    /** New or existing buyer. Documented. */
    buyer_type: optional(documented(BuyerType)),
    /** Destination, 1 to 256 characters; it may be the buyer's address. Documented. Sensitive. */
    destination: optional(sensitive(documented(text(1, 256)))),
    /** Expected shipping date, `YYYY-MM-DD`. Documented. */
    expected_ship_date: optional(documented(LocalDate)),
    /** Uploaded files: freight arrangement, 1 to 10. Documented. */
    freight_arrange_file_ids: optional(documented(someFiles())),
    /** Uploaded files: latest order, 1 to 10. Documented. */
    latest_order_file_ids: optional(documented(someFiles())),
    /** Logistics company, 1 to 256 characters. Documented. */
    logistics_company_name: optional(documented(text(1, 256))),
    /** Outbound or waybill number (meaning inferred), 1 to 32 characters. Documented. Sensitive. */
    outbound_no: optional(sensitive(documented(text(1, 32)))),
    /** Uploaded files: inquiry records, 1 to 10. Documented. */
    inquiry_records_file_ids: optional(documented(someFiles())),
    /** Shipping date, `YYYY-MM-DD`. Documented. */
    ship_date: optional(documented(LocalDate)),
    /** Shipped or not. Documented. */
    ship_status: documented(ShipStatus),
    /** Uploaded files: proof of shipment, 1 to 10. Documented. */
    shipped_file_ids: optional(documented(someFiles())),
    /** Trade term (Incoterms). Documented. */
    transaction_type: documented(TransactionType),
    /** Means of transport. Documented. */
    transport_type: optional(documented(TransportType))
  })

/** Logistics of an order. */
export const LogisticsInfo = /*#__PURE__*/ logisticsInfo()
export type LogisticsInfo = typeof LogisticsInfo.Type

const contract = () =>
  Schema.Struct({
    /** The caller's unique number of the order, 1 to 32 characters; made by the client when left out on creation. Documented. */
    request_id: documented(RequestId),
    /** Buyer's name, 1 to 128 characters. Documented. Sensitive. */
    buyer_name: sensitive(documented(text(1, 128))),
    /** Buyer's country code, two capital letters; probably the table `country_code`. Documented. */
    buyer_country: documented(ofTable("country_code")(CountryCode)),
    /** Order amount, an exact integer of 64 bits. No unit is given. Documented. */
    amount: documented(Integer.Int64),
    /** Order currency. Documented. */
    currency: documented(Currency),
    /** Uploaded files: contract, 1 to 10. Documented. */
    contract_file_ids: documented(someFiles()),
    /** Contract number, 1 to 32 characters. Documented. Sensitive. */
    contract_no: sensitive(documented(text(1, 32))),
    /** Goods. Documented. */
    goods_info: optional(documented(GoodsInfo)),
    /** Uploaded files: invoice, 1 to 10. Documented. */
    invoice_file_ids: documented(someFiles()),
    /** Whether the money is to be exchanged and settled (结汇). Documented. */
    is_exchange_settle: optional(documented(Schema.Boolean)),
    /** Logistics. Documented. */
    logistics_info: optional(documented(LogisticsInfo)),
    /** Order date, `YYYY-MM-DD`. Documented. */
    order_date: documented(LocalDate),
    /** Remark, at most 128 characters. Documented. Sensitive. */
    remark: optional(sensitive(documented(text(0, 128)))),
    /** Uploaded files: other material. Documented. */
    other_file_ids: optional(documented(files()))
  })

/** A contract order. Documented. */
export const CreateRequest = /*#__PURE__*/ contract()
export type CreateRequest = typeof CreateRequest.Type

/** A contract order, sent whole again under the `request_id` of its creation. Documented. */
export const UpdateRequest = /*#__PURE__*/ contract()
export type UpdateRequest = typeof UpdateRequest.Type

const created = (mark: typeof documented) =>
  Schema.Struct({
    /** Platform number of the order, for `relate_list` of `tradesettle.apply`. Documented on creation, inferred on update. */
    contract_order_no: Schema.optionalKey(mark(Schema.String)),
    /** Status of the order. Documented on creation, inferred on update. */
    status: Schema.optionalKey(mark(CreatedStatus))
  })

/** The answer to a creation. Documented; any field may be missing. */
export const CreateResponse = /*#__PURE__*/ created(documented)
export type CreateResponse = typeof CreateResponse.Type

/** The answer to an update. Inferred from that to a creation; any field may be missing. */
export const UpdateResponse = /*#__PURE__*/ created(inferred)
export type UpdateResponse = typeof UpdateResponse.Type

const inquiryRequest = () =>
  Schema.Struct({
    /** The `request_id` of the creation, 1 to 32 characters. Inferred. */
    request_id: optional(inferred(RequestId)),
    /** Platform number of the order. Inferred. */
    contract_order_no: optional(inferred(Schema.String))
  })

const inquiryFields = /*#__PURE__*/ inquiryRequest()

/** A question for an order, by either number. Inferred. */
export type InquiryRequest = Rule.AtLeastOneOf<typeof inquiryFields.Type, "request_id" | "contract_order_no">
export const InquiryRequest = /*#__PURE__*/ inquiryFields.check(
  /*#__PURE__*/ Rule.atLeastOneOf("request_id", "contract_order_no")
) as Schema.Codec<InquiryRequest, unknown>

const inquiryResponse = () =>
  Schema.Struct({
    /** The `request_id` of the creation. Inferred. */
    request_id: Schema.optionalKey(inferred(Schema.String)),
    /** Merchant number. Inferred. */
    merch_id: Schema.optionalKey(inferred(Schema.String)),
    /** Platform number of the order; `contract_order_id` elsewhere. Inferred. */
    contract_order_no: Schema.optionalKey(inferred(Schema.String)),
    /** Status of the order. Inferred. */
    status: Schema.optionalKey(inferred(Status)),
    /** Reason, presumably of a rejection. Inferred. Sensitive. */
    reason: Schema.optionalKey(sensitive(inferred(Schema.String)))
  })

/** An order, as the inquiry presumably answers. Inferred; any field may be missing. */
export const InquiryResponse = /*#__PURE__*/ inquiryResponse()
export type InquiryResponse = typeof InquiryResponse.Type

const supplementRequest = () =>
  Schema.Struct({
    /** The `request_id` of the creation, 1 to 32 characters. Inferred. */
    request_id: optional(inferred(RequestId)),
    /** Platform number of the order. Inferred. */
    contract_order_no: optional(inferred(Schema.String)),
    /** Some members of an order's `logistics_info`; which ones is not known. Inferred. Sensitive. */
    logistics_info: optional(sensitive(inferred(Schema.Record(Schema.String, Schema.Unknown))))
  })

const supplementFields = /*#__PURE__*/ supplementRequest()

/** Shipping data of an order that was created as UNSHIPPED, named by either number. Inferred. */
export type SupplementRequest = Rule.AtLeastOneOf<typeof supplementFields.Type, "request_id" | "contract_order_no">
export const SupplementRequest = /*#__PURE__*/ supplementFields.check(
  /*#__PURE__*/ Rule.atLeastOneOf("request_id", "contract_order_no")
) as Schema.Codec<SupplementRequest, unknown>

/** What a supplement is answered with is not known: an open record. */
export const SupplementResponse = /*#__PURE__*/ Schema.Record(Schema.String, Schema.Unknown)
export type SupplementResponse = typeof SupplementResponse.Type

const createPage = "https://open-cb-paykka.apifox.cn/main-en/444711983e0"
const updatePage = "https://open-cb-paykka.apifox.cn/238918167e0"

/** `order.inquiry`: query an order. Inferred. */
export const inquiry = /*#__PURE__*/ Operation.make({
  id: "order.inquiry",
  title: "Query a contract order",
  path: "/api/v2/merch/contract/inquiry",
  pathAlternatives: ["/api/v2/merch/contract/status"],
  merchantHeader: "required",
  effect: "read",
  idempotencyKey: null,
  resolvedBy: null,
  body: "json",
  request: InquiryRequest,
  response: InquiryResponse,
  aliases: { contract_order_id: "contract_order_no" },
  provenance: { path: "inferred", merchantHeader: "inferred", request: "inferred", response: "inferred" },
  sources: [
    createPage,
    updatePage,
    "https://open-cb-paykka.apifox.cn/v2/133913617d0",
    "https://open-cb-paykka.apifox.cn/133913611d0"
  ]
})

/** What {@link inquiry} takes. */
export type InquiryInput = Operation.Input<typeof inquiry>
/** What {@link inquiry} gives. */
export interface InquiryOutput extends Operation.Output<typeof inquiry> {}

/** `order.create`: create an order. Documented. */
export const create = /*#__PURE__*/ Operation.make({
  id: "order.create",
  title: "Create a contract order, to which a receipt is later related",
  path: "/api/v2/merch/contract/create",
  merchantHeader: "required",
  effect: "create",
  idempotencyKey: "request_id",
  resolvedBy: inquiry,
  body: "json",
  request: CreateRequest,
  response: CreateResponse,
  aliases: {},
  provenance: { path: "documented", merchantHeader: "inferred", request: "documented", response: "documented" },
  sources: [
    createPage,
    "https://open-cb-paykka.apifox.cn/v2/238918163e0",
    "https://open-cb-paykka.apifox.cn/238918163e0",
    updatePage
  ]
})

/** What {@link create} takes; without a `request_id` the client makes one. */
export interface CreateInput extends Operation.Input<typeof create> {}
/** What {@link create} gives: the answer, with the `request_id` that was sent. */
export interface CreateOutput extends Operation.Output<typeof create> {}

/** `order.update`: update an order. Path and request documented, response inferred. */
export const update = /*#__PURE__*/ Operation.make({
  id: "order.update",
  title: "Update a contract order",
  path: "/api/v2/merch/contract/update",
  merchantHeader: "optional",
  effect: "update",
  idempotencyKey: "request_id",
  resolvedBy: inquiry,
  body: "json",
  request: UpdateRequest,
  response: UpdateResponse,
  aliases: {},
  provenance: { path: "documented", merchantHeader: "documented", request: "documented", response: "inferred" },
  sources: [updatePage]
})

/** What {@link update} takes. */
export interface UpdateInput extends Operation.Input<typeof update> {}
/** What {@link update} gives: the answer, with the `request_id` that was sent. */
export interface UpdateOutput extends Operation.Output<typeof update> {}

/** `order.supplement`: supplement the shipping data of an order. Path and request inferred, response unknown. */
export const supplement = /*#__PURE__*/ Operation.make({
  id: "order.supplement",
  title: "Supplement the logistics (shipping) information of a contract order",
  path: "/api/v2/merch/contract/supplement",
  merchantHeader: "required",
  effect: "update",
  idempotencyKey: "request_id",
  resolvedBy: inquiry,
  body: "json",
  request: SupplementRequest,
  response: SupplementResponse,
  aliases: {},
  provenance: { path: "inferred", merchantHeader: "inferred", request: "inferred", response: "unknown" },
  sources: [createPage, "https://open-cb-paykka.apifox.cn/v2/133781897d0"]
})

/** What {@link supplement} takes. */
export type SupplementInput = Operation.Input<typeof supplement>
/** What {@link supplement} gives: the answer, with the `request_id` that was sent. */
export interface SupplementOutput extends Operation.Output<typeof supplement> {}
