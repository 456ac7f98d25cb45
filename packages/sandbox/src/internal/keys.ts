/** The keys of both sides, checked, with the names of the sandbox's own options in errors. */
import type { KeyInput } from "@paykka/signing/KeyMaterial"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Effect from "effect/Effect"

interface Options {
  readonly merchants: ReadonlyArray<{ readonly keyId: string; readonly publicKey: KeyInput }>
  readonly platformKey: { readonly keyId: string; readonly privateKey: KeyInput }
}

const invalid = (option: string, detail: string) => new KeyStore.InvalidKeyStore({ option, detail })

/** A store of these keys; what it calls `from` is called `to` here. */
const read = (keys: KeyStore.Options, from: string, to: string) =>
  Effect.mapError(KeyStore.make(keys), ({ option, detail }) => invalid(option.replace(from, to), detail))

/** The store from the platform's side: it signs with its own key and verifies with the merchants'. */
export const make = /*#__PURE__*/ Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<KeyStore.Service, KeyStore.InvalidKeyStore> {
  const { signingKey } = yield* read({ signingKey: options.platformKey }, "signingKey", "platformKey")
  const platform = yield* Effect.orDie(signingKey)
  const keys: Array<KeyStore.VerificationKey> = []
  for (const [index, { keyId, publicKey }] of options.merchants.entries()) {
    const option = `merchants[${index}]`
    const store = yield* read({ platformKeys: [{ keyId, publicKey }] }, "platformKeys[0]", option)
    for (const key of yield* Effect.orDie(store.platformKeys)) {
      if (key.fingerprint === platform.fingerprint) {
        return yield* invalid(
          `${option}.publicKey`,
          "is the public half of platformKey; a merchant has a pair of its own"
        )
      }
      // One key may serve several merchants, as an integrator's does.
      const listed = keys.find((other) => other.keyId === keyId)
      if (listed === undefined) keys.push(key)
      else if (listed.fingerprint !== key.fingerprint) {
        return yield* invalid(`${option}.keyId`, "names another key in an entry before it")
      }
    }
  }
  if (keys.length === 0) return yield* invalid("merchants", "is empty; nobody could call")
  return { signingKey, platformKeys: Effect.succeed(keys) }
})
