/** A sandbox that goes on where an earlier one has ended, in memory and from a file. What money there is after that: money.test.ts. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Order from "@paykka/schemas/Order"
import * as Payment from "@paykka/schemas/Payment"
import * as Va from "@paykka/schemas/Va"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as SandboxNode from "../src/node.ts"
import * as Tape from "../src/Tape.ts"
import { assertError } from "./support/answers.ts"
import { refused, send, succeed, uploadFile } from "./support/calls.ts"
import { merchId } from "./support/keys.ts"
import { acceptedPayee, contract, createOrder, fund, money, start, startTaped } from "./support/scene.ts"

const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "paykka-tape-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

describe("a sandbox with a tape", () => {
  it.effect("goes on where the one before it has ended", () =>
    Effect.gen(function* () {
      const { scene, restart } = yield* startTaped({ tape: Tape.makeMemory() })
      yield* fund(scene(), 100)
      const beneficiary_id = yield* acceptedPayee(scene(), "P-1", "EUR")
      const fileId = yield* uploadFile(scene())
      const payment = { request_id: "PAY-1", amount: "40.25", currency: "EUR", beneficiary_id }
      yield* succeed(scene(), Payment.apply, payment)
      yield* scene().service.decide("payment", "fail", "the bank is closed")
      yield* scene().service.suspend(merchId, true)
      yield* restart(4)

      // What was told, and what was begun.
      yield* refused(scene(), Payment.inquiry, { request_id: "PAY-1" }, "010003", /suspended/)
      yield* scene().service.suspend(merchId, false)
      assert.strictEqual((yield* succeed(scene(), Payment.inquiry, { request_id: "PAY-1" })).status, "PROCESSING")
      assert.deepStrictEqual(yield* money(scene()), { available: "59.75", held: "40.25", unsettled: "0" })
      yield* scene().service.advance("1 second")
      const failed = yield* succeed(scene(), Payment.inquiry, { request_id: "PAY-1" })
      assert.deepInclude(failed, { status: "SANDBOX_FAILED", reason: "the bank is closed" })

      // A repeated number, a file of then, and numbers that nothing else has.
      yield* succeed(scene(), Payment.apply, payment)
      assert.strictEqual((yield* money(scene())).available, "100.00")
      const body = contract(fileId, { request_id: "O-1", amount: 5 })
      const { contract_order_no } = yield* succeed(scene(), Order.create, body)
      assert.notStrictEqual(yield* createOrder(scene(), { request_id: "O-2", amount: 5 }), contract_order_no)
    })
  )

  it.effect("keeps the time that was put forward", () =>
    Effect.gen(function* () {
      const { scene, restart } = yield* startTaped({ tape: Tape.makeMemory() })
      yield* scene().service.advance("2 days")
      yield* restart(0)
      yield* send(scene(), Va.inquiry, { request_id: "nothing" })
      const [entry] = yield* scene().service.log
      assert.strictEqual(entry?.at, 2 * 24 * 3_600_000)
    })
  )

  it.effect("does nothing that it cannot keep", () =>
    Effect.gen(function* () {
      let isFull = false
      const memory = Tape.makeMemory()
      const append = (entry: string) => {
        if (isFull) throw new Error("the disk is full")
        memory.append(entry)
      }
      const scene = yield* start({ tape: { ...memory, append } })
      isFull = true
      assertError(yield* send(scene, Va.apply, { request_id: "VA-1", currencies: ["EUR"] }), "999999")
      isFull = false
      yield* refused(scene, Va.inquiry, { request_id: "VA-1" }, "010002", /request_id/)
    })
  )

  for (const [name, entries] of [
    ["of another version", ['{"paykka_sandbox_tape":0}']],
    ["that is no tape", ["hello"]],
    ["with an entry that is none", ['{"paykka_sandbox_tape":1}', '{"at":1,"what":"nothing"}']],
    [
      "of an operation that is none",
      ['{"paykka_sandbox_tape":1}', '{"at":1,"what":{"call":"va.no","merchId":"","owner":"","text":"{}"}}']
    ]
  ] as const) {
    it.effect(`refuses a tape ${name}`, () =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(start({ tape: { entries: () => entries, append: () => undefined } }))
        assert.isTrue(Exit.isFailure(exit))
        assert.match(String(exit), /tape: (it is none of this version|entry 1 cannot be read|there is no operation)/)
      })
    )
  }
})

describe("a tape in a file", () => {
  it.effect("is read by the next process, and by its owner only", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporary, "sandbox.db")
      const first = yield* Scope.make()
      const scene = yield* Effect.flatMap(SandboxNode.tapeSqlite(filename), (tape) => start({ tape })).pipe(
        Scope.provide(first)
      )
      yield* fund(scene, 100)
      const before = yield* scene.service.ledger
      assert.strictEqual(statSync(filename).mode & 0o777, 0o600)
      // Another sandbox would make the same numbers a second time.
      const second = yield* Effect.flip(Effect.scoped(SandboxNode.tapeSqlite(filename)))
      assert.match(second.message, /cannot be used: database is locked/)
      yield* Scope.close(first, Exit.void)
      const next = yield* Effect.flatMap(SandboxNode.tapeSqlite(filename), (tape) => start({ tape }))
      assert.deepStrictEqual(yield* next.service.ledger, before)
    })
  )

  it.effect("has what was kept before the process was killed", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporary, "sandbox.db")
      const program = `
        import { tapeSqlite } from ${JSON.stringify(new URL("../src/node.ts", import.meta.url).href)}
        import * as Effect from ${JSON.stringify(import.meta.resolve("effect/Effect"))}
        await Effect.runPromise(Effect.scoped(Effect.map(tapeSqlite(${JSON.stringify(filename)}), (tape) => {
          tape.append("kept")
          process.kill(process.pid, "SIGKILL")
        })))`
      const { signal, stderr } = spawnSync("node", ["--input-type=module", "-e", program], { encoding: "utf8" })
      assert.strictEqual(signal, "SIGKILL", stderr)
      const tape = yield* SandboxNode.tapeSqlite(filename)
      assert.deepStrictEqual(tape.entries(), ["kept"])
    })
  )

  it.effect("is not made of what is none", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const filename = join(folder, "notes.txt")
      writeFileSync(filename, "these are notes, and no database; ".repeat(100))
      for (const path of [filename, join(folder, "nowhere", "sandbox.db"), folder]) {
        const error = yield* Effect.flip(Effect.scoped(SandboxNode.tapeSqlite(path)))
        assert.strictEqual(error._tag, "TapeUnusable")
      }
    })
  )
})
