/** Which values must never show, and that no fault shows any. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Operation from "../../src/Operation.ts"
import * as Shape from "../../src/Shape.ts"
import { assertHidden } from "../support.ts"
import { calls, received } from "./facts.ts"
import { put, requestSample, walk } from "./values.ts"

/** The paths of the sensitive fields of a schema. */
const sensitive = (schema: Operation.Codec): ReadonlyArray<string> =>
  Shape.fields(Shape.of(schema)).flatMap(([path, field]) => (field.sensitive ? [path] : []))

const application = [
  "contact_person.phone",
  "contact_person.email",
  "license.legal_rep_name",
  "license.uni_social_credit",
  "license.br_no",
  "license.cr_no",
  "stakeholder_list[].name",
  "stakeholder_list[].birth_date",
  "stakeholder_list[].id_number",
  "stakeholder_list[].doc_address",
  "stakeholder_list[].resident_address"
]

const payee = ["nick_name", "first_name", "last_name", "id_number", "uni_social_credit"].map(
  (name) => `beneficiary.${name}`
)

/** Names of persons, phone, e-mail, birth dates, numbers of accounts and documents, addresses of persons, the link. */
const requests: Readonly<Record<string, ReadonlyArray<string>>> = {
  "onboarding.apply": application,
  "onboarding.update": application,
  "assessment.apply": application,
  "assessment.update": application,
  "order.create": ["buyer_name"],
  "order.update": ["buyer_name"],
  "payee.create": payee,
  "payee.update": payee
}

const answers: Readonly<Record<string, ReadonlyArray<string>>> = {
  "onboarding.apply": ["authorize_link"],
  "va.inquiry": ["account_no"],
  "va.notification": ["account_no"]
}

describe("sensitive fields", () => {
  it("of requests are these", () => {
    for (const { operation } of calls) {
      assert.deepStrictEqual(sensitive(operation.request), requests[operation.id] ?? [], operation.id)
    }
  })

  it("of answers and notifications are these", () => {
    for (const { id, response } of received) assert.deepStrictEqual(sensitive(response), answers[id] ?? [], id)
  })
})

/** Values of all kinds that would be seen in a message; every field refuses some of them. */
const wrong: ReadonlyArray<unknown> = [
  "Zq7".repeat(100),
  6222021.5,
  6222021n ** 30n,
  { other: "Zq7" },
  ["Zq7"],
  [[{ a: "Zq7" }], 6222021.5]
]

const isRefusedDiscreetly = (result: Result.Result<unknown, Operation.InvalidValue>): boolean => {
  if (Result.isSuccess(result)) return false
  assert.isNotEmpty(result.failure.faults)
  assertHidden(result.failure, "Zq7", "6222021")
  return true
}

describe("a fault shows no value", () => {
  for (const { operation, contract } of calls) {
    it(`of a request: ${operation.id}`, () => {
      for (const [path] of walk(contract.request)) {
        const inputs = wrong.map((value) => put(requestSample(contract), path, value))
        const refused = inputs.map((input) => isRefusedDiscreetly(Operation.encodeValue(operation, input)))
        assert.include(refused, true, path)
      }
      for (const value of wrong) assert.isTrue(isRefusedDiscreetly(Operation.encodeValue(operation, value)))
    })
  }

  for (const of of received) {
    it(`of an answer or notification: ${of.id}`, () => {
      for (const { name } of of.fields) {
        const refused = wrong.map((value) => isRefusedDiscreetly(Operation.decodeResponse(of, { [name]: value })))
        assert.include(refused, true, name)
      }
    })
  }
})
