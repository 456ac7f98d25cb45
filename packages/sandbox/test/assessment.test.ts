import { assert, describe, it } from "@effect/vitest"
import * as Assessment from "@paykka/schemas/Assessment"
import * as Va from "@paykka/schemas/Va"
import * as Effect from "effect/Effect"
import { application } from "../../core/test/support/application.ts"
import type { Decisions } from "../src/Decisions.ts"
import { assertError } from "./support/answers.ts"
import { refused, send, succeed, theirs, uploadFile } from "./support/calls.ts"
import { first, merchId, second, secondMerchId } from "./support/keys.ts"
import { call } from "./support/merchant.ts"
import { applicationOf } from "./support/onboarding.ts"
import { type Scene, decided, notices, start } from "./support/scene.ts"
import { ways } from "./support/ways.ts"

/** Submits, and gives the number of the new merchant. */
const apply = (scene: Scene, request_id = "R-1") =>
  Effect.gen(function* () {
    const body = yield* applicationOf(scene, request_id)
    return (yield* succeed(scene, Assessment.apply, body)).merch_id!
  })

const inquire = (scene: Scene, merch_id: string) =>
  succeed(scene, Assessment.inquiry, { merch_id }, { merchId: merch_id })

/** The statuses and levels of contract/assessment.yaml. */
const decisions: ReadonlyArray<readonly [as: Decisions["assessment"], result: Readonly<Record<string, string>>]> = [
  ["low-risk", { status: "PASS", risk_level: "LOW" }],
  ["middle-risk", { status: "PASS", risk_level: "MIDDLE" }],
  ["high-risk", { status: "PASS", risk_level: "HIGH" }],
  ["refuse", { status: "REFUSED", msg: "too little is known" }],
  ["reject", { status: "REJECTED", msg: "too little is known" }],
  ["cancel", { status: "AUTH_FAIL", msg: "too little is known" }]
]

for (const way of ways) {
  describe(`${way.name}: a submission`, () => {
    it.effect.each(decisions)("is new, waits, and is decided: %s", ([as, result]) =>
      Effect.gen(function* () {
        const scene = yield* start({}, way)
        yield* scene.service.decide("assessment", as, "too little is known")
        const merch_id = yield* apply(scene)
        const known = { request_id: "R-1", merch_id }
        assert.deepStrictEqual(yield* inquire(scene, merch_id), { ...known, status: "INIT" })
        yield* decided(scene)
        assert.deepStrictEqual(yield* inquire(scene, merch_id), { ...known, status: "WAIT" })
        yield* notices(scene, 1)
        yield* decided(scene)
        assert.deepStrictEqual(yield* inquire(scene, merch_id), { ...known, ...result })
        const common = { id: "assessment.notification", type: "ASSESSMENT", merchId: merch_id }
        yield* scene.service.advance("1 hour")
        assert.deepStrictEqual(yield* notices(scene, 2), [
          { ...common, data: { ...known, status: "WAIT" } },
          { ...common, data: { ...known, ...result } }
        ])
        // Only who has passed may go on.
        const va = send(scene, Va.apply, { request_id: "R-1" }, { merchId: merch_id })
        if (result["status"] === "PASS") assert.strictEqual((yield* va).status, 200)
        else assert.match(assertError(yield* va, "010003"), /not onboarded yet/)
      })
    )
  })
}

