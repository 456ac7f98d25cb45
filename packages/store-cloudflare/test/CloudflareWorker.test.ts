/** The handlers of a worker while what they need cannot be had; that they work is tested in workerd, with the inbox. */
import { assert, describe, it } from "@effect/vitest"
import * as KeyStore from "@paykka/signing/KeyStore"
import * as Verifier from "@paykka/signing/Verifier"
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import * as Inbox from "@paykka/webhook/Inbox"
import * as ReplayGuard from "@paykka/webhook/ReplayGuard"
import * as Testing from "@paykka/webhook/testing"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import { vi } from "vitest"
import * as CloudflareInbox from "../src/CloudflareInbox.ts"
import * as CloudflareWorker from "../src/CloudflareWorker.ts"

class Sealed extends Data.TaggedError("Sealed")<{ readonly message: string }> {}

describe("the handlers of a worker", () => {
  it.live("answer 503 and let messages come again until the layer can be built", () =>
    Effect.gen(function* () {
      const errors = vi.spyOn(console, "error").mockImplementation(() => undefined)
      yield* Effect.addFinalizer(() => Effect.sync(() => errors.mockRestore()))
      const key = yield* Testing.generateKeyPair()
      const sent: Array<unknown> = []
      let [builds, released] = [0, 0]
      const keys = Layer.unwrap(
        Effect.gen(function* () {
          yield* Effect.addFinalizer(() => Effect.sync(() => released++))
          if (++builds < 3) return yield* new Sealed({ message: "the vault is sealed" })
          return KeyStore.layer({ platformKeys: [{ publicKey: key.publicKey }] })
        })
      )
      const worker = CloudflareWorker.make(
        Inbox.make({ notifications: [], handlers: {}, onUnknown: () => Effect.void }),
        Layer.mergeAll(
          Layer.provide(Verifier.layer(), keys),
          ReplayGuard.layerMemory(),
          CloudflareInbox.layer({ queue: { send: async (body) => sent.push(body) } })
        ).pipe(Layer.provideMerge(Layer.merge(DeadLetters.layerMemory, Logger.layer([]))))
      )
      const signed = yield* Testing.signBody("{}", { key, path: "/hook" })
      const done: Array<string> = []
      const batch = () => ({
        queue: "inbox",
        messages: sent.map((body) => ({
          id: "m1",
          timestamp: new Date(0),
          body,
          attempts: 1,
          ack: () => done.push("ack"),
          retry: ({ delaySeconds }: { readonly delaySeconds: number }) => done.push(`retry in ${delaySeconds}`)
        }))
      })

      const together = yield* Effect.promise(() =>
        Promise.all([worker.fetch(signed.request()), worker.fetch(signed.request())])
      )
      assert.deepStrictEqual(
        together.map(({ status }) => status),
        [503, 503]
      )
      assert.strictEqual(yield* Effect.promise(() => together[0].text()), "{}")
      assert.deepStrictEqual([builds, released], [1, 1])
      sent.push("foreign")
      yield* Effect.promise(() => worker.queue(batch()))
      assert.deepStrictEqual(done, ["retry in 1"])
      assert.deepStrictEqual(errors.mock.calls, [
        ["PayKKa inbox cannot start: the vault is sealed"],
        ["PayKKa inbox cannot start: the vault is sealed"],
        ["PayKKa inbox cannot start: the vault is sealed"]
      ])

      assert.strictEqual((yield* Effect.promise(() => worker.fetch(signed.request()))).status, 200)
      assert.strictEqual(sent.length, 2)
      yield* Effect.promise(() => worker.queue(batch()))
      assert.deepStrictEqual(done.slice(1), ["ack", "ack"])
      const letter = yield* Effect.promise(() =>
        worker.run(() => DeadLetters.DeadLetters.use(({ get }) => get("foreign-m1")))
      )
      assert.isTrue(Option.isSome(letter))
      assert.strictEqual(
        yield* Effect.promise(() => worker.run(() => Effect.fail("why")).catch((error: unknown) => error)),
        "why"
      )
      assert.deepStrictEqual([builds, released], [3, 2])
      yield* Effect.promise(worker.dispose)
      assert.strictEqual(released, 3)
    }).pipe(Effect.scoped)
  )
})
