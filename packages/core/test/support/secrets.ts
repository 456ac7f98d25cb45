/** Whether an error keeps to itself what it must. */
import { inspect } from "node:util"
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"

/** Everything that an error may be printed as. */
const prints = (error: Error): ReadonlyArray<string> => [
  error.message,
  String(error),
  String(error.stack),
  JSON.stringify(error),
  JSON.stringify(Object.entries(error)),
  inspect(error, { depth: Infinity, showHidden: true, getters: true }),
  Cause.pretty(Cause.fail(error)),
  inspect(Cause.fail(error), { depth: Infinity })
]

/** Asserts that no print of an error holds any of the texts. */
export const assertKeeps = (error: Error, secrets: ReadonlyArray<string>): void => {
  for (const print of prints(error)) {
    for (const secret of secrets) assert.notInclude(print, secret)
  }
}
