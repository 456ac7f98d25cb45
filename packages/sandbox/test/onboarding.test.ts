import { assert, describe, it } from "@effect/vitest"
import * as Assessment from "@paykka/schemas/Assessment"
import * as Onboarding from "@paykka/schemas/Onboarding"
import * as Va from "@paykka/schemas/Va"
import * as Effect from "effect/Effect"
import { application } from "../../core/test/support/application.ts"
import type { Decisions } from "../src/Decisions.ts"
import { assertError } from "./support/answers.ts"
import { refused, send, sendText, succeed, theirs } from "./support/calls.ts"
import { merchId, second } from "./support/keys.ts"
import { call } from "./support/merchant.ts"
import { applicationOf } from "./support/onboarding.ts"
import { type Scene, decided, notices, start } from "./support/scene.ts"
import { ways } from "./support/ways.ts"

const inquire = (scene: Scene, request_id: string) => succeed(scene, Onboarding.inquiry, { request_id })

/** Applies, and gives the number of the new merchant. */
const apply = (scene: Scene, request_id = "R-1", company?: string) =>
  Effect.gen(function* () {
    const body = yield* applicationOf(scene, request_id, company)
    return (yield* succeed(scene, Onboarding.apply, body)).merch_id!
  })

const decisions: ReadonlyArray<readonly [as: Decisions["onboarding"], status: string]> = [
  ["approve", "APPROVED"],
  ["reject", "REJECTED"],
  ["supplement", "SUPPLEMENT"]
]

for (const way of ways) {
  describe(`${way.name}: an application`, () => {
    it.effect.each(decisions)("is decided after a second, and notified once: %s", ([as, status]) =>
      Effect.gen(function* () {
        const scene = yield* start({}, way)
        yield* scene.service.decide("onboarding", as, "the licence is blurred")
        const body = yield* applicationOf(scene, "R-1")
        const { merch_id, authorize_link } = yield* succeed(scene, Onboarding.apply, body)
        // The documented maximum of a merchant number is 20 characters.
        assert.match(merch_id!, /^[\w]{1,20}$/)
        assert.isTrue(URL.canParse(authorize_link!))
        assert.match(new URL(authorize_link!).hostname, /\.invalid$/)
        yield* scene.service.advance("999 millis")
        assert.deepStrictEqual(yield* inquire(scene, "R-1"), { merch_id: merch_id! })
        yield* scene.service.advance("1 millis")
        assert.deepStrictEqual(yield* inquire(scene, "R-1"), { merch_id: merch_id!, status })
        const message = as === "approve" ? {} : { message: "the licence is blurred" }
        const data = { request_id: "R-1", merch_id, status, ...message }
        yield* scene.service.advance("1 hour")
        assert.deepStrictEqual(yield* notices(scene, 1), [
          { id: "onboarding.notification", type: "MERCH", merchId: merch_id, data }
        ])
      })
    )
  })
}

describe("an application", () => {
  it.effect("needs its files, and names the field of each that is missing", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const body = yield* applicationOf(scene, "R-1")
      const without = (license_file_id: string) => ({ ...body, license: { ...body.license, license_file_id } })
      yield* refused(scene, Onboarding.apply, without("42"), "010002", /^: license\.license_file_id names no/)
      const stakeholder_list = [
        ...body.stakeholder_list,
        { ...body.stakeholder_list[0]!, doc_portrait_side_file_id: 43 }
      ]
      yield* refused(
        scene,
        Onboarding.apply,
        { ...body, stakeholder_list },
        "010002",
        /^: stakeholder_list\[1\]\.doc_portrait_side_file_id names no/
      )
      yield* refused(scene, Onboarding.inquiry, { request_id: "R-1" }, "010002", /no application/)
      // The refused ones have used nothing up.
      yield* succeed(scene, Onboarding.apply, body)
    })
  )

  it.effect("is found by either number, and by both where they belong together", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const one = yield* apply(scene, "R-1", "One")
      const other = yield* apply(scene, "R-2", "Two")
      assert.notStrictEqual(one, other)
      for (const question of [{ request_id: "R-1" }, { merch_id: one }, { request_id: "R-1", merch_id: one }]) {
        assert.strictEqual((yield* succeed(scene, Onboarding.inquiry, question)).merch_id, one)
      }
      for (const question of [
        { request_id: "R-1", merch_id: other },
        { request_id: "R-3" },
        { merch_id: merchId },
        { merch_id: "M" }
      ]) {
        yield* refused(scene, Onboarding.inquiry, question, "010002", /no application has these numbers/)
      }
      const answer = yield* sendText(scene, Onboarding.inquiry, "{}")
      assert.match(assertError(answer, "010000"), /give merch_id or request_id/)
    })
  )

  it.effect("is seen by its owner only", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const merch_id = yield* apply(scene)
      for (const question of [{ request_id: "R-1" }, { merch_id }]) {
        yield* refused(scene, Onboarding.inquiry, question, "010002", /no application/, theirs)
      }
      yield* scene.service.decide("onboarding", "reject")
      yield* decided(scene)
      const body = yield* applicationOf(scene, "R-1", "Example", theirs)
      yield* refused(scene, Onboarding.update, body, "010002", /no application/, theirs)
      // The same request_id and the same company of another owner are another application and another merchant.
      const { merch_id: other } = yield* succeed(scene, Onboarding.apply, body, theirs)
      assert.notStrictEqual(other, merch_id)
    })
  )

  it.effect("must not be sent with X-Merch-Id, nor asked for, nor amended", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const body = yield* applicationOf(scene, "R-1")
      for (const { path } of [Onboarding.apply, Onboarding.update, Onboarding.inquiry, Assessment.apply]) {
        const answer = yield* scene.send(yield* call(path, body, { merchId }))
        assert.strictEqual(assertError(answer, "010000"), ": X-Merch-Id must not be sent")
      }
    })
  )

  it.effect("of the same company gets the same merchant number, by onboarding and by assessment", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const merch_id = yield* apply(scene, "R-1")
      assert.strictEqual(yield* apply(scene, "R-2"), merch_id)
      const body = yield* applicationOf(scene, "R-3")
      assert.strictEqual((yield* succeed(scene, Assessment.apply, body)).merch_id, merch_id)
      assert.notStrictEqual(yield* apply(scene, "R-4", "Example Two"), merch_id)
      const elsewhere = { ...body, request_id: "R-5", license: { ...body.license, region: "HK" } }
      assert.notStrictEqual((yield* succeed(scene, Onboarding.apply, elsewhere)).merch_id, merch_id)
      // The number tells of the last application.
      yield* scene.service.decide("onboarding", "approve")
      yield* scene.service.decide("onboarding", "reject")
      yield* decided(scene)
      assert.strictEqual((yield* inquire(scene, "R-1")).status, "APPROVED")
      assert.strictEqual((yield* succeed(scene, Onboarding.inquiry, { merch_id })).status, "REJECTED")
    })
  )
})

