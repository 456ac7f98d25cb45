import { createPublicKey, sign } from "node:crypto"
import { assert, describe, it } from "vitest"
import { isGenuine, type Received } from "../call/verification.ts"
import { merchant, platform } from "../material.ts"

const publicKey = createPublicKey(merchant.publicPem)
const body = Buffer.from('{"request_id":"VA20240501000002"}')
const lines = ["/api/v2/merch/va/inquiry", "1714555555555", "0f8fad5bd9cb469fa16570867728950e", "M24061911365700670"]

const request = (signed: ReadonlyArray<string> = lines): Received => {
  const [url, timestamp, nonce, merchId] = lines
  const text = Buffer.concat([Buffer.from(signed.map((line) => `${line}\n`).join("")), body])
  const signature = sign("RSA-SHA256", text, merchant.privateKeyObject).toString("base64")
  return {
    method: "POST",
    url,
    headers: {
      accept: "application/json",
      authorization: encodeURIComponent(JSON.stringify({ timestamp, nonce, signature })),
      "content-type": "application/json",
      "x-merch-id": merchId
    }
  }
}

describe("isGenuine", () => {
  it("accepts what is signed as the platform has it", () => {
    assert.isTrue(isGenuine(request(), body, publicKey))
  })

  it("refuses where any line that is signed is another", () => {
    for (const place of lines.keys()) {
      assert.isFalse(isGenuine(request(lines.with(place, "other")), body, publicKey), `line ${place + 1}`)
    }
    assert.isFalse(isGenuine(request(), Buffer.from("{}"), publicKey), "the body")
  })

  it("refuses another key, and a request without signature", () => {
    assert.isFalse(isGenuine(request(), body, createPublicKey(platform.publicPem)))
    const { authorization: _, ...headers } = request().headers
    assert.isFalse(isGenuine({ ...request(), headers }, body, publicKey))
  })

  it("refuses what is no POST of JSON", () => {
    assert.isFalse(isGenuine({ ...request(), method: "PUT" }, body, publicKey))
    for (const name of ["accept", "content-type"]) {
      const headers = { ...request().headers, [name]: undefined }
      assert.isFalse(isGenuine({ ...request(), headers }, body, publicKey), name)
    }
  })
})
