/** What promises reject with. */
import { InvalidConfiguration } from "@paykka/core/Environment"
import { InvalidKeyStore, KeyUnavailable } from "@paykka/signing/KeyStore"

/** The names that options have in the layers beneath, and those of the settings here. */
const renamed = (option: string): string =>
  option
    .replace(/^environment\.baseUrl$/, "baseUrl")
    .replace(/^signingKey\./, "")
    .replace(/^platformKeys/, "platformPublicKeys")

const told = (error: unknown): unknown => {
  if (error instanceof InvalidConfiguration || error instanceof InvalidKeyStore) {
    return new InvalidConfiguration({ option: renamed(error.option), detail: error.detail })
  }
  return error instanceof KeyUnavailable
    ? new InvalidConfiguration({ option: "platformPublicKeys", detail: "has no key" })
    : error
}

const inspect = Symbol.for("nodejs.util.inspect.custom")
const hidden = { enumerable: false, configurable: true, writable: true } as const

/** An error that says like any other what it is: its stack shows when it is printed, its message is in its JSON. Effect's show their fields only. */
export const plain = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error
  const { name, message } = error
  return Object.defineProperties(error, {
    [inspect]: { ...hidden, value: undefined },
    toJSON: { ...hidden, value: () => Object.assign({}, error, { name, message }) }
  })
}

/** The frames of who waits for a function's promise, where the engine tells them: a stack ends in the fiber that has failed. */
const waiting = (run: (...args: never) => unknown): string => {
  const here: { stack?: string } = {}
  Error.captureStackTrace?.(here, run)
  return (here.stack ?? "").replace(/^.*(?:\n|$)/, "\n").trimEnd()
}

/** Errors that lead to a caller: one that several calls reject with leads to the first. */
const leading = /*#__PURE__*/ new WeakSet<Error>()

/** What the promise of a function rejects with. To be called there, when the effect was awaited. */
export const rejection = (failure: unknown, run: (...args: never) => unknown): unknown => {
  const error = told(failure)
  // One that is made here has the way to its caller.
  if (!(error instanceof Error) || error !== failure || leading.has(error)) return plain(error)
  leading.add(error)
  return plain(Object.defineProperty(error, "stack", { ...hidden, value: `${error.stack ?? ""}${waiting(run)}` }))
}