describe("an amended application", () => {
  it.effect("is decided anew, as often as it is not approved", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const body = yield* applicationOf(scene, "R-1")
      const { merch_id } = yield* succeed(scene, Onboarding.apply, body)
      for (const [index, [as, status]] of decisions.toReversed().entries()) {
        yield* refused(scene, Onboarding.update, body, "010003", /not decided yet/)
        yield* scene.service.decide("onboarding", as)
        yield* decided(scene)
        const { data } = (yield* notices(scene, index + 1)).at(-1)!
        assert.strictEqual(data["status"], status)
        assert.strictEqual("message" in data, as !== "approve")
        if (as === "approve") break
        assert.deepStrictEqual(yield* succeed(scene, Onboarding.update, body), { request_id: "R-1" })
        assert.deepStrictEqual(yield* inquire(scene, "R-1"), { merch_id: merch_id! })
      }
      yield* refused(scene, Onboarding.update, body, "010003", /is approved/)
    })
  )

  it.effect("needs its files too, and a first application", () =>
    Effect.gen(function* () {
      const scene = yield* start({ decisions: { onboarding: "supplement" } })
      yield* apply(scene)
      yield* decided(scene)
      yield* refused(scene, Onboarding.update, { ...application, request_id: "R-1" }, "010002", /license_file_id/)
      // Refused, it is as it was.
      assert.strictEqual((yield* inquire(scene, "R-1")).status, "SUPPLEMENT")
      const body = yield* applicationOf(scene, "R-2")
      yield* refused(scene, Onboarding.update, body, "010002", /no application has this request_id/)
    })
  )
})

describe("a new merchant", () => {
  it.effect("may act when it is approved, not before, and by its owner's key only", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const merch_id = yield* apply(scene)
      const own = { merchId: merch_id }
      yield* refused(scene, Va.apply, { request_id: "R-1" }, "010003", /not onboarded yet/, own)
      yield* scene.service.decide("onboarding", "reject")
      yield* decided(scene)
      yield* refused(scene, Va.apply, { request_id: "R-1" }, "010003", /not onboarded yet/, own)
      yield* succeed(scene, Onboarding.update, yield* applicationOf(scene, "R-1"))
      yield* decided(scene)
      yield* succeed(scene, Va.apply, { request_id: "R-1" }, own)
      const answer = yield* send(scene, Va.apply, { request_id: "R-2" }, { ...own, key: second })
      assert.strictEqual(assertError(answer, "010200"), "")
    })
  )

  it.effect("stays one when a later application of its company is rejected", () =>
    Effect.gen(function* () {
      const scene = yield* start()
      const merch_id = yield* apply(scene, "R-1")
      yield* decided(scene)
      yield* scene.service.decide("onboarding", "reject")
      yield* apply(scene, "R-2")
      yield* decided(scene)
      yield* succeed(scene, Va.apply, { request_id: "R-1" }, { merchId: merch_id })
    })
  )
})
