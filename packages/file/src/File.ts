/**
 * Files: documents are uploaded here, and named by their `file_id` in onboarding, orders and so on.
 *
 * Documented is only that the JSON text of a part `meta` is signed. Its keys, the other part's name and the form of the answer
 * are not public: see {@link Meta}, and the overrides of `file.upload` (`path`, `metaPart`, `metaPartType`, `filePart`).
 */
import * as PaykkaClient from "@paykka/core/PaykkaClient"
import { invalidRequest, type PaykkaError } from "@paykka/core/PaykkaError"
import * as Messages from "@paykka/schemas/File"
import type { Fault } from "@paykka/schemas/Operation"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as mediaType from "./internal/mediaType.ts"
import { read } from "./internal/read.ts"

/**
 * Where the bytes of a file come from: bytes, a `Blob` or `File`, a web stream. For a path see `fromPath` in
 * `@paykka/file/node`. A stream is read once: after a failure it is used up, and cancelled where it was not read to its end.
 */
export type Source = Uint8Array | Blob | ReadableStream<Uint8Array>

/** What is known of a file that was read. */
export interface Facts {
  /** Its name, without folders. */
  readonly name: string
  /** Its size in bytes. */
  readonly size: number
  /** Its media type, such as `application/pdf`. */
  readonly type: string
  /** The SHA-256 digest of its bytes: 64 hexadecimal digits in lower case. */
  readonly sha256: string
}

/** Makes the JSON object about a file: what is signed. */
export type Meta = (facts: Facts) => Readonly<Record<string, unknown>>

/** `{ filename, sha256 }`. Inferred from what uploads of this kind often have: no page shows the keys. */
export const standardMeta: Meta = ({ name, sha256 }) => ({ filename: name, sha256 })

/** The largest file by default: 10 MiB. By third-party notes; no page shows the platform's limit (`010005`). */
export const standardMaxBytes = 10 * 1024 * 1024

/** Settings of a layer, or of one upload. */
export interface Settings {
  /** Default: {@link standardMeta}. */
  readonly meta?: Meta | undefined
  /** The largest file that is sent, in bytes. Default: {@link standardMaxBytes}. `Infinity` leaves it to the platform. */
  readonly maxBytes?: number | undefined
}

/** How far an upload has got. */
export interface Progress {
  /**
   * `read`: bytes of the file, read from its source. `sent`: bytes of the request, which is a little larger, handed to the
   * transport; a further attempt begins from zero.
   */
  readonly phase: "read" | "sent"
  readonly bytes: number
  /** Undefined while a stream is read: its length is not known. */
  readonly total: number | undefined
}

/** Settings of one upload. */
export interface UploadOptions extends Settings, Omit<PaykkaClient.CallOptions, "onProgress"> {
  /** The file's name, without folders. Default: that of a `File`; other sources have none. */
  readonly name?: string | undefined
  /**
   * The file's media type, sent as it is. Default: that of the content; where that leaves it open, what agrees with it of the type
   * of a `Blob` and the end of the name; where the content tells nothing, the type of a `Blob`.
   */
  readonly type?: string | undefined
  /** Told how far it has got. What it throws is ignored. With it the request goes out in pieces: see `CallOptions`. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** A file that was uploaded. */
export interface Uploaded extends Facts, Messages.UploadResponse {}

/** See {@link Service.upload}. */
export interface Upload {
  (file: globalThis.File, options?: UploadOptions): Effect.Effect<Uploaded, PaykkaError>
  (source: Source, options: UploadOptions & { readonly name: string }): Effect.Effect<Uploaded, PaykkaError>
}

/** The service. */
export interface Service {
  /**
   * Uploads a file (`file.upload`; path and answer third-party, request inferred), and gives its `file_id`, exact also beyond
   * 2^53, with what is known of the file. The file is read into memory before anything is sent.
   *
   * Fails with `PaykkaError`. `InvalidRequest` before anything is sent names what is wrong: a source that is empty, larger than
   * `maxBytes` or cannot be read, a name that is missing or has folders in it, a `type` that is none.
   *
   * `OutcomeUnknown` when the answer was lost: the file may be there, under an id that nobody knows. No operation tells
   * (`resolvedBy` is null), and an upload has no key that would mark a second one as the same. Upload it again, from a
   * source that is not used up: since a file does nothing before a message names its id (inferred), the first is at worst
   * one that nobody uses. This is not done for you, as no page says that it is harmless.
   *
   * The `timeout` is for sending and answer together; give it to a large file on a slow line.
   */
  readonly upload: Upload
}

/** Files. See {@link Service}. */
export class File extends /*#__PURE__*/ Context.Service<File, Service>()("@paykka/file/File") {}

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("")

const digest = (bytes: Uint8Array<ArrayBuffer>): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() => crypto.subtle.digest("SHA-256", bytes)),
    hex
  )

