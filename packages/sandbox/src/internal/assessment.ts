/** Risk assessment: a submission is taken, waits for review, and is decided. All of it is third-party knowledge. */
import * as Assessment from "@paykka/schemas/Assessment"
import type { Files } from "./file.ts"
import type { Merchants } from "./merchants.ts"
import { companyOf } from "./onboarding.ts"
import { refuse } from "./refusal.ts"
import { type Route, type World, route } from "./world.ts"

type Result = { -readonly [Field in keyof Assessment.AssessmentResult]: Assessment.AssessmentResult[Field] }

const outcomes = {
  "low-risk": { status: "PASS", risk_level: "LOW" },
  "middle-risk": { status: "PASS", risk_level: "MIDDLE" },
  "high-risk": { status: "PASS", risk_level: "HIGH" },
  refuse: { status: "REFUSED" },
  reject: { status: "REJECTED" },
  cancel: { status: "AUTH_FAIL" }
} as const

/** The routes of the domain, over a state of its own. */
export const make = (world: World, files: Files, merchants: Merchants): ReadonlyArray<Route> => {
  const assessments = new Map<string, Result>()

  const notify = (merchId: string, assessment: Result): void =>
    world.notify(Assessment.notification, merchId, { ...assessment })

  /** First the review, which is notified as well, then its result. */
  const reviewLater = (merchId: string, assessment: Result): void =>
    world.later(() => {
      assessment.status = "WAIT"
      notify(merchId, assessment)
      world.later(() => {
        const { as, reason } = world.decide("assessment")
        Object.assign(assessment, outcomes[as])
        if (assessment.status === "PASS") merchants.activate(merchId)
        else assessment.msg = reason
        notify(merchId, assessment)
      })
    })

  const start = (merchId: string, request_id: string | undefined): void => {
    const assessment: Result = {
      ...(request_id === undefined ? {} : { request_id }),
      merch_id: merchId,
      status: "INIT"
    }
    assessments.set(merchId, assessment)
    reviewLater(merchId, assessment)
  }

  const find = (merchId: string, spokenOf: string): Result => {
    const found = spokenOf === merchId ? assessments.get(merchId) : undefined
    return found ?? refuse("010002", "the merchant has no assessment, or X-Merch-Id is another one")
  }

  return [
    route(Assessment.apply, (call) =>
      world.once(Assessment.apply, call, () => {
        const { owner, input } = call
        files.demand(owner, input)
        const merchId = merchants.enrol(owner, companyOf(input), () => world.number("M", 17))
        start(merchId, input.request_id)
        return { merch_id: merchId }
      })
    ),
    route(Assessment.update, ({ merchId, owner, input }) => {
      const { status, request_id } = find(merchId, input.merch_id)
      if (status === "INIT" || status === "WAIT") refuse("010003", "the assessment is under review")
      if (status === "PASS") refuse("010003", "the assessment is passed")
      files.demand(owner, input)
      start(merchId, request_id)
      return { merch_id: merchId }
    }),
    route(Assessment.inquiry, ({ merchId, input }) => find(merchId, input.merch_id))
  ]
}
