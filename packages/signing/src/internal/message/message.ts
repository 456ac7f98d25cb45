/** What the parsers make of a text, before it is a message. */

export interface Header {
  readonly name: string
  readonly value: string
}

/** A part of a multipart body. */
export interface Part {
  readonly name: string
  /** The file's name, where it is a file. */
  readonly filename?: string | undefined
  /** Undefined where the source does not hold it. */
  readonly bytes?: Uint8Array<ArrayBuffer> | undefined
}

/** Where each piece was found, for a person. */
export interface Sources {
  readonly method: string
  readonly path: string
  readonly headers: string
  readonly body: string
}

export interface Draft {
  readonly method: string
  /** Absolute, or a path with perhaps a query. */
  readonly target: string
  readonly headers: ReadonlyArray<Header>
  readonly body: Uint8Array<ArrayBuffer> | undefined
  readonly parts?: ReadonlyArray<Part> | undefined
  readonly sentAt?: number | undefined
  readonly incomplete?: string | undefined
  readonly otherAuthorizations?: ReadonlyArray<string> | undefined
  readonly sources: Sources
  /** What was assumed, or mended. */
  readonly notes: ReadonlyArray<string>
}

export const headerOf = (headers: ReadonlyArray<Header>, name: string): string | undefined =>
  headers.find((header) => header.name.toLowerCase() === name)?.value
