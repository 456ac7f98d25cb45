import * as Crypto from "node:crypto"
import * as Fs from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Domain from "../../core/test/support/domain.ts"
import { assertKeeps } from "../../core/test/support/secrets.ts"
import * as FileService from "../src/File.ts"
import { fromPath } from "../src/node.ts"
import { samples } from "./samples.ts"

const start = Domain.starter(FileService.File, FileService.layer)
const uploaded = { body: '{"file_id":42}' }

/** A folder of its own for a test. */
const folder = Effect.acquireRelease(
  Effect.promise(() => Fs.mkdtemp(join(tmpdir(), "paykka-file-"))),
  (path) => Effect.promise(() => Fs.rm(path, { recursive: true }))
)

const written = Effect.fnUntraced(function* (name: string, bytes: Uint8Array) {
  const path = join(yield* folder, name)
  yield* Effect.promise(() => Fs.writeFile(path, bytes))
  return path
})

const bytes = new Uint8Array([...samples["application/pdf"], ...Crypto.randomBytes(300_000)])

describe("fromPath", () => {
  it.effect("is a source with the file's name", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(uploaded)
      const path = yield* written("营业 执照.pdf", bytes)
      for (const each of [path, pathToFileURL(path)]) {
        const result = yield* Effect.flatMap(fromPath(each), service.upload)
        assert.deepStrictEqual(result, {
          file_id: "42",
          name: "营业 执照.pdf",
          size: bytes.length,
          type: "application/pdf",
          sha256: Crypto.createHash("sha256").update(bytes).digest("hex")
        } as never)
      }
      assert.deepStrictEqual(platform.refused, [])
      for (const { parts } of platform.received) assert.isTrue(parts[1]?.body.equals(bytes))
      assert.strictEqual(platform.received.length, 2)
    })
  )

  it.effect("is read piece by piece, and not at all when it is too large", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(uploaded)
      const file = yield* fromPath(yield* written("a.pdf", bytes))
      const read: Array<number> = []
      const onProgress = ({ phase, bytes: count }: FileService.Progress) => {
        if (phase === "read") read.push(count)
      }
      const refused = yield* Effect.flip(service.upload(file, { maxBytes: 300_000, onProgress }))
      assert.deepStrictEqual(Domain.faults(refused), ["source: is larger than 300000 bytes, the limit (maxBytes)"])
      assert.deepStrictEqual(read, [])
      yield* service.upload(file, { onProgress })
      assert.isAbove(read.length, 1)
      assert.strictEqual(platform.received.length, 1)
    })
  )

  it.effect("refuses what is no file, without the path", () =>
    Effect.gen(function* () {
      const path = yield* folder
      for (const [unfit, fault] of [
        [join(path, "Zhang Wei.pdf"), "path: names no file that can be read (ENOENT)"],
        [path, "path: names a folder or a device, not a file"],
        ["Zhang\0Wei", "path: names no file that can be read (ERR_INVALID_ARG_VALUE)"],
        [new URL("https://example.com/Zhang"), "path: names no file that can be read (ERR_INVALID_URL_SCHEME)"]
      ] as const) {
        const error = yield* Effect.flip(fromPath(unfit))
        assert.strictEqual(error.operation, "file.upload")
        assert.deepStrictEqual(Domain.faults(error), [fault])
        assertKeeps(error, ["Zhang", "paykka-file-"])
      }
    })
  )

  it.effect("refuses a file that has changed since", () =>
    Effect.gen(function* () {
      const { platform, service } = yield* start(uploaded)
      const path = yield* written("a.pdf", bytes)
      const file = yield* fromPath(path)
      yield* Effect.promise(() => Fs.appendFile(path, "more"))
      const error = yield* Effect.flip(service.upload(file))
      assert.deepStrictEqual(Domain.faults(error), ["source: cannot be read to its end (NotReadableError)"])
      assert.strictEqual(platform.received.length, 0)
    })
  )
})
