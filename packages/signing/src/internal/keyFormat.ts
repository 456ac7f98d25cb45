/** Tells what a key text or a DER file is, without importing it. */
import * as base64 from "./base64.ts"
import * as der from "./der.ts"

/** What was found, in words for a message: never any of the key's own bytes. */
export interface Found {
  readonly role: "private" | "public" | "other"
  /** For example `an RSA public key (SPKI, PEM)`. */
  readonly what: string
  /** PKCS#8 for a private, SPKI for a public RSA key of ordinary use; nothing for all else. */
  readonly rsa?: {
    readonly der: Uint8Array<ArrayBuffer>
    readonly spki: Uint8Array<ArrayBuffer>
    readonly bits: number
  }
}

const oid = {
  rsaEncryption: "2a864886f70d010101",
  rsaPss: "2a864886f70d01010a",
  ec: "2a8648ce3d0201",
  ed25519: "2b6570"
} as const

const algorithmName = (id: string): string => {
  switch (id) {
    case oid.rsaEncryption:
      return "RSA"
    case oid.rsaPss:
      return "RSA-PSS"
    case oid.ec:
      return "EC"
    case oid.ed25519:
      return "Ed25519"
    default:
      return "unknown algorithm"
  }
}

const article = (name: string): string => (/^[aeiourx]/i.test(name) ? `an ${name}` : `a ${name}`)

// AlgorithmIdentifier { rsaEncryption, NULL }
const rsaAlgorithm = /*#__PURE__*/ Uint8Array.of(0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0)
const zero = /*#__PURE__*/ Uint8Array.of(der.tags.integer, 1, 0)

const bitLength = (integer: Uint8Array): number => {
  let start = 0
  while (start < integer.length && integer[start] === 0) start++
  return start === integer.length ? 0 : (integer.length - start) * 8 - (Math.clz32(integer[start]!) - 24)
}

/** The sequence's members when they have just these tags, in this order, perhaps followed by others. */
const members = (node: der.Node | undefined, ...tags: ReadonlyArray<number>): ReadonlyArray<der.Node> | undefined => {
  if (node?.tag !== der.tags.sequence) return undefined
  const nodes = der.children(node.content)
  return nodes !== undefined && tags.every((tag, index) => nodes[index]?.tag === tag) ? nodes : undefined
}

const { integer, sequence, octetString, bitString, oid: oidTag } = der.tags

/** Whether an AlgorithmIdentifier has no parameters but NULL, as RSA's must be. */
const withoutParameters = (algorithm: ReadonlyArray<der.Node>): boolean =>
  algorithm.length === 1 || (algorithm.length === 2 && der.hex(algorithm[1]!.whole) === "0500")

const rsaPublic = (pkcs1: Uint8Array, what: string): Found | undefined => {
  const nodes = members(der.read(pkcs1), integer, integer)
  if (nodes === undefined) return undefined
  const spki = der.write(sequence, rsaAlgorithm, der.write(bitString, Uint8Array.of(0), pkcs1))
  return { role: "public", what, rsa: { der: spki, spki, bits: bitLength(nodes[0]!.content) } }
}

const rsaPrivate = (pkcs1: Uint8Array, what: string): Found | undefined => {
  // Version, modulus, public and private exponent, two primes and three numbers derived from them.
  const nodes = members(der.read(pkcs1), ...Array<number>(9).fill(integer))
  if (nodes === undefined) return undefined
  const publicPkcs1 = der.write(sequence, nodes[1]!.whole, nodes[2]!.whole)
  return {
    role: "private",
    what,
    rsa: {
      der: der.write(sequence, zero, rsaAlgorithm, der.write(octetString, pkcs1)),
      spki: der.write(sequence, rsaAlgorithm, der.write(bitString, Uint8Array.of(0), publicPkcs1)),
      bits: bitLength(nodes[1]!.content)
    }
  }
}

