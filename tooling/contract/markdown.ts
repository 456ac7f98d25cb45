/** Markdown, before it is formatted. */

export type Cells = ReadonlyArray<string>

/** A table. A bar would end its cell. */
export const table = (head: Cells, rows: ReadonlyArray<Cells>): string =>
  [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n")

export const list = (items: ReadonlyArray<string>): string => items.map((item) => `- ${item}`).join("\n")

export const code = (text: string): string => `\`${text}\``

/** Names of the wire (`request_id`, `license.*_file_id`), values such as `AUTH_FAIL`, operations, addresses, objects. */
const names = /https?:\/\/[^\s,;]*[^\s,;.]|\{[^{}]*\}|[\w*[\]]+(?:\.[\w*[\]]+)*/g

const isName = (text: string): boolean =>
  /^https?:|^\{|[a-zA-Z*]_[a-zA-Z*]|\[\]/.test(text) ||
  /^[a-z]+\.(?:apply|update|inquiry|notification|create|supplement|preorder|confirm|upload)$/.test(text)

/** Plain text of the contract: names as code, and nothing that Markdown would take for its own. */
export const prose = (text: string): string =>
  text
    .replace(names, (name) => (isName(name) ? code(name) : name.replace(/[*[\]]/g, "\\$&")))
    .replace(/<(?=\w)/g, "\\<")

/** With a full stop, and with a capital unless it begins with a name of the wire. */
export const sentence = (text: string): string => {
  const capital = /^\w+[._]\w/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}

/** Where renderers put a heading. */
const anchor = (heading: string): string =>
  `#${heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-")}`

/** A link to a heading of the page. */
export const toHeading = (heading: string, text = heading): string => `[${text}](${anchor(heading)})`
