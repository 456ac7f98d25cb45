/** Who may sign for whom: the merchants that the sandbox is given, and those that it takes in. */

/** A merchant number and a key that signs for it. */
interface Listed {
  readonly merchId: string
  readonly keyId: string
}

/** The merchants. */
export interface Merchants {
  /** Who stands behind a key, by one of its numbers: all merchants and keys that are listed together are one. */
  readonly ownerOf: (keyId: string) => string
  /** The merchant that a key speaks for where the call names none: the first that it is listed with. */
  readonly firstOf: (keyId: string) => string
  /** Whether the key may sign for the merchant. */
  readonly isSignedBy: (merchId: string, keyId: string) => boolean
  /** The number of an owner's company: a new one, or that which the company has already. */
  readonly enrol: (owner: string, company: string, newNumber: () => string) => string
  /** Whether the merchant may do more than ask for its onboarding or assessment. */
  readonly isActive: (merchId: string) => boolean
  readonly activate: (merchId: string) => void
}

/** Numbers and keys that are listed together, directly or through others, each with the one number of its group. */
const group = (listed: ReadonlyArray<Listed>): ReadonlyMap<string, string> => {
  const owners = new Map<string, string>()
  for (const { merchId, keyId } of listed) {
    const known = [owners.get(`key ${keyId}`), owners.get(`merchant ${merchId}`)].filter((owner) => owner !== undefined)
    const owner = known[0] ?? merchId
    for (const [name, other] of owners) if (known.includes(other)) owners.set(name, owner)
    owners.set(`key ${keyId}`, owner).set(`merchant ${merchId}`, owner)
  }
  return owners
}

/** The given merchants, all of them active. */
export const make = (listed: ReadonlyArray<Listed>): Merchants => {
  const owners = group(listed)
  const companies = new Map<string, string>()
  const enrolled = new Map<string, { readonly owner: string; active: boolean }>()
  const ownerOf = (keyId: string): string => owners.get(`key ${keyId}`) ?? ""
  return {
    ownerOf,
    firstOf: (keyId) => listed.find((entry) => entry.keyId === keyId)?.merchId ?? "",
    isSignedBy: (merchId, keyId) =>
      listed.some((entry) => entry.merchId === merchId && entry.keyId === keyId) ||
      enrolled.get(merchId)?.owner === ownerOf(keyId),
    enrol: (owner, company, newNumber) => {
      const key = `${owner}\n${company}`
      let merchId = companies.get(key)
      // Nobody may get a number that was given already.
      while (merchId === undefined || listed.some((given) => given.merchId === merchId)) merchId = newNumber()
      companies.set(key, merchId)
      if (!enrolled.has(merchId)) enrolled.set(merchId, { owner, active: false })
      return merchId
    },
    isActive: (merchId) => enrolled.get(merchId)?.active ?? true,
    activate: (merchId) => {
      const merchant = enrolled.get(merchId)
      if (merchant !== undefined) merchant.active = true
    }
  }
}
