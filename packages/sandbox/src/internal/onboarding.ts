/** Onboarding: an application is taken, gets a merchant number, and is decided after a while. Files come first. */
import * as Onboarding from "@paykka/schemas/Onboarding"
import type { Files } from "./file.ts"
import type { Merchants } from "./merchants.ts"
import { refuse } from "./refusal.ts"
import { type Route, type World, route } from "./world.ts"

interface Application {
  readonly requestId: string
  readonly merchId: string
  /** None while it is undecided: what PayKKa says then is not known. */
  status?: string
  message?: string
}

const statuses = { approve: "APPROVED", reject: "REJECTED", supplement: "SUPPLEMENT" } as const

/** What tells companies apart. */
export const companyOf = ({ license }: Onboarding.ApplyRequest): string => `${license.region}\n${license.ent_name}`

/** The routes of the domain, over a state of its own. */
export const make = (world: World, files: Files, merchants: Merchants): ReadonlyArray<Route> => {
  const applications = new Map<string, Application>()
  const keyOf = (owner: string, requestId: string) => `${owner}\n${requestId}`

  const decideLater = (application: Application): void =>
    world.later(() => {
      const { as, reason } = world.decide("onboarding")
      application.status = statuses[as]
      if (as === "approve") merchants.activate(application.merchId)
      else application.message = reason
      const { requestId, merchId, status, message } = application
      world.notify(Onboarding.notification, merchId, { request_id: requestId, merch_id: merchId, status, message })
    })

  return [
    route(Onboarding.apply, (call) =>
      world.once(Onboarding.apply, call, () => {
        const { owner, input } = call
        files.demand(owner, input)
        const merchId = merchants.enrol(owner, companyOf(input), () => world.number("M", 17))
        const application: Application = { requestId: input.request_id, merchId }
        applications.set(keyOf(owner, input.request_id), application)
        decideLater(application)
        return { authorize_link: `https://authorize.sandbox.invalid/${merchId}`, merch_id: merchId }
      })
    ),
    route(Onboarding.update, ({ owner, input }) => {
      const application =
        applications.get(keyOf(owner, input.request_id)) ?? refuse("010002", "no application has this request_id")
      if (application.status === undefined) refuse("010003", "the application is not decided yet")
      if (application.status === "APPROVED") refuse("010003", "the application is approved")
      files.demand(owner, input)
      delete application.status
      delete application.message
      decideLater(application)
      return { request_id: input.request_id }
    }),
    route(Onboarding.inquiry, ({ owner, input }) => {
      const { merch_id, request_id } = input
      const own = [...applications]
        .filter(([key]) => key.startsWith(`${owner}\n`))
        .map(([, application]) => application)
      const found = own.findLast(
        ({ merchId, requestId }) => (merch_id ?? merchId) === merchId && (request_id ?? requestId) === requestId
      )
      const { merchId, status } = found ?? refuse("010002", "no application has these numbers")
      return { merch_id: merchId, status }
    })
  ]
}
