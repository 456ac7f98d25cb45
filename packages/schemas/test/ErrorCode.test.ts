import { assert, describe, it } from "@effect/vitest"
import * as ErrorCode from "../src/ErrorCode.ts"
import { core } from "./contract/facts.ts"

const documented = core.responses.error_codes

describe("ErrorCode", () => {
  it("has the nine codes of the contract in its order", () => {
    assert.lengthOf(documented, 9)
    assert.deepStrictEqual(
      ErrorCode.table.map(({ code }) => code),
      documented.map(({ code }) => code)
    )
  })

  for (const { code, desc, provenance, likely_http, retry_hint } of documented) {
    it(`${code} is as the contract says`, () => {
      const row = ErrorCode.find(code)
      assert.strictEqual(provenance, "documented")
      // What stands behind the semicolon is advice or a remark.
      assert.strictEqual(row?.meaning, desc.split("; ")[0])
      assert.strictEqual(row?.likelyHttpStatus, likely_http)
      assert.strictEqual(row?.retryHint, retry_hint)
      assert.isNotEmpty(row?.advice)
    })
  }

  it("has no hint that the contract does not explain", () => {
    const hints: ReadonlyArray<ErrorCode.RetryHint> = ["never", "backoff", "after_change", "resolve_first"]
    assert.sameMembers(Object.keys(core.responses.retry_hints), [...hints])
  })

  it("gives each code the class of its meaning", () => {
    const classes: ReadonlyArray<readonly [code: string, ErrorCode.ErrorClass]> = [
      ["999999", "PlatformFailure"],
      ["010000", "InvalidRequest"],
      ["010001", "RateLimited"],
      ["010002", "NotFound"],
      ["010003", "InvalidState"],
      ["010004", "IntegrityViolation"],
      ["010005", "FileTooLarge"],
      ["010100", "Unauthorized"],
      // Same text as 010100.
      ["010200", "Unauthorized"]
    ]
    assert.deepStrictEqual(
      ErrorCode.table.map((row) => [row.code, row.class]),
      classes.map((row) => [...row])
    )
  })

  it("has nothing for other codes", () => {
    for (const code of ["", "000000", "10000", "010006", "999", "toString", "0100000", " 010000"]) {
      assert.isUndefined(ErrorCode.find(code))
    }
  })
})
