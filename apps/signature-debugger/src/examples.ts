/** Requests that are broken in some way, signed by a throwaway key pair of this page. */

const origin = "https://open-fat.cb.paykka.com"
const path = "/api/v2/merch/va/inquiry"
const merchId = "M24061911365700670"
const body = '{"request_id":"VA20240501000001","note":"深圳"}'
const indented = JSON.stringify(JSON.parse(body), null, 2)

interface Lines {
  readonly path: string
  readonly timestamp: string
  readonly nonce: string
  readonly merchId: string
  readonly body: string
}

interface Example {
  readonly name: string
  /** The text that is signed. */
  readonly text?: (lines: Lines) => string
  readonly hash?: "SHA-1"
  readonly header?: (json: string) => string
  /** Signs with a key that nobody gets. */
  readonly stranger?: boolean
}

const right = (lines: Lines): string => Object.values(lines).join("\n")

export const examples: ReadonlyArray<Example> = [
  { name: "The JSON was written again", text: (lines) => right({ ...lines, body: indented }) },
  {
    name: "Two mistakes: the URL, and a line feed",
    text: (lines) => `${right({ ...lines, path: origin + path })}\n`
  },
  { name: "Line 4 was left out", text: (lines) => right(lines).replace(`${merchId}\n`, "") },
  { name: "SHA-1 instead of SHA-256", hash: "SHA-1" },
  { name: "The header is not percent-encoded", header: (json) => json },
  { name: "Another key has signed", stranger: true },
  { name: "Nothing is wrong" }
]

const base64 = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)))

const pem = (spki: ArrayBuffer): string =>
  `-----BEGIN PUBLIC KEY-----\n${base64(spki).replace(/.{64}/g, "$&\n")}\n-----END PUBLIC KEY-----\n`

const makePair = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey(
    { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
    true,
    ["sign", "verify"]
  )

let pair: Promise<CryptoKeyPair> | undefined

/** The private key for another hash. */
const withHash = async (key: CryptoKey, hash: string): Promise<CryptoKey> =>
  crypto.subtle.importKey(
    "pkcs8",
    await crypto.subtle.exportKey("pkcs8", key),
    { name: "RSASSA-PKCS1-v1_5", hash },
    false,
    ["sign"]
  )

/** A request as a curl command, and the public key that should verify it. */
export const fillIn = async ({ text = right, hash, header = encodeURIComponent, stranger = false }: Example) => {
  pair ??= makePair()
  const { privateKey, publicKey } = await pair
  const signer = stranger
    ? (await makePair()).privateKey
    : hash === undefined
      ? privateKey
      : await withHash(privateKey, hash)
  const timestamp = String(Date.now())
  const nonce = crypto.randomUUID().replaceAll("-", "")
  const bytes = new TextEncoder().encode(text({ path, timestamp, nonce, merchId, body }))
  const signature = base64(await crypto.subtle.sign("RSASSA-PKCS1-v1_5", signer, bytes))
  const object = { sign_type: "SHA256_WITH_RSA", timestamp, nonce, key_id: "K202405010001", signature }
  const message = [
    `curl -X POST '${origin}${path}'`,
    "-H 'Content-Type: application/json'",
    `-H 'Authorization: ${header(JSON.stringify(object))}'`,
    `-H 'X-Merch-Id: ${merchId}'`,
    `--data-raw '${body}'`
  ].join(" \\\n  ")
  return { message, key: pem(await crypto.subtle.exportKey("spki", publicKey)), keyId: object.key_id }
}
