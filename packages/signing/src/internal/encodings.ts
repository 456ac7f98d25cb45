/** Texts in the character encodings that programs fall back to when none is named. */
import { textOf, utf8 } from "./draft.ts"

const units = (text: string): ReadonlyArray<number> => Array.from(text, (character) => character.codePointAt(0)!)

const question = 63

/** One byte for each character; a question mark for what has none, as Java and Python's "replace" do. */
const bytewise = (text: string, last: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(units(text), (unit) => (unit <= last ? unit : question))

const utf16 = (text: string, littleEndian: boolean): Uint8Array<ArrayBuffer> => {
  const view = new DataView(new ArrayBuffer(text.length * 2))
  for (let index = 0; index < text.length; index++) view.setUint16(index * 2, text.charCodeAt(index), littleEndian)
  return new Uint8Array(view.buffer)
}

const decodeAs = (encoding: string, bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // A runtime without this encoding, or bytes that are none of it.
    return undefined
  }
}

let gbkTable: ReadonlyMap<string, number> | undefined

/** The platform only decodes GBK, so its table is read out of the decoder, once. Empty where the runtime does not know it. */
const gbkCodes = (): ReadonlyMap<string, number> => {
  if (gbkTable !== undefined) return gbkTable
  const table = new Map<string, number>()
  try {
    const decoder = new TextDecoder("gbk")
    for (let code = 0x8140; code <= 0xfefe; code++) {
      const text = decoder.decode(Uint8Array.of(code >> 8, code & 0xff))
      // Not one character of two bytes: what is no GBK, or an ASCII byte after a lead.
      if (Array.from(text).length === 1 && text !== "\uFFFD" && !table.has(text)) table.set(text, code)
    }
  } catch {
    // Without it GBK is not tried.
  }
  gbkTable = table
  return table
}

const gbk = (text: string): Uint8Array<ArrayBuffer> => {
  const table = gbkCodes()
  return Uint8Array.from(
    Array.from(text).flatMap((character) => {
      const unit = character.codePointAt(0)!
      if (unit < 0x80) return [unit]
      const code = table.get(character)
      return code === undefined ? [question] : [code >> 8, code & 0xff]
    })
  )
}

/** ISO 8859-1 proper; the label `latin1` of `TextDecoder` means Windows-1252. */
const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")

type Form = readonly [how: string, bytes: Uint8Array]

/** The body as it would be signed when its characters were encoded in another way, each with what was done. */
export const encodingsOf = (body: Uint8Array): ReadonlyArray<Form> => {
  const text = decodeAs("utf-8", body)
  const forms: Array<Form> = []
  if (text === undefined) {
    const sent = (encoding: string, decoded: string | undefined) => {
      if (decoded !== undefined) forms.push([`the body was sent in ${encoding}, but signed in UTF-8`, utf8(decoded)])
    }
    sent("GBK", decodeAs("gbk", body))
    sent("ISO 8859-1 (Latin-1)", latin1(body))
    sent("Windows-1252", decodeAs("windows-1252", body))
    sent("UTF-16 (little endian)", decodeAs("utf-16le", body))
    sent("UTF-16 (big endian)", decodeAs("utf-16be", body))
    forms.push(["the body's bytes that are no UTF-8 were replaced (U+FFFD) before it was signed", utf8(textOf(body))])
    return forms
  }
  const signed = (encoding: string, bytes: Uint8Array) => {
    forms.push([`the body was signed in ${encoding}, but sent in UTF-8`, bytes])
  }
  for (const littleEndian of [true, false]) {
    const name = `UTF-16 (${littleEndian ? "little" : "big"} endian)`
    signed(name, utf16(text, littleEndian))
    signed(`${name} with a byte order mark`, utf16(`\uFEFF${text}`, littleEndian))
  }
  // ASCII is the same in the others.
  if (!/[^\u0000-\u007f]/.test(text)) return forms
  if (gbkCodes().size > 0) signed("GBK", gbk(text))
  signed("ISO 8859-1 (Latin-1)", bytewise(text, 0xff))
  signed("ASCII, with question marks for other characters", bytewise(text, 0x7f))
  for (const [name, misread] of [
    ["ISO 8859-1", latin1(body)],
    ["Windows-1252", decodeAs("windows-1252", body)]
  ] as const) {
    if (misread !== undefined) {
      forms.push([
        `the body's UTF-8 was read as ${name} and written as UTF-8 again before it was signed`,
        utf8(misread)
      ])
    }
  }
  for (const form of ["NFC", "NFD"] as const) {
    const normal: string = text.normalize(form)
    if (normal !== text) forms.push([`the body was signed in the normal form ${form} of Unicode`, utf8(normal)])
  }
  return forms
}
