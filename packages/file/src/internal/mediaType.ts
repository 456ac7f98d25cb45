/** The media type of a file, by its content. */
import { filetypeinfo } from "magic-bytes.js"

const unknown = "application/octet-stream"

/** A media type without its parameters; undefined for what is none. */
const essenceOf = (type: string): string | undefined =>
  /^[\w.+-]+\/[\w.+-]+(?=\s*(?:;|$))/.exec(type)?.[0].toLowerCase()

/** A text may begin with the letters that mark a picture (`BM`) or a sound (`ID3`). */
const maybeText = (bytes: Uint8Array): boolean => /^\w{3}/.test(String.fromCharCode(...bytes.subarray(0, 3)))

/**
 * Tells the media type by how the content begins. Where several types begin so, as office documents begin like any ZIP archive, the
 * presumed type decides, or the end of the name; where a text may begin so, one of them must agree. Where none begins so, the
 * presumed type is taken.
 *
 * @param presumed the type that a `Blob` came with, made from a file's name by many who make one
 */
export const tell = (bytes: Uint8Array, name: string, presumed: string): string => {
  const fitting = filetypeinfo(bytes).flatMap(({ mime, extension }) =>
    mime === undefined ? [] : [{ mime, extension }]
  )
  const word = essenceOf(presumed)
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase()
  const agreed = fitting.find(({ mime }) => mime === word) ?? fitting.find((one) => one.extension === extension)
  if (agreed !== undefined) return agreed.mime
  const [first] = fitting
  return first === undefined || maybeText(bytes) ? (word ?? unknown) : first.mime
}
