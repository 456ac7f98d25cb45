/** The media type of a file, by its content. */
import { filetypeinfo } from "magic-bytes.js"

const unknown = "application/octet-stream"

/** A media type without its parameters; undefined for what is none. */
const essenceOf = (type: string): string | undefined =>
  /^[\w.+-]+\/[\w.+-]+(?=\s*(?:;|$))/.exec(type)?.[0].toLowerCase()

/**
 * Tells the media type. How a file begins may fit several types, as office documents begin like any ZIP archive, or none;
 * then the presumed type decides, or the end of the name.
 *
 * @param presumed the type that a `Blob` came with, made from a file's name by many who make one
 */
export const tell = (bytes: Uint8Array, name: string, presumed: string): string => {
  const fitting = filetypeinfo(bytes).flatMap(({ mime, extension }) =>
    mime === undefined ? [] : [{ mime, extension }]
  )
  const word = essenceOf(presumed)
  const [first] = fitting
  if (first === undefined) return word ?? unknown
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase()
  const match = fitting.find(({ mime }) => mime === word) ?? fitting.find((one) => one.extension === extension)
  return (match ?? first).mime
}
