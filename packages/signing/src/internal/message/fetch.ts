/** Reads what a browser's devtools copy as fetch: a call whose arguments are JSON. */
import { utf8 } from "../draft.ts"
import { Fault, placeAt } from "./fault.ts"
import type { Draft } from "./message.ts"

const call = /\bfetch\s*\(/

export const isFetch = (text: string): boolean => /^\s*(?:await\s+)?fetch\s*\(/.test(text)

/** Reads a call. Fails with a {@link Fault}. */
export const readFetch = (text: string): Draft => {
  const found = call.exec(text)
  if (found === null) throw new Fault("the text", "is no call of fetch")
  const inner = text
    .slice(found.index + found[0].length)
    .trim()
    .replace(/\)\s*;?\s*$/, "")
    .replace(/,\s*$/, "")
  let args: unknown
  try {
    args = JSON.parse(`[${inner}]`)
  } catch {
    throw new Fault(placeAt(text, found.index), "only a call whose arguments are JSON can be read, as devtools copy it")
  }
  const [url, options = {}] = args as ReadonlyArray<unknown>
  if (typeof url !== "string" || typeof options !== "object" || options === null) {
    throw new Fault(placeAt(text, found.index), "fetch takes a URL and an object")
  }
  const { method = "GET", headers = {}, body } = options as { method?: unknown; headers?: unknown; body?: unknown }
  if (
    typeof headers !== "object" ||
    headers === null ||
    Object.values(headers).some((value) => typeof value !== "string")
  ) {
    throw new Fault("headers", "must be an object of strings")
  }
  if (body !== undefined && body !== null && typeof body !== "string") throw new Fault("body", "must be a string")
  return {
    method: String(method),
    target: url,
    headers: Object.entries(headers as Record<string, string>).map(([name, value]) => ({ name, value })),
    body: typeof body === "string" ? utf8(body) : undefined,
    sources: {
      method: "method",
      path: "the first argument",
      headers: "headers",
      body: typeof body === "string" ? "body" : "there is none"
    },
    notes: []
  }
}
