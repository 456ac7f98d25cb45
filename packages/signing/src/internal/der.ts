/** Just enough DER (X.690) to tell key formats apart and to wrap RSA keys for WebCrypto. */

export interface Node {
  readonly tag: number
  readonly content: Uint8Array
  /** The node with its tag and length. */
  readonly whole: Uint8Array
}

export const tags = { integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, sequence: 0x30 } as const

/** Reads the node at the start of `bytes`; undefined when the bytes are not a complete DER node. */
export const read = (bytes: Uint8Array): Node | undefined => {
  const tag = bytes[0]
  let length = bytes[1]
  if (tag === undefined || length === undefined) return undefined
  let offset = 2
  if (length >= 0x80) {
    const count = length & 0x7f
    if (count === 0 || count > 4 || bytes.length < 2 + count) return undefined
    length = 0
    for (let i = 0; i < count; i++) length = length * 256 + bytes[offset++]!
  }
  const end = offset + length
  if (end > bytes.length) return undefined
  return { tag, content: bytes.subarray(offset, end), whole: bytes.subarray(0, end) }
}

/** Reads all the nodes that fill `bytes`; undefined when they do not fill them exactly. */
export const children = (bytes: Uint8Array): ReadonlyArray<Node> | undefined => {
  const nodes: Array<Node> = []
  for (let rest = bytes; rest.length > 0;) {
    const node = read(rest)
    if (node === undefined) return undefined
    nodes.push(node)
    rest = rest.subarray(node.whole.length)
  }
  return nodes
}

const lengthBytes = (length: number): ReadonlyArray<number> => {
  if (length < 0x80) return [length]
  const bytes: Array<number> = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [0x80 | bytes.length, ...bytes]
}

export const write = (tag: number, ...contents: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> => {
  const size = contents.reduce((sum, content) => sum + content.length, 0)
  const head = [tag, ...lengthBytes(size)]
  const bytes = new Uint8Array(head.length + size)
  bytes.set(head)
  let offset = head.length
  for (const content of contents) {
    bytes.set(content, offset)
    offset += content.length
  }
  return bytes
}

export const hex = (bytes: Uint8Array): string => {
  let text = ""
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0")
  return text
}
