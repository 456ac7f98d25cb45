import { assert, describe, it } from "@effect/vitest"
import * as Assessment from "../src/Assessment.ts"
import * as Forex from "../src/Forex.ts"
import * as LifeCycle from "../src/LifeCycle.ts"
import * as Onboarding from "../src/Onboarding.ts"
import * as Payee from "../src/Payee.ts"
import * as Payment from "../src/Payment.ts"
import * as Tradesettle from "../src/Tradesettle.ts"
import * as Va from "../src/Va.ts"
import { type Entry, dataFields, entry } from "./contract/facts.ts"

const cycle = { pending: ["P"], succeeded: ["S"], failed: ["F"] }

describe("LifeCycle.stageOf", () => {
  for (const unlisted of ["pending", "decided"] as const) {
    it(`an unlisted status is ${unlisted}`, () => {
      const stages = ["P", "S", "F", "other", "", "p", undefined].map((status) =>
        LifeCycle.stageOf({ ...cycle, unlisted }, status)
      )
      const other = unlisted === "pending" ? "pending" : "unlisted"
      assert.deepStrictEqual(stages, ["pending", "succeeded", "failed", other, other, other, "pending"])
    })
  }
})

describe("LifeCycle.supersedes", () => {
  const statuses = ["P", "S", "F", "other", undefined]
  const told = (status: string | undefined, at: number) => ({ status, at })

  for (const unlisted of ["pending", "decided"] as const) {
    const life = { ...cycle, unlisted }
    const isPending = (status: string | undefined) => status === "P" || status === undefined

    it(`nothing is known before, with unlisted ${unlisted}`, () => {
      for (const status of statuses) assert.isTrue(LifeCycle.supersedes(life, undefined, told(status, 0)))
    })

    it(`a success stays against what is undecided; else the later one counts, with unlisted ${unlisted}`, () => {
      for (const before of statuses) {
        for (const after of statuses) {
          const results = [1, 2, 3].map((at) => LifeCycle.supersedes(life, told(before, 2), told(after, at)))
          const expected =
            before === "S" && isPending(after)
              ? [false, false, false]
              : isPending(before) && after === "S"
                ? [true, true, true]
                : [false, true, true]
          assert.deepStrictEqual(results, expected, `${before} then ${after}`)
        }
      }
    })
  }
})

describe("the life cycles", () => {
  const known = (fields: Entry["request"]): ReadonlyArray<string> =>
    (fields.find(({ name }) => name === "status")?.enum ?? []).map(({ value }) => value)

  /** The statuses that the contract knows for any message of a domain. */
  const statuses = (domain: string): ReadonlySet<string> =>
    new Set([
      ...known(dataFields(entry(`${domain}.notification`))),
      ...known(entry(`${domain}.inquiry`).response),
      ...(domain === "payment" || domain === "tradesettle" ? known(entry(`${domain}.apply`).response) : [])
    ])

  const cycles = {
    onboarding: Onboarding.lifeCycle,
    assessment: Assessment.lifeCycle,
    va: Va.lifeCycle,
    tradesettle: Tradesettle.lifeCycle,
    payee: Payee.lifeCycle,
    forex: Forex.lifeCycle,
    payment: Payment.lifeCycle
  }

  for (const [domain, { pending, succeeded, failed, unlisted }] of Object.entries(cycles)) {
    it(`${domain}: each known status has one meaning, and no other is made up`, () => {
      const all = [...pending, ...succeeded, ...failed]
      assert.strictEqual(new Set(all).size, all.length)
      // The two sets of values of onboarding contradict each other: it may have those of the assessment too.
      const more = domain === "onboarding" ? statuses("assessment") : []
      assert.sameMembers(all, [...new Set([...statuses(domain), ...more])])
      // Where success is known, waiting ends; where it is not, any other status must end it.
      assert.strictEqual(unlisted, succeeded.length > 0 ? "pending" : "decided")
    })
  }
})
