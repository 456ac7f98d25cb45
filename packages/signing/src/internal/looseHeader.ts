/** Reads an Authorization header as far as it can be read, and says what is wrong with how it was written. */
import * as Authorization from "../Authorization.ts"
import { nonceLength } from "../CanonicalString.ts"
import type { Code } from "../Cause.ts"
import * as base64 from "./base64.ts"
import { textOf } from "./draft.ts"
import type { Reading } from "./search.ts"
import { quoted } from "./shown.ts"

/** Something wrong with the header's writing, and what to change in this one. */
export interface Fault {
  readonly code: Code
  readonly detail: string
}

export interface Loose {
  readonly faults: ReadonlyArray<Fault>
  /** The five fields as texts, where the header holds an object at all; an empty text for one that is missing. */
  readonly fields: Authorization.Authorization | undefined
}

const fieldNames = ["sign_type", "timestamp", "nonce", "key_id", "signature"] as const

const scheme = /^([A-Za-z][A-Za-z0-9_-]{0,31})[ :=]+(?=\S)/

/** Blanks for plus signs outside of strings, as a form decoder reads them. */
const stringOrPlus = /"(?:[^"\\]|\\.)*"?|\+/g

const parseObject = (text: string): Record<string, unknown> | undefined => {
  for (const form of [text, text.replace(stringOrPlus, (match) => (match === "+" ? " " : match))]) {
    try {
      const value: unknown = JSON.parse(form)
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
    } catch {
      // The other form, or none.
    }
  }
  return undefined
}

/** Decodes escapes that are right, and leaves the others as they are. */
const decodeEscapes = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return escapes
    }
  })

/** What is wrong with the escapes, and where. */
const faultOfEscapes = (text: string): string | undefined => {
  const broken = /%(?![0-9a-f]{2})/i.exec(text)
  if (broken !== null) return `the % at character ${broken.index + 1} is not followed by two hexadecimal digits`
  for (const { 0: escapes, index } of text.matchAll(/(?:%[0-9a-f]{2})+/gi)) {
    try {
      decodeURIComponent(escapes)
    } catch {
      return `the escapes at character ${index + 1} are not UTF-8`
    }
  }
  return undefined
}