/** What is wrong with the options, before the source is touched. */
const faultsOf = (name: string, maxBytes: number): ReadonlyArray<Fault> => [
  ...(name === "" ? [{ path: "name", rule: "is missing: only a File has one of its own" }] : []),
  ...(/[/\\\p{Cc}]/u.test(name) ? [{ path: "name", rule: "must be without folders and control characters" }] : []),
  ...(maxBytes > 0 ? [] : [{ path: "maxBytes", rule: "must be more than zero" }])
]

/** Who watches an upload must not end it. */
const quietly =
  (tell: ((progress: Progress) => void) | undefined) =>
  (progress: Progress): void => {
    try {
      tell?.(progress)
    } catch {
      // Ignored, as said.
    }
  }

const refuse = (...faults: ReadonlyArray<Fault>): Effect.Effect<never, PaykkaError> =>
  Effect.fail(invalidRequest(Messages.upload.id, faults))

/** The service over a `PaykkaClient`. */
export const make = (settings: Settings = {}): Effect.Effect<Service, never, PaykkaClient.PaykkaClient> =>
  Effect.map(PaykkaClient.bind({ send: Messages.upload }), ({ send }) => {
    const upload = Effect.fnUntraced(function* (
      source: Source,
      options: UploadOptions = {}
    ): Effect.fn.Return<Uploaded, PaykkaError> {
      const {
        meta = settings.meta ?? standardMeta,
        maxBytes = settings.maxBytes ?? standardMaxBytes,
        name = source instanceof globalThis.File ? source.name : "",
        type: stated,
        onProgress,
        ...call
      } = options
      const faults = faultsOf(name, maxBytes)
      if (faults.length > 0) return yield* refuse(...faults)
      const tell = quietly(onProgress)

      const onRead = (bytes: number, total: number | undefined) => {
        tell({ phase: "read", bytes, total })
      }
      const bytes = yield* Effect.catch(read(source, { maxBytes, onRead }), refuse)
      const type = stated ?? mediaType.tell(bytes, name, source instanceof Blob ? source.type : "")
      const facts: Facts = { name, size: bytes.length, type, sha256: yield* digest(bytes) }

      const onSent = ({ sent, total }: PaykkaClient.Progress) => {
        tell({ phase: "sent", bytes: sent, total })
      }
      const request = { meta: meta(facts), file: { bytes, name, type } }
      const { file_id } = yield* send(request, { ...call, onProgress: onProgress && onSent })
      return { file_id, ...facts }
    })
    return File.of({ upload })
  })

/** The layer of {@link make} with other settings than the standard ones. */
export const layerWith = (settings: Settings): Layer.Layer<File, never, PaykkaClient.PaykkaClient> =>
  Layer.effect(File, make(settings))

/** The layer of {@link make}. */
export const layer: Layer.Layer<File, never, PaykkaClient.PaykkaClient> = /*#__PURE__*/ layerWith({})
