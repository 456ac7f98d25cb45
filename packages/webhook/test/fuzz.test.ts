// The fuzzer for a second or two, with seeds that stay the same: what it finds, it finds each time. See fuzz.ts for longer runs.
import { assert, describe, it } from "@effect/vitest"
import * as Verifier from "@paykka/signing/Verifier"
import * as Effect from "effect/Effect"
import { Finding, fuzz } from "./fuzz.ts"

describe("changed notifications", () => {
  for (const seed of [1, 20_260_417, 4_294_967_295]) {
    it(`are refused with a typed reason, or are what was signed (seed ${seed})`, async () => {
      const report = await fuzz({ seed, runs: 1500 })
      assert.strictEqual(report.runs, 1500)
      // It has been everywhere: some changes change nothing that is signed, and the reasons are many.
      assert.deepStrictEqual(Object.keys(report.statuses), ["200", "401"])
      assert.isAbove(report.statuses["200"]!, 20)
      assert.isAbove(report.statuses["401"]!, 500)
      assert.isAbove(report.headersRead, 300)
      assert.isAbove(report.bodiesKnown, 100)
      assert.isAbove(report.reasons.length, 10)
    })
  }

  it("are the same for the same seed, and others for another", async () => {
    const [first, again, other] = [
      await fuzz({ seed: 7, runs: 200 }),
      await fuzz({ seed: 7, runs: 200 }),
      await fuzz({ seed: 8, runs: 200 })
    ]
    assert.deepStrictEqual(first, again)
    assert.notDeepEqual({ ...first, seed: 0 }, { ...other, seed: 0 })
  })
})

describe("the fuzzer notices", () => {
  const found = async (replaceVerifier: (real: Verifier.Service) => Verifier.Service): Promise<string> => {
    try {
      await fuzz({ seed: 3, runs: 3000, replaceVerifier })
    } catch (error) {
      assert.instanceOf(error, Finding)
      assert.match(error.message, /^seed 3, run [0-9]+: /)
      return error.message
    }
    return assert.fail("found nothing")
  }

  it("a verifier that does not look at the body", async () => {
    const nothing = new Uint8Array()
    const message = await found((real) => ({
      verify: (received) =>
        Effect.catchTag(real.verify(received), "SignatureRejected", () => real.verify({ ...received, body: nothing }))
    }))
    assert.match(message, /another body than the one that came/)
  })

  it("a verifier that takes a merchant number up to its first line break", async () => {
    const message = await found((real) => ({
      verify: (received) => real.verify({ ...received, merchId: received.merchId?.split(/[\r\n]/, 1)[0] })
    }))
    assert.match(message, /another merchant number than the one that came/)
  })

  it("a verifier that throws", async () => {
    const message = await found((real) => ({
      verify: (received) => {
        if (received.authorization?.includes("付") === true) throw new RangeError("no such character")
        return real.verify(received)
      }
    }))
    assert.match(message, /status 503/)
  })

  it("a reason that quotes what came", async () => {
    const message = await found((real) => ({
      verify: (received) =>
        Effect.mapError(real.verify(received), (error) =>
          error._tag === "SignatureRejected" && error.reason._tag === "Mismatch"
            ? Object.defineProperty(error, "message", { value: `${received.merchId}` })
            : error
        )
    }))
    assert.match(message, /a line that is not fit for a log/)
  })
})
