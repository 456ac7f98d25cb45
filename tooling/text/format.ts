import { readFileSync } from "node:fs"
import { format } from "oxfmt"

const root = new URL("../../", import.meta.url)

/** A text as the formatter leaves it, so that `npm run format` changes nothing. */
export const formatted = async (file: string, text: string): Promise<string> => {
  const options = JSON.parse(readFileSync(new URL(".oxfmtrc.json", root), "utf8")) as Record<string, unknown>
  const { code, errors } = await format(file, text, options)
  const [error] = errors
  if (error !== undefined) throw new Error(`${file} cannot be formatted: ${error.message}`)
  return code
}
