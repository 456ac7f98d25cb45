import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Merchants from "../src/internal/merchants.ts"

/** Merchants from `"M1 K1"`. */
const listed = (...pairs: ReadonlyArray<string>) =>
  pairs.map((pair) => {
    const [merchId = "", keyId = ""] = pair.split(" ")
    return { merchId, keyId }
  })

const make = (...pairs: ReadonlyArray<string>) => Merchants.make(listed(...pairs))

/** Numbers for new merchants: `N1`, `N2` and so on. */
const numbers = () => {
  let last = 0
  return () => `N${++last}`
}

const pairs = Schema.Array(
  Schema.Struct({ merchant: Schema.Literals([1, 2, 3, 4, 5, 6]), key: Schema.Literals([1, 2, 3, 4, 5, 6]) })
).check(Schema.isMinLength(1))

/** Whether a way leads from one key to another, over merchants that two keys share: a walk, where the code has groups. */
const connected = (given: typeof pairs.Type, from: number, to: number): boolean => {
  const seen = new Set([from])
  for (const key of seen) {
    const merchants = given.filter((pair) => pair.key === key).map(({ merchant }) => merchant)
    for (const pair of given) if (merchants.includes(pair.merchant)) seen.add(pair.key)
  }
  return seen.has(to)
}

describe("owners", () => {
  const same = (merchants: Merchants.Merchants, one: string, other: string) =>
    merchants.ownerOf(one) === merchants.ownerOf(other)

  it("two merchants with a key each are two", () => {
    assert.isFalse(same(make("M1 K1", "M2 K2"), "K1", "K2"))
  })

  it("a merchant with two keys (rotation) is one", () => {
    assert.isTrue(same(make("M1 K1", "M1 K2"), "K1", "K2"))
  })

  it("a key that serves two merchants makes their other keys one", () => {
    assert.isTrue(same(make("M1 K1", "M2 K1", "M1 K2", "M2 K3"), "K2", "K3"))
  })

  it("chains are joined, whichever link comes last", () => {
    const links = ["M1 K1", "M1 K2", "M2 K2", "M2 K3", "M3 K3", "M3 K4"]
    for (let turn = 0; turn < links.length; turn++) {
      const order = [...links.slice(turn), ...links.slice(0, turn)]
      for (const merchants of [make(...order), make(...order.toReversed())]) {
        assert.isTrue(same(merchants, "K1", "K4"), order.join())
      }
    }
    // The middle link missing, there are two groups.
    assert.isFalse(same(make(...links.filter((link) => link !== "M2 K3")), "K1", "K4"))
  })

  it("a link between two groups takes all of both along", () => {
    const merchants = make("M1 K1", "M2 K2", "M2 K3", "M3 K4", "M1 K3")
    assert.isTrue(same(merchants, "K1", "K2"))
    assert.isFalse(same(merchants, "K1", "K4"))
  })

  it("a merchant and a key of the same name are not taken for each other", () => {
    assert.isFalse(same(make("A B", "B C"), "B", "C"))
  })

  it.prop("keys have one owner just where merchants lead from one to the other", [pairs], ([given]) => {
    const merchants = make(...given.map(({ merchant, key }) => `M${merchant} K${key}`))
    for (const { key: one } of given) {
      for (const { key: other } of given) {
        assert.strictEqual(same(merchants, `K${one}`, `K${other}`), connected(given, one, other), `${one} ${other}`)
      }
    }
  })
})

describe("who may sign", () => {
  it("for a given merchant just the keys that it is listed with", () => {
    const merchants = make("M1 K1", "M2 K1", "M1 K2")
    assert.isTrue(merchants.isSignedBy("M2", "K1"))
    assert.isFalse(merchants.isSignedBy("M2", "K2"))
    assert.isFalse(merchants.isSignedBy("M3", "K1"))
    assert.isFalse(merchants.isSignedBy("", "K1"))
    assert.strictEqual(merchants.firstOf("K1"), "M1")
  })

  it("for a new merchant all keys of its owner, and no other", () => {
    const merchants = make("M1 K1", "M1 K2", "M2 K3")
    const merchId = merchants.enrol(merchants.ownerOf("K1"), "Company", numbers())
    assert.isTrue(merchants.isSignedBy(merchId, "K2"))
    assert.isFalse(merchants.isSignedBy(merchId, "K3"))
    assert.isFalse(merchants.isSignedBy(merchId, "K4"))
  })
})

describe("new merchants", () => {
  it("a company has one number with each owner", () => {
    const merchants = make("M1 K1", "M2 K2")
    const [one, other] = [merchants.ownerOf("K1"), merchants.ownerOf("K2")]
    const next = numbers()
    assert.strictEqual(merchants.enrol(one, "A", next), "N1")
    assert.strictEqual(merchants.enrol(one, "A", next), "N1")
    assert.strictEqual(merchants.enrol(one, "B", next), "N2")
    assert.strictEqual(merchants.enrol(other, "A", next), "N3")
  })

  it("never get the number of a given merchant", () => {
    const merchants = make("N1 K1", "N2 K2")
    assert.strictEqual(merchants.enrol(merchants.ownerOf("K1"), "A", numbers()), "N3")
    assert.isFalse(merchants.isSignedBy("N2", "K1"))
  })

  it("are not active before they are activated; given ones are", () => {
    const merchants = make("M1 K1")
    const merchId = merchants.enrol(merchants.ownerOf("K1"), "A", numbers())
    assert.isFalse(merchants.isActive(merchId))
    assert.isTrue(merchants.isActive("M1"))
    merchants.activate(merchId)
    assert.isTrue(merchants.isActive(merchId))
    // Enrolled again it stays what it is.
    merchants.enrol(merchants.ownerOf("K1"), "A", numbers())
    assert.isTrue(merchants.isActive(merchId))
  })
})
