/** Applications for onboarding and assessment, with their files uploaded. */
import type { ApplyRequest } from "@paykka/schemas/Onboarding"
import * as Effect from "effect/Effect"
import { application } from "../../../core/test/support/application.ts"
import { uploadFile } from "./calls.ts"
import type { Options } from "./merchant.ts"
import type { Running } from "./ways.ts"

/** An application of a company, its files uploaded by the caller. */
export const applicationOf = (
  running: Running,
  request_id: string,
  company = "Example",
  options?: Options
): Effect.Effect<ApplyRequest> =>
  Effect.map(uploadFile(running, {}, options), (fileId) => ({
    ...application,
    request_id,
    license: { ...application.license, ent_name: company, license_file_id: fileId },
    stakeholder_list: application.stakeholder_list.map((person) => ({ ...person, doc_portrait_side_file_id: fileId }))
  }))
