/** Reads a curl command, by what curl's manual says of its options. */
import { concat, textOf, utf8 } from "../draft.ts"
import { Fault } from "./fault.ts"
import type { Draft, Header, Part } from "./message.ts"
import { isCurl, readCommand, type Shell, shellOf, type Word } from "./shell.ts"

/** Options with an argument, by their long names. All others have none. */
const withArgument = /*#__PURE__*/ new Set(
  /*#__PURE__*/ (
    "abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout connect-to continue-at cookie " +
    "cookie-jar create-file-mode crlfile curves data data-ascii data-binary data-raw data-urlencode delegation dns-interface " +
    "dns-ipv4-addr dns-ipv6-addr dns-servers doh-url dump-header ech egd-file engine etag-compare etag-save expect100-timeout form " +
    "form-string ftp-account ftp-alternative-to-user ftp-method ftp-port ftp-ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip " +
    "header hostpubmd5 hostpubsha256 hsts interface ip-tos ipfs-gateway json keepalive-cnt keepalive-time key key-type krb libcurl " +
    "limit-rate local-port login-options mail-auth mail-from mail-rcpt max-filesize max-redirs max-time netrc-file noproxy " +
    "oauth2-bearer output output-dir parallel-max pass pinnedpubkey preproxy proto proto-default proto-redir proxy proxy-cacert " +
    "proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type proxy-pass " +
    "proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy-user proxy1.0 " +
    "pubkey quote random-file range rate referer request request-target resolve retry retry-delay retry-max-time sasl-authzid " +
    "service-name sigalgs socks4 socks4a socks5 socks5-gssapi-service socks5-hostname speed-limit speed-time stderr telnet-option " +
    "tftp-blksize time-cond tls-max tls13-ciphers tlsauthtype tlspassword tlsuser trace trace-ascii trace-config unix-socket " +
    "upload-file upload-flags url url-query user user-agent variable vlan-priority write-out"
  ).split(" ")
)

/** Short names of options with an argument, and of those that matter here. */
const short: Readonly<Record<string, string>> = {
  A: "user-agent",
  b: "cookie",
  c: "cookie-jar",
  C: "continue-at",
  d: "data",
  D: "dump-header",
  e: "referer",
  E: "cert",
  F: "form",
  G: "get",
  H: "header",
  I: "head",
  K: "config",
  m: "max-time",
  o: "output",
  P: "ftp-port",
  Q: "quote",
  r: "range",
  t: "telnet-option",
  T: "upload-file",
  u: "user",
  U: "proxy-user",
  w: "write-out",
  x: "proxy",
  X: "request",
  y: "speed-time",
  Y: "speed-limit",
  z: "time-cond",
  ":": "next"
}

/** Reads a file of the command; undefined where it cannot. `-` is standard input. */
export type ReadFile = (path: string) => Uint8Array | undefined

export interface Options {
  readonly shell?: Shell | undefined
  readonly readFile?: ReadFile | undefined
}

interface Argument {
  /** The option's long name; undefined for a bare argument, which is a URL. */
  readonly option: string | undefined
  readonly value: Word
  /** As it was written, with its place. */
  readonly place: string
}

const argumentsOf = (words: ReadonlyArray<Word>): ReadonlyArray<Argument> => {
  const found: Array<Argument> = []
  const rest = [...words]
  const take = (option: string, place: string): Word =>
    rest.shift() ??
    (() => {
      throw new Fault(place, `the option ${option} lacks its argument`)
    })()
  const nothing = (word: Word): Word => ({ ...word, bytes: new Uint8Array(), text: "" })
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const { text, place } = word
    if (text.startsWith("--") && text.length > 2) {
      const option = text.slice(2)
      const at = `${text} (${place})`
      if (option.startsWith("expand-"))
        throw new Fault(at, "curl would expand variables here; paste the text that it gives")
      found.push({ option, value: withArgument.has(option) ? take(text, at) : nothing(word), place: at })
    } else if (text.startsWith("-") && text.length > 1) {
      for (let index = 1; index < text.length; index++) {
        const letter = text[index]!
        const option = short[letter] ?? letter
        const at = `-${letter} (${place})`
        if (!withArgument.has(option)) {
          found.push({ option, value: nothing(word), place: at })
          continue
        }
        const glued = utf8(text.slice(0, index + 1)).length
        const value =
          index + 1 < text.length
            ? { ...word, bytes: word.bytes.slice(glued), text: text.slice(index + 1) }
            : take(`-${letter}`, at)
        found.push({ option, value, place: at })
        break
      }
    } else if (text !== "--") {
      found.push({ option: undefined, value: word, place })
    }
  }
  return found
}

/** As curl encodes: letters, digits and - . _ ~ stay, a blank becomes a plus sign (since curl 7.83). */
const urlEncode = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => {
    const char = String.fromCharCode(byte)
    if (char === " ") return "+"
    return /[A-Za-z0-9._~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
  }).join("")

const at = 64
const equals = 61

