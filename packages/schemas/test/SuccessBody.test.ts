import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Json from "../src/Json.ts"
import * as SuccessBody from "../src/SuccessBody.ts"
import { core } from "./contract/facts.ts"

const account = { account_no: "6222", currencies: ["EUR"], data_source: null }

describe("SuccessBody.read", () => {
  const successes: ReadonlyArray<readonly [name: string, body: unknown, data: unknown]> = [
    ["a bare object", account, account],
    ["an empty object", {}, {}],
    ["a bare object with a field ret_msg", { ret_msg: "ok" }, { ret_msg: "ok" }],
    ["a bare object with a field data", { data: { a: 1 } }, { data: { a: 1 } }],
    ["a wrapped object", { ret_code: "000000", ret_msg: "success", data: account }, account],
    ["a wrapped object without a message", { ret_code: "000000", data: account }, account],
    ["a wrapper without data", { ret_code: "000000", ret_msg: "success" }, {}],
    ["a wrapper with null data", { ret_code: "000000", ret_msg: "success", data: null }, {}],
    ["a wrapper with an array", { ret_code: "000000", data: [1] }, [1]],
    ["a wrapper with a scalar", { ret_code: "000000", data: 0 }, 0],
    ["a code beside the fields", { ret_code: "000000", ret_msg: "success", ...account }, account],
    ["a code beside the fields and null data", { ret_code: "000000", data: null, ...account }, account],
    ["a null code, which is none", { ret_code: null, ...account }, { ret_code: null, ...account }],
    ["the code of success as a number", { ret_code: 0, data: account }, account],
    ["an array", [{ ret_code: "010000" }], [{ ret_code: "010000" }]],
    ["a text", "ret_code", "ret_code"],
    ["a number", 1, 1],
    ["null", null, null],
    ["nothing", undefined, undefined]
  ]
  for (const [name, body, data] of successes) {
    it(`${name} is a success`, () => {
      assert.deepStrictEqual(SuccessBody.read(body), { _tag: "Success", data })
    })
  }

  const failures: ReadonlyArray<readonly [name: string, body: unknown, retCode: string, retMsg: string]> = [
    ["a code with data", { ret_code: "999999", ret_msg: "unknown error", data: account }, "999999", "unknown error"],
    ["a code without a message", { ret_code: "010000" }, "010000", ""],
    ["a code with a null message", { ret_code: "010000", ret_msg: null }, "010000", ""],
    ["a code with a message that is no text", { ret_code: "010000", ret_msg: { a: 1 } }, "010000", ""],
    ["a code that nobody knows", { ret_code: "020001", ret_msg: "no funds" }, "020001", "no funds"],
    ["a code of zeros, but too few", { ret_code: "0" }, "0", ""],
    ["an empty code", { ret_code: "" }, "", ""],
    ["a number, which has lost its zeros", { ret_code: 10001, ret_msg: "too many" }, "010001", "too many"],
    ["a number of six digits", { ret_code: 999999 }, "999999", ""],
    ["a code that is no code", { ret_code: true, ret_msg: "?" }, "", "?"],
    ["a code that is an object", { ret_code: { code: "000000" }, data: account }, "", ""],
    ["a code that is a raw number", { ret_code: Json.rawNumber("1e5") }, "", ""]
  ]
  for (const [name, body, retCode, retMsg] of failures) {
    it(`${name} is a failure`, () => {
      assert.deepStrictEqual(SuccessBody.read(body), { _tag: "Failure", retCode, retMsg })
    })
  }

  // The HTTP status is not even asked for: 200 with an error code is a failure too.
  for (const { code, desc } of core.responses.error_codes) {
    it(`${code} is a failure, whatever else comes`, () => {
      const body = { ...account, ret_code: code, ret_msg: desc, data: account }
      assert.deepStrictEqual(SuccessBody.read(body), { _tag: "Failure", retCode: code, retMsg: desc })
    })
  }

  it.prop("never changes a body without a code", [Schema.Json], ([body]) => {
    const outcome = SuccessBody.read(body)
    if (Json.isObject(body) && Object.hasOwn(body, "ret_code")) return
    assert.deepStrictEqual(outcome, { _tag: "Success", data: body })
  })
})
