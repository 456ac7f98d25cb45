/**
 * File upload: documents for onboarding, orders and so on.
 *
 * Facts: `contract/file.yaml`. That the text of a part `meta` is signed is documented; its keys, the other part's name
 * and the answer are not.
 */
import * as Schema from "effect/Schema"
import { documented, inferred, sensitive, thirdParty, wire } from "./Field.ts"
import * as Integer from "./Integer.ts"
import * as Multipart from "./Multipart.ts"
import * as Operation from "./Operation.ts"

const uploadRequest = () =>
  Schema.Struct({
    /** Multipart part with the file's metadata; its JSON text is what is signed. Its keys are not shown. Documented. Sensitive. */
    meta: sensitive(documented(wire({ type: "string", format: "json" })(Schema.Record(Schema.String, Schema.Unknown)))),
    /** Multipart part with the file itself; the part's name is not shown. Inferred. Sensitive. */
    file: sensitive(inferred(wire({ type: "binary" })(Multipart.Content)))
  })

/** An upload, its parts by their presumable names; the client can be told to name them otherwise. Inferred. */
export const UploadRequest = /*#__PURE__*/ uploadRequest()
export type UploadRequest = typeof UploadRequest.Type

const uploadResponse = () =>
  Schema.Struct({
    /** Id of the file, for fields such as `license_file_id` and `contract_file_ids`; its width is not shown. Third-party. */
    file_id: thirdParty(Integer.Inbound)
  })

/** The answer to an upload. Third-party. */
export const UploadResponse = /*#__PURE__*/ uploadResponse()
export type UploadResponse = typeof UploadResponse.Type

/** `file.upload`: upload a file. Path, header rule and response third-party, request inferred. */
export const upload = /*#__PURE__*/ Operation.make({
  id: "file.upload",
  title: "Upload a file (documents for onboarding, orders and so on)",
  path: "/api/file/upload",
  merchantHeader: "required",
  effect: "create",
  idempotencyKey: null,
  resolvedBy: null,
  body: Multipart.form,
  request: UploadRequest,
  response: UploadResponse,
  aliases: {},
  provenance: { path: "third-party", merchantHeader: "third-party", request: "inferred", response: "third-party" },
  sources: [
    "https://docs.paykka.com/collection/apis/intro/signature",
    "https://open-cb-paykka.apifox.cn/main-en/8551684m0",
    "https://docs.paykka.com/collection/apis/intro/api-rules",
    "https://open-cb-paykka.apifox.cn/main-en/8551681m0",
    "https://open-cb-paykka.apifox.cn/238918163e0"
  ]
})

/** What {@link upload} takes. */
export interface UploadInput extends Operation.Input<typeof upload> {}
/** What {@link upload} gives. */
export interface UploadOutput extends Operation.Output<typeof upload> {}
