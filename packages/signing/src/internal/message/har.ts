/** Reads a HAR file (HTTP Archive 1.2), one of its entries, or an entry's request alone. */
import * as base64 from "../base64.ts"
import { utf8 } from "../draft.ts"
import { Fault } from "./fault.ts"
import { type Draft, type Header, headerOf, type Part } from "./message.ts"

interface Json {
  readonly [name: string]: unknown
}

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const listOf = (value: unknown): ReadonlyArray<Json> => (Array.isArray(value) ? value.filter(isObject) : [])

const textAt = (value: unknown, place: string): string => {
  if (typeof value !== "string") throw new Fault(place, "must be a string")
  return value
}

interface Entry {
  readonly request: Json
  readonly place: string
  readonly startedDateTime: unknown
}

/** The entries of a parsed text; none where it is no HAR. */
export const entriesOf = (value: unknown): ReadonlyArray<Entry> => {
  if (!isObject(value)) return []
  if (isObject(value["log"])) {
    return listOf(value["log"]["entries"]).flatMap((entry, index) =>
      isObject(entry["request"])
        ? [
            {
              request: entry["request"],
              place: `log.entries[${index}].request`,
              startedDateTime: entry["startedDateTime"]
            }
          ]
        : []
    )
  }
  if (isObject(value["request"])) {
    return [{ request: value["request"], place: "request", startedDateTime: value["startedDateTime"] }]
  }
  return typeof value["url"] === "string" && typeof value["method"] === "string"
    ? [{ request: value, place: "the request", startedDateTime: undefined }]
    : []
}

export const headersOf = ({ request, place }: Entry): ReadonlyArray<Header> =>
  listOf(request["headers"]).map((header, index) => ({
    name: textAt(header["name"], `${place}.headers[${index}].name`),
    value: textAt(header["value"], `${place}.headers[${index}].value`)
  }))

const bodyOf = ({ request, place }: Entry, notes: Array<string>) => {
  const data = request["postData"]
  if (!isObject(data)) {
    const size = request["bodySize"]
    return typeof size === "number" && size > 0
      ? { body: undefined, incomplete: `the entry's bodySize is ${size}, and it has no postData` }
      : { body: undefined }
  }
  const params = listOf(data["params"])
  const text = data["text"]
  if (typeof text !== "string" || (text === "" && params.length > 0)) {
    const parts = params.map((param): Part => ({
      name: textAt(param["name"], `${place}.postData.params`),
      filename: typeof param["fileName"] === "string" ? param["fileName"] : undefined,
      bytes: typeof param["value"] === "string" ? utf8(param["value"]) : undefined
    }))
    return { body: undefined, parts: /^multipart\//i.test(String(data["mimeType"])) ? parts : undefined }
  }
  if (data["encoding"] === "base64") {
    const bytes = text === "" ? new Uint8Array() : base64.decode(text.replace(/\s/g, ""))
    if (bytes === undefined) throw new Fault(`${place}.postData.text`, "must be Base64, as its encoding says")
    return { body: bytes }
  }
  const body = utf8(text)
  const size = request["bodySize"]
  if (typeof size === "number" && size > 0 && size !== body.length) {
    return { body, incomplete: `the entry's bodySize is ${size}, and its text has ${body.length} bytes` }
  }
  if (text.includes("\uFFFD")) notes.push("the text has a U+FFFD: bytes that were no UTF-8 are lost")
  return { body }
}

/** Reads an entry. Fails with a {@link Fault}. */
export const readHar = (entry: Entry, others: ReadonlyArray<Entry>): Draft => {
  const { request, place, startedDateTime } = entry
  const notes: Array<string> = []
  const headers = headersOf(entry).filter(({ name }) => !name.startsWith(":"))
  const {
    body,
    parts,
    incomplete
  }: { body: Uint8Array<ArrayBuffer> | undefined; parts?: ReadonlyArray<Part> | undefined; incomplete?: string } =
    bodyOf(entry, notes)
  const sentAt = typeof startedDateTime === "string" ? Date.parse(startedDateTime) : Number.NaN
  return {
    method: textAt(request["method"], `${place}.method`),
    target: textAt(request["url"], `${place}.url`),
    headers,
    body,
    parts,
    incomplete,
    sentAt: Number.isNaN(sentAt) ? undefined : sentAt,
    otherAuthorizations: others
      .filter((other) => other !== entry)
      .flatMap((other) => headerOf(headersOf(other), "authorization") ?? []),
    sources: {
      method: `${place}.method`,
      path: `${place}.url`,
      headers: `${place}.headers`,
      body: body === undefined && parts === undefined ? "there is none" : `${place}.postData`
    },
    notes
  }
}
