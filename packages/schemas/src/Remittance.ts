/**
 * Remittances that arrive on collection accounts. There is a notification and no call: the state of a receipt is asked
 * with `tradesettle.inquiry`.
 *
 * Facts: `contract/remittance.yaml`. All of it is inferred but that the notification exists.
 */
import * as Schema from "effect/Schema"
import { inferred, sensitive } from "./Field.ts"
import * as Notification from "./Notification.ts"
import * as OpenEnum from "./OpenEnum.ts"

/** Status of a receipt: both are known from `tradesettle.apply`, which is allowed in either. Inferred here. */
export const Status = /*#__PURE__*/ OpenEnum.make(["PENDING_RELATE", "CHECK_REJECTED"])
export type Status = typeof Status.Type

const receipt = () =>
  Schema.StructWithRest(
    Schema.Struct({
      /** Platform number of the receipt, by which it is settled. Inferred. */
      recv_order_no: Schema.optionalKey(inferred(Schema.String)),
      /** Merchant number. Inferred. */
      merch_id: Schema.optionalKey(inferred(Schema.String)),
      /** Status of the receipt. Inferred. */
      status: Schema.optionalKey(inferred(Status)),
      /** Reason, presumably of a rejection. Inferred. Sensitive. */
      reason: Schema.optionalKey(sensitive(inferred(Schema.String)))
    }),
    [Schema.Record(Schema.String, Schema.Unknown)]
  )

/** A receipt: an inbound remittance. Inferred; any field may be missing, and all others that come are kept. */
export const Receipt = /*#__PURE__*/ receipt()
export type Receipt = typeof Receipt.Type

/** `remittance.notification`: a remittance has arrived. Inferred. */
export const notification = /*#__PURE__*/ Notification.make({
  id: "remittance.notification",
  title: "Inbound remittance received on a collection account",
  path: "/api/v2/merch/remittance/notify",
  data: Receipt,
  aliases: {},
  recognisedBy: ["recv_order_no"],
  provenance: {
    path: "inferred",
    merchantHeader: "inferred",
    envelope: "inferred",
    data: "inferred",
    acknowledgement: "inferred"
  },
  sources: [
    "https://open-cb-paykka.apifox.cn/main-en/444711996e0",
    "https://open-cb-paykka.apifox.cn/238918163e0",
    "https://open-cb-paykka.apifox.cn/main-en/444711987e0"
  ]
})

/** What {@link notification} tells. */
export interface NotificationData extends Notification.DataOf<typeof notification> {}
