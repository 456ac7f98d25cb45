/** Splits a command as bash, Windows' cmd or PowerShell would, and expands nothing. */
import { concat, utf8 } from "../draft.ts"
import { Fault, placeAt } from "./fault.ts"

export type Shell = "bash" | "cmd" | "powershell"

export interface Word {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly text: string
  /** Where it begins. */
  readonly place: string
}

export interface Command {
  readonly words: ReadonlyArray<Word>
  /** What `<<EOF` or `<<<` hand to standard input. */
  readonly input: Uint8Array<ArrayBuffer> | undefined
  /** A file of `<`. */
  readonly inputFile: Word | undefined
}

/** Which shell a command is written for, by its quotes and line continuations. */
export const shellOf = (text: string): Shell => {
  if (/\^\s*?\n|\^"/.test(text)) return "cmd"
  if (/`[ \t]*\n|@'[ \t]*\n|@"[ \t]*\n|^\s*PS [A-Z]:/.test(text)) return "powershell"
  return "bash"
}

const decoder = /*#__PURE__*/ new TextDecoder("utf-8", { ignoreBOM: true })

/** A word that is being read. */
class Pieces {
  private readonly pieces: Array<Uint8Array> = []
  /** Text that is not among the pieces yet: most comes by single characters. */
  private text = ""
  readonly start: number
  constructor(start: number) {
    this.start = start
  }
  add(piece: string | Uint8Array): void {
    if (typeof piece === "string") this.text += piece
    else {
      this.pieces.push(utf8(this.text), piece)
      this.text = ""
    }
  }
  word(source: string): Word {
    const bytes = concat([...this.pieces, utf8(this.text)])
    return { bytes, text: decoder.decode(bytes), place: placeAt(source, this.start) }
  }
}

const isBlank = (char: string | undefined): boolean => char === " " || char === "\t"

// ---------------------------------------------------------------------------------------------------------
// bash
// ---------------------------------------------------------------------------------------------------------

const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  e: 27,
  E: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
  "'": 39,
  '"': 34,
  "?": 63
}

/** The escapes of `$'…'`. */
const ansiEscape =
  /\\(?:([abeEfnrtv\\'"?])|x([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|c([\s\S]))/y

const expansion = /^\$[A-Za-z_0-9{(@*#?$!-]/

class Bash {
  private at = 0
  private readonly words: Array<Word> = []
  private readonly documents: Array<{ readonly end: string; readonly tabs: boolean; readonly literal: boolean }> = []
  private input: Uint8Array<ArrayBuffer> | undefined
  private inputFile: Word | undefined
  private readonly text: string
  constructor(text: string) {
    this.text = text
  }

  private fail(rule: string, at = this.at): never {
    throw new Fault(placeAt(this.text, at), rule)
  }

  private refuseExpansion(): void {
    const rest = this.text.slice(this.at, this.at + 2)
    if (rest.startsWith("`")) this.fail("the shell would run the command in back quotes; paste the text that it gives")
    if (expansion.test(rest)) {
      const what = rest.startsWith("$(") ? "run the command in $(…)" : "put the value of a variable here"
      this.fail(`the shell would ${what}; paste the text that it gives`)
    }
  }

  private single(word: Pieces): void {
    const end = this.text.indexOf("'", this.at + 1)
    if (end < 0) this.fail("the single quote is never closed")
    word.add(this.text.slice(this.at + 1, end))
    this.at = end + 1
  }

  private double(word: Pieces): void {
    const start = this.at++
    for (;;) {
      const char = this.text[this.at]
      if (char === undefined) this.fail("the double quote is never closed", start)
      if (char === '"') break
      if (char === "\\") {
        const next = this.text[this.at + 1] ?? ""
        if ('$`"\\'.includes(next) && next !== "") word.add(next)
        else if (next !== "\n") word.add(`\\${next}`)
        this.at += 2
        continue
      }
      this.refuseExpansion()
      word.add(this.character())
    }
    this.at++
  }

  /** One character, also of two units. */
  private character(): string {
    const char = String.fromCodePoint(this.text.codePointAt(this.at)!)
    this.at += char.length
    return char
  }

  private ansi(word: Pieces): void {
    const start = this.at
    this.at += 2
    for (;;) {
      const char = this.text[this.at]
      if (char === undefined) this.fail("the quote $' is never closed", start)
      if (char === "'") break
      ansiEscape.lastIndex = this.at
      const escape = char === "\\" ? ansiEscape.exec(this.text) : null
      if (escape === null) {
        word.add(this.character())
        continue
      }
      const [whole, simple, hex, octal, unicode, long, control] = escape
      const code = unicode ?? long
      if (simple !== undefined) word.add(Uint8Array.of(simpleEscapes[simple]!))
      else if (code !== undefined) {
        const point = Number.parseInt(code, 16)
        if (point > 0x10ffff) this.fail("the escape is no character of Unicode")
        word.add(String.fromCodePoint(point))
      } else if (control !== undefined) word.add(Uint8Array.of(control.charCodeAt(0) & 31))
      else word.add(Uint8Array.of((hex === undefined ? Number.parseInt(octal!, 8) : Number.parseInt(hex, 16)) & 255))
      this.at += whole.length
    }
    this.at++
  }

  private word(): Word {
    const word = new Pieces(this.at)
    for (;;) {
      const char = this.text[this.at]
      if (char === undefined || isBlank(char) || "\n;|&<>()".includes(char)) break
      if (char === "'") this.single(word)
      else if (char === '"') this.double(word)
      else if (char === "$" && this.text[this.at + 1] === "'") this.ansi(word)
      else if (char === "$" && this.text[this.at + 1] === '"') this.at++
      else if (char === "\\") {
        this.at++
        if (this.text[this.at] === "\n") this.at++
        else if (this.at < this.text.length) word.add(this.character())
      } else {
        this.refuseExpansion()
        word.add(this.character())
      }
    }
    return word.word(this.text)
  }

  private blanks(): void {
    for (;;) {
      if (isBlank(this.text[this.at])) this.at++
      else if (this.text.startsWith("\\\n", this.at)) this.at += 2
      else return
    }
  }

  /** The lines of here-documents, from the next line on. */
  private readDocuments(): void {
    for (const { end, tabs, literal } of this.documents.splice(0)) {
      const lines: Array<string> = []
      for (;;) {
        if (this.at >= this.text.length) this.fail(`the line ${end} that ends the here-document is missing`)
        const stop = this.text.indexOf("\n", this.at)
        const raw = this.text.slice(this.at, stop < 0 ? undefined : stop)
        const line = tabs ? raw.replace(/^\t+/, "") : raw
        const start = this.at
        this.at = stop < 0 ? this.text.length : stop + 1
        if (line === end) break
        const expanded = /(?<!\\)(?:\$[A-Za-z_0-9{(@*#?$!-]|`)/.exec(line)
        if (!literal && expanded !== null) {
          this.fail(
            "the shell would replace something in the here-document; paste the text that it gives",
            start + expanded.index
          )
        }
        lines.push(line)
      }
      const document = lines.map((line) => `${line}\n`).join("")
      // Without quotes around the word a backslash escapes $ ` \ and the line's end.
      this.input = utf8(literal ? document : document.replace(/\\([$`\\])/g, "$1").replaceAll("\\\n", ""))
    }
  }

  private redirection(): void {
    const [operator] =
      /^(?:<<<|<<-?|<|>>|>\||>&|>)/.exec(this.text.slice(this.at, this.at + 3)) ??
      this.fail("this redirection is not known")
    this.at += operator.length
    this.blanks()
    if (operator.startsWith("<<") && operator !== "<<<") {
      const literal = `'"\\`.includes(this.text[this.at] ?? " ")
      this.documents.push({ end: this.word().text, tabs: operator === "<<-", literal })
    } else {
      const target = this.word()
      if (operator === "<<<") this.input = concat([target.bytes, utf8("\n")])
      else if (operator === "<") this.inputFile = target
    }
  }

  /** The first command that runs curl. */
  read(): Command {
    for (;;) {
      this.blanks()
      const char = this.text[this.at]
      if (char === "#") {
        const end = this.text.indexOf("\n", this.at)
        this.at = end < 0 ? this.text.length : end
        continue
      }
      if (char === "<" || char === ">") {
        this.redirection()
        continue
      }
      if (char === "&" && this.text[this.at + 1] === ">") {
        this.at++
        this.redirection()
        continue
      }
      const ends = char === undefined || "\n;|&()".includes(char)
      if (ends && char === "\n" && this.documents.length > 0) {
        this.at++
        this.readDocuments()
      }
      if (ends && this.words.some(isCurl)) break
      if (char === undefined) break
      if (ends) {
        // Another command before it: what it prints is not known here.
        this.at++
        this.words.length = 0
        continue
      }
      const next = this.word()
      // A number in front of a redirection is a file descriptor.
      if (!(/^[0-9]$/.test(next.text) && "<>".includes(this.text[this.at] ?? " "))) this.words.push(next)
    }
    return { words: this.words, input: this.input, inputFile: this.inputFile }
  }
}

/** Whether a word names the program. */
export const isCurl = ({ text }: Word): boolean => /(?:^|[/\\])curl(?:\.exe)?$/i.test(text)

// ---------------------------------------------------------------------------------------------------------
// Windows
// ---------------------------------------------------------------------------------------------------------

/** The command line that cmd hands on: carets taken away, with the place of each character in the source. */
const withoutCarets = (text: string): ReadonlyArray<readonly [char: string, at: number]> => {
  const line: Array<readonly [string, number]> = []
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (char === "^" && !quoted) {
      at++
      // A caret at a line's end joins the lines, and takes what follows as it is.
      if (text[at] === "\n") at++
      if (at < text.length) line.push([text[at]!, at])
      continue
    }
    if (char === '"') quoted = !quoted
    if (!quoted && (char === "\n" || char === "|" || char === "&" || char === ">")) {
      if (line.some(([other]) => other !== " " && other !== "\n")) break
      continue
    }
    line.push([char, at])
  }
  return line
}

/** The arguments that a C program makes of a command line on Windows. */
const splitArguments = (
  line: ReadonlyArray<readonly [char: string, at: number]>,
  source: string
): ReadonlyArray<Word> => {
  const words: Array<Word> = []
  let at = 0
  while (at < line.length) {
    while (at < line.length && /\s/.test(line[at]![0])) at++
    if (at >= line.length) break
    const word = new Pieces(line[at]![1])
    let text = ""
    let quoted = false
    const start = at
    for (; at < line.length; at++) {
      const [char] = line[at]!
      if (char === "\\") {
        let count = 0
        while (line[at + count]?.[0] === "\\") count++
        if (line[at + count]?.[0] === '"') {
          text += "\\".repeat(Math.floor(count / 2))
          at += count - 1
          if (count % 2 === 1) {
            text += '"'
            at++
          }
        } else {
          text += "\\".repeat(count)
          at += count - 1
        }
      } else if (char === '"') {
        if (quoted && line[at + 1]?.[0] === '"') {
          text += '"'
          at++
        } else quoted = !quoted
      } else if (!quoted && /\s/.test(char)) break
      else text += char
    }
    if (quoted) throw new Fault(placeAt(source, line[start]![1]), "the double quote is never closed")
    word.add(text)
    words.push(word.word(source))
  }
  return words
}

const readCmd = (text: string): Command => ({
  words: splitArguments(withoutCarets(text), text),
  input: undefined,
  inputFile: undefined
})

const powershellEscapes: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\u0007",
  b: "\b",
  e: "\u001b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v"
}

const readPowershell = (text: string): Command => {
  const words: Array<Word> = []
  let at = 0
  const fail = (rule: string, place = at): never => {
    throw new Fault(placeAt(text, place), rule)
  }
  const refuseExpansion = () => {
    if (/^\$[A-Za-z_{(?$^]/.test(text.slice(at, at + 2))) {
      fail("PowerShell would put the value of a variable or expression here; paste the text that it gives")
    }
  }
  const escape = (): string => {
    const char = text[at + 1] ?? ""
    at += 2
    return powershellEscapes[char] ?? char
  }
  const quote = (): string => {
    const mark = text[at]!
    const start = at++
    let value = ""
    for (;;) {
      const char = text[at]
      if (char === undefined) fail("the quote is never closed", start)
      if (char === mark && text[at + 1] === mark) at++
      else if (char === mark) break
      else if (mark === '"' && char === "`") {
        value += escape()
        continue
      } else if (mark === '"') refuseExpansion()
      value += text[at++]
    }
    at++
    return value
  }
  /** `@'`, lines, `'@`. */
  const hereString = (): string | undefined => {
    const [whole, mark, value] = /^@(['"])[ \t]*\n([\s\S]*?)\n\1@/.exec(text.slice(at)) ?? []
    if (whole === undefined || value === undefined) return undefined
    if (mark === '"' && /(?<!`)\$[A-Za-z_{(]/.test(value))
      fail("PowerShell would replace something in this text; paste the text that it gives")
    at += whole.length
    return value
  }
  for (;;) {
    while (isBlank(text[at]) || text.startsWith("`\n", at) || /^`[ \t]+\n/.test(text.slice(at, at + 80))) {
      at = isBlank(text[at]) ? at + 1 : text.indexOf("\n", at) + 1
    }
    const char = text[at]
    const ends = char === undefined || "\n;|&>".includes(char)
    if (ends && words.some(isCurl)) break
    if (char === undefined) break
    if (ends) {
      at++
      words.length = 0
      continue
    }
    const word = new Pieces(at)
    let value = ""
    for (;;) {
      const next = text[at]
      if (next === undefined || isBlank(next) || "\n;|&>".includes(next)) break
      const here = next === "@" ? hereString() : undefined
      if (here !== undefined) value += here
      else if (next === "'" || next === '"') value += quote()
      else if (next === "`") {
        if (text[at + 1] === "\n") break
        value += escape()
      } else {
        refuseExpansion()
        value += text[at++]
      }
    }
    // Until version 7.3 quotes within an argument had to be escaped once more for the program.
    word.add(value.includes('\\"') ? value.replace(/\\"/g, '"') : value)
    words.push(word.word(text))
  }
  return { words, input: undefined, inputFile: undefined }
}

/** Reads the first curl command of a text whose lines end in LF. */
export const readCommand = (text: string, shell: Shell): Command => {
  switch (shell) {
    case "bash":
      return new Bash(text).read()
    case "cmd":
      return readCmd(text)
    case "powershell":
      return readPowershell(text)
  }
}