/** Reads a header argument: `Name: value`, `Name;` for an empty value, `Name:` for none of curl's own. */
const headerFrom = (text: string, place: string): Header | undefined => {
  const colon = text.indexOf(":")
  if (colon < 0) {
    if (text.endsWith(";")) return { name: text.slice(0, -1), value: "" }
    throw new Fault(place, "a header is a name, a colon and a value")
  }
  const value = text.slice(colon + 1).trim()
  return value === "" ? undefined : { name: text.slice(0, colon), value }
}

/** One word of a form's content, as curl reads it: quoted, or up to a semicolon. */
const formWord = (text: string): readonly [word: string, rest: string] => {
  const trimmed = text.trimStart()
  const [whole, quoted] = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(trimmed) ?? []
  if (whole !== undefined && quoted !== undefined) {
    return [quoted.replace(/\\(["\\])/g, "$1"), trimmed.slice(whole.length)]
  }
  const end = text.indexOf(";")
  return end < 0 ? [text, ""] : [text.slice(0, end), text.slice(end)]
}

/** Reads a curl command. Fails with a {@link Fault}. */
export const readCurl = (source: string, { shell, readFile }: Options): Draft => {
  const text = source.replaceAll("\r\n", "\n").replace(/^\s*(?:PS )?[A-Za-z]:\\[^>\n]*>/, "")
  const { words, input, inputFile } = readCommand(text, shell ?? shellOf(text))
  const start = words.findIndex(isCurl)
  if (start < 0) throw new Fault("line 1", "there is no curl command")
  const notes: Array<string> = []
  let all = argumentsOf(words.slice(start + 1))
  const next = all.findIndex(({ option }) => option === "next")
  if (next >= 0) {
    all = all.slice(0, next)
    notes.push("the command makes several requests (--next); the first one was taken")
  }

  const fileOf = (name: string, place: string): Uint8Array => {
    if (name === "-" && input !== undefined) return input
    const path = name === "-" ? (inputFile?.text ?? "-") : name
    const bytes = readFile?.(path)
    if (bytes !== undefined) return bytes
    throw new Fault(
      place,
      path === "-"
        ? "the body comes from standard input, which is not here; paste its bytes into the command"
        : "the body comes from a file, which cannot be read here; paste its bytes into the command"
    )
  }

  const headers: Array<Header> = []
  const removed = new Set<string>()
  const urls: Array<Argument> = []
  const data: Array<{ readonly bytes: Uint8Array; readonly json: boolean }> = []
  const queries: Array<string> = []
  const parts: Array<Part> = []
  const seen = new Map<string, Argument>()
  let bodySource = ""

  const addHeader = (line: string, place: string) => {
    const header = headerFrom(line, place)
    if (header === undefined) removed.add(line.slice(0, line.indexOf(":")).toLowerCase())
    else headers.push(header)
  }
  const addData = (bytes: Uint8Array, place: string, json = false) => {
    data.push({ bytes, json })
    bodySource = bodySource === "" ? place : `${bodySource} and ${place}`
  }
  const urlEncoded = ({ bytes, text: value }: Word, place: string): Uint8Array => {
    const mark = bytes.findIndex((byte) => byte === equals || byte === at)
    if (mark < 0) return utf8(urlEncode(bytes))
    const name = textOf(bytes.subarray(0, mark))
    const content = bytes[mark] === at ? fileOf(textOf(bytes.subarray(mark + 1)), place) : bytes.subarray(mark + 1)
    return utf8(value.startsWith("=") || name === "" ? urlEncode(content) : `${name}=${urlEncode(content)}`)
  }

  for (const argument of all) {
    const { option, value, place } = argument
    if (option !== undefined) seen.set(option, argument)
    const fromFile = value.bytes[0] === at
    const file = () => fileOf(value.text.slice(1), place)
    switch (option) {
      case undefined:
      case "url":
        urls.push(argument)
        break
      case "header":
        if (fromFile) {
          for (const line of textOf(file()).split(/\r?\n/)) if (line.trim() !== "") addHeader(line, place)
        } else addHeader(value.text, place)
        break
      case "data":
      case "data-ascii":
        // A file loses its line breaks and null bytes on the way.
        if (fromFile) {
          addData(
            file().filter((byte) => byte !== 10 && byte !== 13 && byte !== 0),
            place
          )
          notes.push(`${place}: curl leaves out the line breaks of a file; --data-binary keeps them`)
        } else addData(value.bytes, place)
        break
      case "data-binary":
        addData(fromFile ? file() : value.bytes, place)
        break
      case "data-raw":
        addData(value.bytes, place)
        break
      case "data-urlencode":
        addData(urlEncoded(value, place), place)
        break
      case "json":
        addData(fromFile ? file() : value.bytes, place, true)
        break
      case "url-query":
        queries.push(value.text.startsWith("+") ? value.text.slice(1) : textOf(urlEncoded(value, place)))
        break
      case "form":
      case "form-string": {
        const mark = value.text.indexOf("=")
        if (mark < 0) throw new Fault(place, "a form field is a name, an equals sign and a content")
        const name = value.text.slice(0, mark)
        const content = value.text.slice(mark + 1)
        bodySource = bodySource === "" ? place : `${bodySource} and ${place}`
        if (option === "form-string") parts.push({ name, bytes: utf8(content) })
        else if (content.startsWith("@") || content.startsWith("<")) {
          const [path] = formWord(content.slice(1))
          const isText = content.startsWith("<")
          // Only the part that is signed has to be read; a file may stay where it is.
          const bytes = readFile?.(path)
          if (isText && bytes === undefined) fileOf(path, place)
          parts.push({
            name,
            filename: isText ? undefined : path,
            bytes: bytes === undefined ? undefined : new Uint8Array(bytes)
          })
        } else {
          const [word, rest] = formWord(content)
          if (rest !== "" && !/^\s*(?:;\s*(?:type|filename|headers|encoder)=[^;]*)*$/.test(rest)) {
            notes.push(
              `${place}: curl sends only what stands before the first semicolon, unless it is in double quotes`
            )
          }
          parts.push({ name, bytes: utf8(word) })
        }
        break
      }
      case "user":
        headers.push({ name: "Authorization", value: "Basic" })
        notes.push(`${place}: curl makes an Authorization header of its own`)
        break
      case "oauth2-bearer":
        headers.push({ name: "Authorization", value: "Bearer" })
        notes.push(`${place}: curl makes an Authorization header of its own`)
        break
      case "user-agent":
        headers.push({ name: "User-Agent", value: value.text })
        break
      case "config":
        throw new Fault(place, "the options come from a file, which cannot be read here; paste them into the command")
      default:
        break
    }
  }

  const [url, second] = urls
  if (url === undefined) throw new Fault("the command", "there is no URL")
  if (second !== undefined) {
    throw new Fault(`the argument at ${second.place}`, "there is more than one URL; a quote may be missing before it")
  }
  if (!seen.has("globoff") && !seen.has("g") && /[[\]{}]/.test(url.value.text)) {
    throw new Fault(
      `the URL (${url.value.place})`,
      "curl would expand brackets and braces of the URL; paste the one that is called"
    )
  }
  const upload = seen.get("upload-file")
  const joined = data.flatMap(({ bytes, json }, index) => (index === 0 || json ? [bytes] : [utf8("&"), bytes]))
  const content = data.length > 0 ? concat(joined) : undefined
  const isGet = seen.has("get")
  const method =
    seen.get("request")?.value.text ??
    (seen.has("head") || seen.has("I")
      ? "HEAD"
      : isGet
        ? "GET"
        : upload !== undefined
          ? "PUT"
          : content !== undefined || parts.length > 0
            ? "POST"
            : "GET")
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(url.value.text) ? url.value.text : `http://${url.value.text}`
  const query = [...(isGet && content !== undefined ? [textOf(content)] : []), ...queries].join("&")
  const otherTarget = seen.get("request-target")?.value.text
  const target =
    otherTarget?.startsWith("/") === true
      ? `${/^[^/]*\/\/[^/?#]*/.exec(withScheme)![0]}${otherTarget}`
      : (otherTarget ?? addQuery(resolveDots(withScheme, seen.has("path-as-is")), query))
  const json = data.some((piece) => piece.json)
  const own: ReadonlyArray<Header> = ["Content-Type", "Accept"]
    .filter(() => json)
    .map((name) => ({ name, value: "application/json" }))
    .filter(
      ({ name }) =>
        !removed.has(name.toLowerCase()) && !headers.some((header) => header.name.toLowerCase() === name.toLowerCase())
    )

  return {
    method,
    target,
    headers: [...headers, ...own],
    body: isGet
      ? undefined
      : upload !== undefined && content === undefined
        ? new Uint8Array(fileOf(upload.value.text, upload.place))
        : content,
    parts: parts.length > 0 ? parts : undefined,
    sources: {
      method: seen.get("request")?.place ?? "curl's own rule",
      path: `the URL (${url.value.place})`,
      headers: "the options -H",
      body: bodySource === "" ? "there is none" : bodySource
    },
    notes
  }
}

const addQuery = (url: string, query: string): string => {
  if (query === "") return url
  const [, before, fragment] = /^([^#]*)(.*)$/s.exec(url)!
  return `${before}${before!.includes("?") ? "&" : "?"}${query}${fragment}`
}

/** Takes `.` and `..` out of the path, as curl does by default. */
const resolveDots = (url: string, asIs: boolean): string => {
  const [, origin, path, rest] = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)([^?#]*)(.*)$/is.exec(url)!
  if (asIs || !/\/\.{1,2}(?:\/|$)/.test(path!)) return url
  const kept: Array<string> = []
  const segments = path!.split("/").slice(1)
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1
    if (segment === "..") kept.pop()
    else if (segment !== ".") kept.push(segment)
    if (last && (segment === "." || segment === "..")) kept.push("")
  }
  return `${origin}/${kept.join("/")}${rest}`
}
