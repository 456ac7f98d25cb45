/** Reads an HTTP request as tools print it: HTTP/1.1 bytes, curl's -v, the pseudo headers of HTTP/2. */
import { concat, textOf, utf8 } from "../draft.ts"
import { Fault } from "./fault.ts"
import { type Draft, type Header, headerOf } from "./message.ts"

const requestLine = /^([A-Za-z]+) +(\S+)(?: +HTTP\/[0-9.]+)?\s*$/

/** Whether a text may be a request, by its first line. */
export const isHttp = (text: string): boolean => {
  const line = /^\s*(?:>\s)?([^\r\n]*)/.exec(text)?.[1] ?? ""
  return (
    /^[A-Za-z]+ +\S+ +HTTP\/[0-9.]+\s*$/.test(line) ||
    /^:(?:method|path|authority|scheme)\b/.test(line) ||
    /^[A-Z]+ +(?:\/|https?:\/\/)\S*\s*$/.test(line)
  )
}

/** Of curl's -v only what was sent: the lines that begin with >. */
const sentLines = (text: string): string | undefined => {
  const lines = text.split(/\r?\n/)
  if (!lines.some((line) => /^> [A-Za-z]+ \S+ HTTP\//.test(line))) return undefined
  const start = lines.findIndex((line) => /^> [A-Za-z]+ \S+ HTTP\//.test(line))
  const sent: Array<string> = []
  for (const line of lines.slice(start)) {
    if (line.startsWith("> ") || line === ">") sent.push(line.slice(2))
    else if (!/^[*{}] ?/.test(line)) break
  }
  return sent.join("\n")
}

interface Head {
  readonly lines: ReadonlyArray<string>
  /** Where the body begins; undefined where nothing follows the headers. */
  readonly bodyAt: number | undefined
}

const readHead = (bytes: Uint8Array): Head => {
  const lines: Array<string> = []
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at)
    const line = bytes.subarray(at, end < 0 ? bytes.length : end)
    at = end < 0 ? bytes.length : end + 1
    const text = textOf(line).replace(/\r$/, "")
    if (text === "" && lines.length > 0) return { lines, bodyAt: at }
    // Blank lines may stand before the request.
    if (text !== "") lines.push(text)
  }
  return { lines, bodyAt: undefined }
}

const headerLine = /^(:?[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:(?:[ \t]*)(.*)$/

/** Devtools copy names and values on lines of their own. */
const bareName = /^(:[a-z]+|[A-Za-z][A-Za-z0-9-]*):?$/

const readHeaders = (lines: ReadonlyArray<string>, offset: number, notes: Array<string>): ReadonlyArray<Header> => {
  const headers: Array<{ name: string; value: string }> = []
  const alternate = bareName.test(lines[0] ?? "") && !headerLine.test(lines[1] ?? "x") && lines.length % 2 === 0
  if (alternate) {
    for (let index = 0; index < lines.length; index += 2) {
      headers.push({ name: lines[index]!.replace(/(?<=.):$/, ""), value: lines[index + 1]!.trim() })
    }
    return headers
  }
  for (const [index, line] of lines.entries()) {
    const place = `line ${index + offset}`
    const previous = headers.at(-1)
    const folded = /^[ \t]+\S/.test(line)
    const [, name, value] = folded ? [] : (headerLine.exec(line) ?? [])
    if (name !== undefined && value !== undefined) {
      headers.push({ name, value: value.trim() })
    } else if (previous !== undefined) {
      // An encoded value has no blanks: where a log or a terminal has wrapped it, the pieces belong together.
      const glue =
        previous.name.toLowerCase() === "authorization" && !/[\s{]/.test(previous.value + line.trim()) ? "" : " "
      previous.value += glue + line.trim()
      notes.push(`${place} continues the header of the line before it`)
    } else {
      throw new Fault(place, "a header is a name, a colon and a value")
    }
  }
  return headers
}

/** The data of chunks; undefined where the bytes are none. */
const dechunk = (bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined => {
  const chunks: Array<Uint8Array> = []
  for (let at = 0; ;) {
    const end = bytes.indexOf(10, at)
    const [, size] =
      /^\s*([0-9a-f]{1,8})\s*(?:;.*)?\r?$/i.exec(textOf(bytes.subarray(at, end < 0 ? bytes.length : end))) ?? []
    if (size === undefined) return undefined
    const length = Number.parseInt(size, 16)
    if (length === 0) return concat(chunks)
    if (end < 0 || end + 1 + length > bytes.length) return undefined
    chunks.push(bytes.subarray(end + 1, end + 1 + length))
    at = end + 1 + length
    if (bytes[at] === 13) at++
    if (bytes[at] !== 10) return undefined
    at++
  }
}

interface Body {
  readonly body: Uint8Array<ArrayBuffer> | undefined
  readonly incomplete?: string | undefined
}

/** What the paste has done to the body is undone where Content-Length says so. */
const fitLength = (bytes: Uint8Array<ArrayBuffer>, length: number, notes: Array<string>): Body => {
  if (bytes.length === length) return { body: bytes }
  const text = textOf(bytes)
  const crlf = utf8(text.replace(/\r?\n/g, "\r\n"))
  const cut = (end: string) => (text.endsWith(end) ? utf8(text.slice(0, -end.length)) : undefined)
  const cutCrlf = text.endsWith("\n") ? utf8(text.replace(/\r?\n$/, "").replace(/\r?\n/g, "\r\n")) : undefined
  for (const [form, note] of [
    [cut("\n"), "the line feed after the body is none of its bytes, by Content-Length"],
    [cut("\r\n"), "the CR LF after the body is none of its bytes, by Content-Length"],
    [cut("\n\n"), "the line feeds after the body are none of its bytes, by Content-Length"],
    [crlf, "the line ends of the body were taken for CR LF, by Content-Length"],
    [cutCrlf, "the line ends of the body were taken for CR LF, but for the last one, by Content-Length"],
    [utf8(text.trim()), "the blanks around the body are none of its bytes, by Content-Length"]
  ] as const) {
    if (form?.length === length && textOf(form).isWellFormed()) {
      notes.push(note)
      return { body: form }
    }
  }
  return { body: bytes, incomplete: `Content-Length says ${length} bytes, and ${bytes.length} are here` }
}

const readBody = (
  bytes: Uint8Array<ArrayBuffer> | undefined,
  headers: ReadonlyArray<Header>,
  notes: Array<string>
): Body => {
  const length = headerOf(headers, "content-length")
  const declared = length !== undefined && /^[0-9]+$/.test(length) ? Number(length) : undefined
  if (bytes === undefined || bytes.length === 0) {
    return declared !== undefined && declared > 0
      ? { body: undefined, incomplete: `Content-Length says ${declared} bytes, and no body is here` }
      : { body: bytes }
  }
  if (/\bchunked\b/i.test(headerOf(headers, "transfer-encoding") ?? "")) {
    const data = dechunk(bytes)
    if (data !== undefined) return { body: data }
    notes.push("the body is not in chunks, although Transfer-Encoding says so; it was taken as it is")
    return { body: bytes }
  }
  if (declared !== undefined) return fitLength(bytes, declared, notes)
  if (bytes.at(-1) === 10) {
    notes.push(
      "the body ends in a line feed; without Content-Length nothing tells whether it was sent or came with the paste"
    )
  }
  return { body: bytes }
}

/** Reads a request. Fails with a {@link Fault}. */
export const readHttp = (source: Uint8Array): Draft => {
  const notes: Array<string> = []
  const sent = sentLines(textOf(source))
  if (sent !== undefined)
    notes.push("of the log of curl -v the lines that begin with > were taken; it does not show the body")
  const bytes = sent === undefined ? source : utf8(`${sent}\n`)
  const { lines, bodyAt } = readHead(bytes)
  const first = lines[0] ?? ""
  const [, method, target] = first.startsWith(":") ? [] : (requestLine.exec(first.trim()) ?? [])
  const hasLine = method !== undefined
  const headers = readHeaders(lines.slice(hasLine ? 1 : 0), hasLine ? 2 : 1, notes)
  const pseudo = (name: string) => headers.find((header) => header.name === name)?.value
  const path = target ?? pseudo(":path")
  if (path === undefined)
    throw new Fault("line 1", "a request begins with METHOD /path HTTP/1.1, or has the header :path")
  const authority = pseudo(":authority") ?? headerOf(headers, "host")
  const scheme = pseudo(":scheme") ?? "https"
  const real = headers.filter(({ name }) => !name.startsWith(":"))
  const raw = bodyAt === undefined || sent !== undefined ? undefined : new Uint8Array(bytes.subarray(bodyAt))
  const { body, incomplete } = readBody(raw, real, notes)
  const encoding = headerOf(real, "content-encoding")
  if (encoding !== undefined && !/^identity$/i.test(encoding)) {
    notes.push("the body is compressed (Content-Encoding); it was taken as it is")
  }
  const absolute = /^[a-z][a-z0-9+.-]*:\/\//i.test(path)
  return {
    method: (method ?? pseudo(":method") ?? "POST").toUpperCase(),
    target: absolute || authority === undefined ? path : `${scheme}://${authority}${path}`,
    headers: real,
    body,
    incomplete,
    sources: {
      method: hasLine ? "line 1" : ":method",
      path: hasLine ? "line 1" : ":path",
      headers: hasLine ? `lines 2 to ${lines.length}` : "the headers",
      body: body === undefined ? "there is none" : "what follows the empty line"
    },
    notes
  }
}
