/** Onboarding: an application is taken, gets a merchant number, and is decided after a while. Files come first. */
import * as Onboarding from "@paykka/schemas/Onboarding"
import type { Files } from "./file.ts"
import type { Merchants } from "./merchants.ts"
import { refuse } from "./refusal.ts"
import { type Route, type World, route } from "./world.ts"

interface Application {
  readonly owner: string
  readonly requestId: string
  readonly merchId: string
  /** None while it is undecided: what PayKKa says then is not known. */
  status?: string
}

const statuses = { approve: "APPROVED", reject: "REJECTED", supplement: "SUPPLEMENT" } as const

/** What tells companies apart. */
export const companyOf = ({ license }: Onboarding.ApplyRequest): string => `${license.region}\n${license.ent_name}`

/** The routes of the domain, over a state of its own. */
export const make = (world: World, files: Files, merchants: Merchants): ReadonlyArray<Route> => {
  const applications: Array<Application> = []

  const decideLater = (application: Application): void =>
    world.later(() => {
      const { as, reason } = world.decide("onboarding")
      const { requestId, merchId } = application
      application.status = statuses[as]
      if (as === "approve") merchants.activate(merchId)
      world.notify(Onboarding.notification, merchId, {
        request_id: requestId,
        merch_id: merchId,
        status: application.status,
        message: as === "approve" ? undefined : reason
      })
    })

  const find = (owner: string, { merch_id, request_id }: Onboarding.InquiryRequest): Application | undefined =>
    applications.findLast(
      (application) =>
        application.owner === owner &&
        (merch_id ?? application.merchId) === application.merchId &&
        (request_id ?? application.requestId) === application.requestId
    )

  return [
    route(Onboarding.apply, (call) =>
      world.once(Onboarding.apply, call, () => {
        const { owner, input } = call
        files.demand(owner, input)
        const merchId = merchants.enrol(owner, companyOf(input), () => world.number("M", 17))
        const application: Application = { owner, requestId: input.request_id, merchId }
        applications.push(application)
        decideLater(application)
        return { authorize_link: `https://authorize.sandbox.invalid/${merchId}`, merch_id: merchId }
      })
    ),
    route(Onboarding.update, ({ owner, input }) => {
      const application =
        find(owner, { request_id: input.request_id }) ?? refuse("010002", "no application has this request_id")
      if (application.status === undefined) refuse("010003", "the application is not decided yet")
      if (application.status === "APPROVED") refuse("010003", "the application is approved")
      files.demand(owner, input)
      delete application.status
      decideLater(application)
      return { request_id: input.request_id }
    }),
    route(Onboarding.inquiry, ({ owner, input }) => {
      const { merchId, status } = find(owner, input) ?? refuse("010002", "no application has these numbers")
      return { merch_id: merchId, status }
    })
  ]
}