describe("an assessment", () => {
  it.effect("needs its files", () =>
    Effect.gen(function* () {
      const scene = yield* start({ decisions: { assessment: "refuse" } })
      const body = { ...application, request_id: "R-1" }
      yield* refused(scene, Assessment.apply, body, "010002", /^: license\.license_file_id names no/)
      const merch_id = yield* apply(scene)
      yield* scene.service.advance("2 seconds")
      const update = { merch_id, license: body.license }
      yield* refused(scene, Assessment.update, update, "010002", /license_file_id/, { merchId: merch_id })
      assert.strictEqual((yield* inquire(scene, merch_id)).status, "REFUSED")
    })
  )

  it.effect("is asked for by the merchant's own number in X-Merch-Id and in the body", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const merch_id = yield* apply(scene)
      yield* refused(scene, Assessment.inquiry, { merch_id }, "010002", /another one/, { merchId })
      yield* refused(scene, Assessment.inquiry, { merch_id: merchId }, "010002", /no assessment/, { merchId: merch_id })
      yield* refused(scene, Assessment.inquiry, { merch_id: merchId }, "010002", /no assessment/, { merchId })
      for (const { path } of [Assessment.inquiry, Assessment.update]) {
        const answer = yield* scene.send(yield* call(path, { merch_id }, { merchId: null }))
        assert.strictEqual(assertError(answer, "010000"), ": X-Merch-Id is missing")
      }
      const foreign = yield* send(scene, Assessment.inquiry, { merch_id }, { merchId: merch_id, key: second })
      assertError(foreign, "010200")
      yield* refused(scene, Assessment.inquiry, { merch_id }, "010002", /another one/, theirs)
    })
  )

  it.effect("is amended when it is decided and not passed, and goes through all of it again", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      yield* scene.service.decide("assessment", "refuse")
      const merch_id = yield* apply(scene)
      const own = { merchId: merch_id }
      const update = { merch_id, contact_person: application.contact_person }
      yield* refused(scene, Assessment.update, update, "010003", /under review/, own)
      yield* decided(scene)
      yield* refused(scene, Assessment.update, update, "010003", /under review/, own)
      yield* decided(scene)
      assert.deepStrictEqual(yield* succeed(scene, Assessment.update, update, own), { merch_id })
      assert.deepStrictEqual(yield* inquire(scene, merch_id), { request_id: "R-1", merch_id, status: "INIT" })
      yield* refused(scene, Assessment.update, update, "010003", /under review/, own)
      yield* scene.service.advance("2 seconds")
      yield* refused(scene, Assessment.update, update, "010003", /is passed/, own)
      const told = yield* notices(scene, 4)
      assert.sameMembers(
        told.map(({ data }) => data["status"]),
        ["PASS", "REFUSED", "WAIT", "WAIT"]
      )
    })
  )
})

describe("keys of one owner", () => {
  const { publicPem: publicKey, keyId } = first
  const merchants = [
    { merchId, keyId, publicKey },
    { merchId, keyId: second.keyId, publicKey: second.publicPem },
    { merchId: secondMerchId, keyId, publicKey }
  ]

  it.effect("after a rotation the new key goes on with what the old one began", () =>
    Effect.gen(function* () {
      const scene = yield* start({ merchants, decisions: { assessment: "refuse" } })
      const merch_id = yield* apply(scene)
      yield* scene.service.advance("2 seconds")
      const rotated = { merchId: merch_id, key: second }
      const license_file_id = yield* uploadFile(scene)
      const license = { ...application.license, license_file_id }
      yield* succeed(scene, Assessment.update, { merch_id, license }, rotated)
      assert.strictEqual((yield* succeed(scene, Assessment.inquiry, { merch_id }, rotated)).status, "INIT")
      // The same submission, by whichever key.
      const body = yield* applicationOf(scene, "R-1")
      assert.strictEqual((yield* succeed(scene, Assessment.apply, body, { key: second })).merch_id, merch_id)
    })
  )

  it.effect("a key may sign for the merchants that it is listed with, and for new ones of its owner", () =>
    Effect.gen(function* () {
      const scene = yield* start({ merchants })
      yield* succeed(scene, Va.apply, { request_id: "R-1" }, { merchId: secondMerchId })
      assertError(yield* send(scene, Va.apply, { request_id: "R-1" }, theirs), "010200")
      const body = yield* applicationOf(scene, "R-1")
      const { merch_id } = yield* succeed(scene, Assessment.apply, body, { key: second })
      yield* succeed(scene, Assessment.inquiry, { merch_id: merch_id! }, { merchId: merch_id! })
    })
  )
})
