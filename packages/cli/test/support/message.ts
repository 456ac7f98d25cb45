/** Requests that another implementation signs (node:crypto, which is OpenSSL), rightly and wrongly. */
import { generateKeyPairSync, type KeyLike, sign } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"

export const path = "/api/v2/merch/va/apply"
export const timestamp = "1714533994404"
export const nonce = "5f1c9a7e2b3d4c6a8e0f1a2b3c4d5e6f"
export const merchId = "M24061911365700670"
export const host = "open-fat.cb.paykka.com"
export const account = "6222021234567890123"
export const json = { request_id: "VA-1", name: "深圳示例", account_no: account }
export const body = JSON.stringify(json)

export const makePair = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" }
  })

/** Writes the pairs of both sides into a folder, and gives the settings that name them. */
export const keyFolder = (folder: string) => {
  const [merchant, platform] = [makePair(), makePair()]
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 })
  write("merchant.pem", merchant.privateKey)
  write("merchant.pub.pem", merchant.publicKey)
  write("platform.pem", platform.privateKey)
  write("platform.pub.pem", platform.publicKey)
  return {
    merchant,
    platform,
    env: {
      PAYKKA_ENVIRONMENT: "sandbox",
      PAYKKA_MERCH_ID: merchId,
      PAYKKA_KEY_ID: "merchant-key",
      PAYKKA_PRIVATE_KEY_FILE: "merchant.pem",
      PAYKKA_PLATFORM_PUBLIC_KEY_FILE: "platform.pub.pem"
    }
  }
}

/** The lines of the text, of which some may be others. */
export interface Lines {
  readonly path: string
  readonly timestamp: string
  readonly nonce: string
  readonly merchId: string
  readonly body: string
}

/** What contract/core.yaml has signed. */
export const textOf = (lines: Partial<Lines> = {}): string =>
  Object.values({ path, timestamp, nonce, merchId, body, ...lines }).join("\n")

export interface Message {
  /** The text that is signed. Default: the right one. */
  readonly text?: string | Buffer
  readonly key: KeyLike
  readonly hash?: string
  /** Other fields of the header. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** The header as text. Default: percent-encoded JSON. */
  readonly header?: (object: object) => string
  readonly path?: string
  readonly merchIds?: ReadonlyArray<string>
  readonly body?: string | Buffer
}

export const headerOf = (object: object): string => encodeURIComponent(JSON.stringify(object))

/** As it goes over the wire. */
export const dump = (message: Message): Buffer => {
  const { text = textOf(), key, hash = "RSA-SHA256", fields, header = headerOf, merchIds = [merchId] } = message
  const sent = Buffer.from(message.body ?? body)
  const signature = sign(hash, Buffer.from(text), key).toString("base64")
  const object = { sign_type: "SHA256_WITH_RSA", timestamp, nonce, key_id: "merchant-key", signature, ...fields }
  const head = [
    `POST ${message.path ?? path} HTTP/1.1`,
    `Host: ${host}`,
    "Content-Type: application/json",
    `Authorization: ${header(object)}`,
    ...merchIds.map((value) => `X-Merch-Id: ${value}`),
    `Content-Length: ${sent.length}`
  ]
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), sent])
}