const looksLikeObject = (text: string): boolean => /^\s*(?:\{|%7b|%257b)/i.test(text)

/** The Base64 of an object or of an encoded one, as text. */
const fromBase64 = (text: string): string | undefined => {
  const bytes = base64.decode(text)
  const inner = bytes === undefined ? "" : textOf(bytes)
  return looksLikeObject(inner) ? inner : undefined
}

const withoutQuotes = (text: string): string | undefined => {
  const [, quote, inner] = /^(["'`])([\s\S]*)\1$/.exec(text) ?? []
  if (quote === undefined || inner === undefined) return undefined
  if (looksLikeObject(inner)) {
    try {
      return quote === '"' ? (JSON.parse(text) as string) : inner
    } catch {
      return inner
    }
  }
  return undefined
}

/** The object and the faults of its wrapping. */
const unwrap = (header: string, faults: Array<Fault>): Record<string, unknown> | undefined => {
  const fault = (code: Code, detail: string) => faults.push({ code, detail })
  let text = header.trim()
  if (!looksLikeObject(text)) {
    const [prefix, word] = scheme.exec(text) ?? []
    const rest = prefix === undefined ? "" : text.slice(prefix.length)
    if (
      word !== undefined &&
      (looksLikeObject(rest) || withoutQuotes(rest) !== undefined || fromBase64(rest) !== undefined)
    ) {
      fault("HeaderScheme", `the word ${quoted(word)} stands in front`)
      text = rest
    }
  }
  const inner = withoutQuotes(text)
  if (inner !== undefined) {
    fault(
      "HeaderQuoted",
      `the value stands in ${text.startsWith('"') ? "double quotes" : text.startsWith("'") ? "single quotes" : "back quotes"}`
    )
    text = inner
  }
  const decoded = fromBase64(text)
  if (decoded !== undefined) {
    fault("HeaderNotEncoded", "the object is written as Base64 instead of percent-encoded")
    text = decoded
  } else if (text.startsWith("{")) {
    fault("HeaderNotEncoded", "the object is sent as it is, without percent-encoding")
  }
  for (let times = 1; !/^\s*\{/.test(text) && text.includes("%"); times++) {
    const broken = faultOfEscapes(text)
    if (broken !== undefined) fault("HeaderNotEncoded", broken)
    const next = decodeEscapes(text)
    if (next === text) break
    if (times === 2) fault("HeaderEncodedTwice", "the value is percent-encoded more than once")
    text = next
  }
  const object = parseObject(text)
  if (object !== undefined) {
    if (!faults.some(({ code }) => code === "HeaderNotEncoded") && hasBarePlus(header)) {
      fault(
        "HeaderNotEncoded",
        "a plus sign of the signature is not percent-encoded; a form decoder reads it as a blank"
      )
    }
    return object
  }
  if (text.includes("'") && !text.includes('"')) {
    const other = parseObject(text.replaceAll("'", '"'))
    if (other !== undefined) {
      fault(
        "HeaderField",
        "the object is written with single quotes, which is not JSON; a program's own print of a map is no JSON"
      )
      return other
    }
  }
  const cut = /^\s*\{/.test(text) && !text.trimEnd().endsWith("}")
  fault(
    "HeaderField",
    cut
      ? `the value ends before the object does: it was cut off after ${header.length} characters`
      : "the value is not a JSON object"
  )
  return undefined
}

// A character that stands in no header.
const mark = "\uE000"

/** Whether a plus sign inside a string of the object is written as such in the header. One between tokens is a blank. */
const hasBarePlus = (header: string): boolean =>
  [...decodeEscapes(header.replaceAll("+", mark)).matchAll(/"(?:[^"\\]|\\.)*"/g)].some(([string]) =>
    string.includes(mark)
  )

const likeName = (name: string): string => name.replace(/[_\s-]/g, "").toLowerCase()

const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

const rules: Readonly<Record<(typeof fieldNames)[number], (value: string) => string | undefined>> = {
  sign_type: (value) => (value === "" ? "is empty" : undefined),
  timestamp: (value) =>
    /^[0-9]{1,16}$/.test(value) ? undefined : "must be milliseconds since the Unix epoch, in digits only",
  nonce: (value) =>
    value.length < nonceLength.min || value.length > nonceLength.max
      ? `must have ${nonceLength.min} to ${nonceLength.max} characters, and has ${value.length}`
      : unprintable.test(value)
        ? "must have printable characters only"
        : undefined,
  key_id: (value) =>
    value === "" ? "is empty" : unprintable.test(value) ? "must have printable characters only" : undefined,
  signature: (value) => (value === "" ? "is empty" : undefined)
}

/** Whether a value may be an Authorization object, however it is written: for a header of another name. */
export const mayHoldObject = (value: string): boolean =>
  value.length <= Authorization.maxLength && /%22signature%22|"signature"/i.test(value)

/** Reads what a header holds. */
export const readHeader = (header: string): Loose => {
  const faults: Array<Fault> = []
  const fault = (detail: string) => faults.push({ code: "HeaderField", detail })
  if (header.length > Authorization.maxLength) {
    fault(`the value has ${header.length} characters; more than ${Authorization.maxLength} are not read`)
    return { faults, fields: undefined }
  }
  const object = unwrap(header, faults)
  if (object === undefined) return { faults, fields: undefined }
  const fields = { sign_type: "", timestamp: "", nonce: "", key_id: "", signature: "" }
  for (const name of fieldNames) {
    let value = object[name]
    if (value === undefined) {
      const other = Object.keys(object).find((key) => likeName(key) === likeName(name))
      if (other === undefined) {
        fault(`${name} is missing`)
        continue
      }
      fault(`${quoted(other)} must be called ${name}`)
      value = object[other]
    }
    if (typeof value === "number") fault(`${name} must be a JSON string, not a number`)
    else if (typeof value !== "string") {
      fault(`${name} must be a JSON string`)
      continue
    }
    fields[name] = String(value)
    const broken = rules[name](fields[name])
    if (broken !== undefined) fault(`${name} ${broken}`)
  }
  if (fields.sign_type !== "" && fields.sign_type !== Authorization.signType) {
    faults.push({ code: "SignType", detail: `sign_type is ${quoted(fields.sign_type)}` })
  }
  return { faults, fields }
}

const fromHex = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  const digits = text.replace(/^0x/i, "").replace(/[:\s]/g, "")
  return digits !== "" && digits.length % 2 === 0 && /^[0-9a-f]+$/i.test(digits)
    ? Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
        Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16)
      )
    : undefined
}

/** The ways of reading one text as a signature, each with what is wrong with it. */
const readingsOfText = (text: string): ReadonlyArray<Reading> => {
  const readings: Array<Reading> = []
  const add = (bytes: Uint8Array<ArrayBuffer> | undefined, detail?: string) => {
    if (bytes !== undefined) readings.push({ bytes, detail })
  }
  const pad = (unpadded: string) => unpadded + "=".repeat((4 - (unpadded.length % 4)) % 4)
  add(base64.decode(text))
  add(fromHex(text), "the signature is written in hexadecimal, not in Base64")
  const joined = text.replace(/\s/g, "")
  if (/[\r\n]/.test(text))
    add(base64.decode(joined), "the signature's Base64 has line breaks, as MIME encoders make them")
  if (text.includes(" ")) {
    add(
      base64.decode(text.replaceAll(" ", "+")),
      "the signature has blanks where its Base64 had plus signs: a form decoder has read them so"
    )
    add(base64.decode(joined), "the signature's Base64 has blanks in it")
  }
  if (/[-_]/.test(joined)) {
    add(
      base64.decode(pad(joined.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/"))),
      "the signature is written in Base64url (with - and _), not in the standard alphabet"
    )
  }
  add(base64.decode(pad(joined.replace(/=+$/, ""))), "the signature's Base64 is not padded as it should be")
  if (text.includes("%")) {
    const decoded = decodeEscapes(text)
    if (decoded !== text)
      add(base64.decode(decoded), "the signature is percent-encoded by itself, before the header is")
  }
  return readings
}

/** All ways of reading a signature; the right one first. */
export const readingsOf = (text: string): ReadonlyArray<Reading> => {
  const readings = readingsOfText(text)
  const inner = readings.flatMap(({ bytes }) => {
    const again = textOf(bytes)
    return /^[\w+/=\s:-]+$/.test(again)
      ? readingsOfText(again.trim()).map((reading): Reading => ({
          bytes: reading.bytes,
          detail: `the signature was written as text before it was encoded: it is Base64 of Base64 or of hexadecimal${reading.detail === undefined ? "" : `; ${reading.detail}`}`
        }))
      : []
  })
  return [...readings, ...inner]
}
