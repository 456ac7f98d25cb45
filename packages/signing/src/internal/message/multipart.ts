/** Takes a multipart body apart (RFC 7578). */
import { textOf, utf8 } from "../draft.ts"
import { Fault } from "./fault.ts"
import type { Part } from "./message.ts"

/** The boundary of a content type; undefined where it is not multipart. */
export const boundaryOf = (contentType: string | undefined): string | undefined => {
  if (contentType === undefined || !/^\s*multipart\//i.test(contentType)) return undefined
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? []
  return quoted ?? bare
}

const indexOf = (bytes: Uint8Array, sought: Uint8Array, from: number): number => {
  for (let at = bytes.indexOf(sought[0]!, from); at >= 0; at = bytes.indexOf(sought[0]!, at + 1)) {
    if (sought.every((byte, index) => bytes[at + index] === byte)) return at
  }
  return -1
}

/** A parameter of Content-Disposition. */
const parameter = (head: string, name: string): string | undefined => {
  const [, quoted, bare] =
    new RegExp(`^content-disposition:.*;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, "im").exec(head) ?? []
  return quoted?.replace(/\\(.)/g, "$1") ?? bare
}

/** The parts of a body, whose lines end in CR LF, or in LF where that was lost. */
export const partsOf = (body: Uint8Array, boundary: string, place: string): ReadonlyArray<Part> => {
  const delimiter = utf8(`--${boundary}`)
  const parts: Array<Part> = []
  let at = indexOf(body, delimiter, 0)
  if (at < 0) throw new Fault(place, "the boundary of Content-Type does not occur in the body")
  for (;;) {
    at += delimiter.length
    if (body[at] === 45 && body[at + 1] === 45) return parts
    const start = body.indexOf(10, at) + 1
    const next = indexOf(body, delimiter, at)
    if (start === 0 || next < 0) throw new Fault(place, "the last boundary of the multipart body is missing")
    // The line end in front of a boundary belongs to the boundary.
    let end = next - 1
    if (body[end - 1] === 13) end--
    const part = body.slice(start, Math.max(start, end))
    const text = textOf(part)
    const [blank] = /^(?:[^\r\n]+\r?\n)*\r?\n/.exec(text) ?? []
    if (blank === undefined) throw new Fault(place, "a part of the multipart body has no empty line after its headers")
    parts.push({
      name: parameter(blank, "name") ?? "",
      filename: parameter(blank, "filename"),
      bytes: part.slice(utf8(blank).length)
    })
    at = next
  }
}
