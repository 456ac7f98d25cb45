/** Reads a source to its end, or stops it as soon as it is too large. */
import type { Fault } from "@paykka/schemas/Operation"
import * as Effect from "effect/Effect"
import type { Source } from "../File.ts"

/** How a source is read. */
interface Reading {
  readonly maxBytes: number
  /** Told how many bytes were read, and of how many where that is known. */
  readonly onRead: (bytes: number, total: number | undefined) => void
}

const fault = (rule: string): Fault => ({ path: "source", rule })

// Only the error's name: its message may hold an address or a path.
const broken = (error: unknown): Fault =>
  fault(`cannot be read to its end (${error instanceof Error ? error.name : "unknown error"})`)

const tooLarge = (maxBytes: number) => Effect.fail(fault(`is larger than ${maxBytes} bytes, the limit (maxBytes)`))

const concat = (chunks: ReadonlyArray<Uint8Array>, size: number): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.length
  }
  return whole
}

const drain = /*#__PURE__*/ Effect.fnUntraced(function* (
  reader: ReadableStreamDefaultReader<unknown>,
  total: number | undefined,
  { maxBytes, onRead }: Reading
): Effect.fn.Return<Uint8Array<ArrayBuffer>, Fault> {
  const chunks: Array<Uint8Array> = []
  for (let size = 0; ;) {
    const { done, value } = yield* Effect.tryPromise({ try: () => reader.read(), catch: broken })
    if (done) return concat(chunks, size)
    if (!(value instanceof Uint8Array)) return yield* Effect.fail(fault("must be a stream of bytes (Uint8Array)"))
    size += value.length
    if (size > maxBytes) return yield* tooLarge(maxBytes)
    chunks.push(value)
    onRead(size, total)
  }
})

const ofStream = (stream: ReadableStream<unknown>, total: number | undefined, reading: Reading) =>
  Effect.acquireUseRelease(
    Effect.try({
      try: () => stream.getReader(),
      catch: () => fault("is locked: another reader has it")
    }),
    (reader) => drain(reader, total, reading),
    (reader) =>
      Effect.sync(() => {
        // Nothing to a stream that has ended. Not awaited: a source may take as long as it likes over it.
        reader.cancel().catch(() => undefined)
        reader.releaseLock()
      })
  )

const everything = (source: Source, reading: Reading): Effect.Effect<Uint8Array<ArrayBuffer>, Fault> => {
  if (source instanceof ReadableStream) return ofStream(source, undefined, reading)
  const size = source instanceof Uint8Array ? source.length : source.size
  if (size > reading.maxBytes) return tooLarge(reading.maxBytes)
  if (source instanceof Blob) return ofStream(source.stream(), size, reading)
  return Effect.sync(() => {
    reading.onRead(size, size)
    // A copy: what is digested is what is sent, whatever the caller does with his own bytes meanwhile.
    return new Uint8Array(source)
  })
}

/** All bytes of a source; fails with what is wrong with it. */
export const read = (source: Source, reading: Reading): Effect.Effect<Uint8Array<ArrayBuffer>, Fault> =>
  source instanceof Uint8Array || source instanceof Blob || source instanceof ReadableStream
    ? Effect.filterOrFail(
        everything(source, reading),
        ({ length }) => length > 0,
        () => fault("is empty")
      )
    : Effect.fail(fault("must be bytes (Uint8Array), a Blob, a File or a web stream (ReadableStream)"))
