import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Args from "../src/Args.ts"
import { parts, withNeeds } from "../src/Part.ts"

const host = { PAYKKA_BASE_URL: "https://host" }

describe("arguments", () => {
  it("none: the local walkthrough, for people", () => {
    const local = { json: false, only: parts, requestId: undefined, toHost: false }
    assert.deepStrictEqual(Args.read([], {}), Result.succeed(local))
    assert.deepStrictEqual(Args.read([], { PAYKKA_TEST_REPORT: "report.json" }), Result.succeed(local))
    assert.deepStrictEqual(Args.read(["--json"], {}), Result.succeed({ ...local, json: true }))
  })

  it("any variable of the client or of its key means a host", () => {
    for (const name of ["ENVIRONMENT", "BASE_URL", "MERCH_ID", "KEY_ID", "PRIVATE_KEY", "PRIVATE_KEY_FILE"]) {
      const args = Args.read(["--request-id", "R-1"], { [`PAYKKA_${name}`]: "x" })
      assert.deepStrictEqual(args, Result.succeed({ json: false, only: parts, requestId: "R-1", toHost: true }), name)
    }
  })

  it("parts of the story, in any order and with blanks", () => {
    const only = (text: string) => Result.map(Args.read(["--only", text], {}), (args) => args.only)
    assert.deepStrictEqual(only("va"), Result.succeed(["va"]))
    assert.deepStrictEqual(only("payment, va,"), Result.succeed(["payment", "va"]))
    assert.deepStrictEqual(only(parts.join(",")), Result.succeed(parts))
  })

  it.each([
    { what: "an unknown option", args: ["--foo"], env: {}, says: /--foo/ },
    { what: "a word too much", args: ["inquiry"], env: host, says: /'inquiry'/ },
    { what: "an option without its value", args: ["--request-id"], env: host, says: /--request-id/ },
    { what: "a value where none belongs", args: ["--json=yes"], env: {}, says: /--json/ },
    {
      what: "a part that there is not",
      args: ["--only", "va,pay"],
      env: {},
      says: /"pay"; there are: file, .*payment$/
    },
    { what: "no part", args: ["--only", ","], env: {}, says: /needs a part/ },
    { what: "a part and a host", args: ["--only", "va"], env: host, says: /names a host/ },
    { what: "an application to inquire, but no host", args: ["--request-id", "R-1"], env: {}, says: /PAYKKA_/ }
  ])("$what is refused", ({ args, env, says }) => {
    const refused = Result.flip(Args.read(args, env))
    assert.match(
      Result.getOrElse(refused, () => "accepted"),
      says
    )
  })
})

describe("parts", () => {
  it("come after what they need, in the order of the story", () => {
    assert.deepStrictEqual(withNeeds(["va"]), ["file", "onboarding", "va"])
    assert.deepStrictEqual(withNeeds(["order", "file"]), ["file", "onboarding", "order"])
    assert.deepStrictEqual(withNeeds(["payment"]), [
      "file",
      "onboarding",
      "va",
      "remittance",
      "order",
      "tradesettle",
      "forex",
      "payee",
      "payment"
    ])
    assert.deepStrictEqual(withNeeds(parts), parts)
    assert.deepStrictEqual(withNeeds([]), [])
  })
})
