/** What is true of every answer, whatever was asked. */
import { assert } from "@effect/vitest"
import * as Json from "@paykka/schemas/Json"
import * as Operation from "@paykka/schemas/Operation"
import * as Result from "effect/Result"
import type { Answer } from "./ways.ts"

/** Codes with the documentation's texts and the likely HTTP status (contract/core.yaml, responses.error_codes). */
const codes: Readonly<Record<string, readonly [status: number, text: string]>> = {
  "010000": [400, "invalid request parameters (format error or missing fields)"],
  "010001": [429, "too many requests"],
  "010002": [404, "data not found"],
  "010003": [400, "invalid data state"],
  "010004": [400, "data integrity violation"],
  "010005": [400, "file size exceeds limit"],
  "010100": [401, "unauthorized request (signature verification failed)"],
  "010200": [401, "unauthorized request (signature verification failed)"],
  "999999": [500, "unknown error"]
}

/** Asserts an error answer of the documented shape. Gives what `ret_msg` says after the code's text. */
export const assertError = (answer: Answer, code: string): string => {
  const [status, text] = codes[code]!
  const body = JSON.parse(answer.body) as Readonly<Record<string, string>>
  assert.deepStrictEqual(Object.keys(body), ["ret_code", "ret_msg"])
  assert.strictEqual(body["ret_code"], code, body["ret_msg"])
  assert.strictEqual(answer.status, status)
  assert.strictEqual(answer.headers["content-type"], "application/json")
  assert.strictEqual(answer.headers["x-sandbox-provenance"], "inferred")
  assert.isTrue(body["ret_msg"]!.startsWith(text), body["ret_msg"])
  return body["ret_msg"]!.slice(text.length)
}

/** From the surest to the least sure. */
const levels = ["documented", "third-party", "inferred", "unknown"]

/** How sure an answer of the operation is: the weakest of its path, its request and its response. */
const provenanceOf = ({ provenance: { path, request, response } }: Operation.Operation): string =>
  levels.findLast((level) => [path, request, response].some((each) => each === level))!

/** Asserts a success: bare JSON that the operation's schema reads, marked by how sure it is. Gives what was read. */
export const assertSuccess = <O extends Operation.Operation>(operation: O, answer: Answer): O["response"]["Type"] => {
  assert.strictEqual(answer.status, 200, answer.body)
  assert.strictEqual(answer.headers["content-type"], "application/json")
  assert.strictEqual(answer.headers["x-sandbox-provenance"], provenanceOf(operation))
  const json = Result.getOrThrow(Json.parse(answer.body))
  return Result.getOrThrow<O["response"]["Type"], unknown>(Operation.decodeResponse(operation, json))
}