/** Recognises a DER structure by its shape. `container` is named in the description. */
export const fromDer = (bytes: Uint8Array, container: "PEM" | "DER" | "Base64"): Found | undefined => {
  const root = der.read(bytes)
  if (root === undefined || root.tag !== sequence || root.whole.length !== bytes.length) return undefined

  const pkcs8 = members(root, integer, sequence, octetString)
  if (pkcs8 !== undefined) {
    const name = algorithmName(der.hex(members(pkcs8[1], oidTag)?.[0]?.content ?? new Uint8Array()))
    const what = `private key (PKCS#8, ${container})`
    if (name !== "RSA") return { role: "private", what: `${article(name)} ${what}` }
    return rsaPrivate(pkcs8[2]!.content, `an RSA ${what}`) ?? { role: "private", what: `a damaged RSA ${what}` }
  }

  const pkcs1Private = rsaPrivate(bytes, `an RSA private key (PKCS#1, ${container})`)
  if (pkcs1Private !== undefined) return pkcs1Private

  if (members(root, integer, octetString) !== undefined) {
    return { role: "private", what: `an EC private key (SEC1, ${container})` }
  }

  const nodes = der.children(root.content)
  if (nodes?.length === 2) {
    const pkcs1Public = rsaPublic(bytes, `an RSA public key (PKCS#1, ${container})`)
    if (pkcs1Public !== undefined) return pkcs1Public
    const algorithm = members(nodes[0], oidTag)
    if (algorithm !== undefined && nodes[1]!.tag === bitString) {
      const name = algorithmName(der.hex(algorithm[0]!.content))
      const what = `public key (SPKI, ${container})`
      if (name !== "RSA") return { role: "public", what: `${article(name)} ${what}` }
      // The bit string's first byte counts the unused bits of its last.
      const intact = withoutParameters(algorithm) && nodes[1]!.content[0] === 0
      const found = intact ? rsaPublic(nodes[1]!.content.subarray(1), `an RSA ${what}`) : undefined
      return found ?? { role: "public", what: `a damaged RSA ${what}` }
    }
    if (algorithm !== undefined && nodes[1]!.tag === octetString) {
      return { role: "private", what: `an encrypted private key (PKCS#8, ${container})` }
    }
  }
  if (nodes?.length === 3 && nodes[0]!.tag === sequence && nodes[1]!.tag === sequence && nodes[2]!.tag === bitString) {
    // A certificate's body starts with its version ([0]) or serial number and has six or more members; a request's has four at most.
    const body = der.children(nodes[0]!.content)
    return body !== undefined && body.length <= 4
      ? { role: "other", what: `a certificate signing request (PKCS#10, ${container})` }
      : { role: "other", what: `an X.509 certificate (${container})` }
  }
  return undefined
}

const pemBlock = /-----\s*BEGIN ([A-Z0-9 ]*?)\s*-----([\s\S]*?)-----\s*END \1\s*-----/g

const fromPemBlock = (label: string, body: string): Found => {
  if (/Proc-Type:[^\n]*ENCRYPTED/.test(body)) return { role: "private", what: "an encrypted private key (PKCS#1, PEM)" }
  const withoutHeaders = body.replace(/^[^\n:]+:[^\n]*$/gm, "").replace(/\s+/g, "")
  const bytes = base64.decode(withoutHeaders)
  const found = bytes && fromDer(bytes, "PEM")
  return found ?? { role: "other", what: `a damaged PEM block labelled ${label}` }
}

/** Reads a text as people have it: PEM, bare Base64, with escaped line breaks, quotes or blanks around it. */
export const fromText = (input: string, wanted: "private" | "public"): Found => {
  // (A byte order mark is white space to trim.)
  const text = input
    .replaceAll("\\r", "")
    .replaceAll("\\n", "\n")
    .replaceAll("\r", "\n")
    .trim()
    .replace(/^(["'])([\s\S]*)\1$/, "$2")
    .trim()
  if (text === "") return { role: "other", what: "empty text" }

  const blocks = [...text.matchAll(pemBlock)].map((match) => fromPemBlock(match[1]!, match[2]!))
  if (blocks.length > 0) return blocks.find((found) => found.role === wanted) ?? blocks[0]!
  if (text.includes("-----")) return { role: "other", what: "an incomplete PEM block (BEGIN and END do not match)" }

  const bytes = base64.decode(text.replace(/\s+/g, ""))
  const found = bytes && fromDer(bytes, "Base64")
  return found ?? { role: "other", what: "text that is neither PEM nor the Base64 of a key" }
}
