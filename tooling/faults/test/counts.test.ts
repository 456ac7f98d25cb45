import { assert, describe, it } from "@effect/vitest"
import { areSettled, count } from "../counts.ts"
import { lockMillis } from "../engines/settings.ts"
import { type Entry, type What, now } from "../journal.ts"

type Line = readonly [what: What, at: number, pid?: number, attempt?: number]

/** What happened to the notification `n`: each thing with its time and process. */
const journal = (...lines: ReadonlyArray<Line>): Array<Entry> =>
  lines.map(([what, at, pid = 1, attempt = 1]) => ({ what, id: "n", attempt, pid, at }))

const repetition = (...lines: ReadonlyArray<Line>) => {
  const { repeated, undue } = count(["n"], journal(...lines), new Set())
  return [repeated, undue.length]
}

describe("counting", () => {
  it("tells what was handled from what is a dead letter and what is lost", () => {
    const counts = count(
      ["n", "dead", "lost"],
      [...journal(["taken", 0], ["handled", 1]), { what: "failed", id: "lost", attempt: 1, pid: 1, at: 2 }],
      new Set(["dead", "n"])
    )
    assert.deepStrictEqual(counts, { notifications: 3, handled: 1, dead: 1, lost: ["lost"], repeated: 0, undue: [] })
  })

  it("allows another run where the process died before the acknowledgement", () => {
    assert.deepStrictEqual(repetition(["taken", 0], ["handled", 1], ["taken", 2, 2, 2], ["handled", 3, 2, 2]), [1, 0])
  })

  it("does not allow it where the first was acknowledged in time", () => {
    assert.deepStrictEqual(
      repetition(["taken", 0], ["handled", 1], ["acknowledged", 2], ["taken", 9000, 2, 2], ["handled", 9001, 2, 2]),
      [0, 1]
    )
  })

  it("does not allow it while the process that has it lives and its lock cannot be over", () => {
    assert.deepStrictEqual(repetition(["taken", 0], ["handled", 1], ["taken", 2, 1, 2], ["handled", 3, 1, 2]), [0, 1])
  })

  it("allows it where the lock may have been over before the acknowledgement, or without one", () => {
    const late = lockMillis
    assert.deepStrictEqual(
      repetition(["taken", 0], ["handled", 1], ["taken", late, 1, 2], ["handled", late + 1, 1, 2]),
      [1, 0]
    )
    assert.deepStrictEqual(
      repetition(["taken", 0], ["handled", 1], ["acknowledged", late], ["taken", late, 2, 2], ["handled", late, 2, 2]),
      [1, 0]
    )
  })

  it("asks it of all earlier runs", () => {
    assert.deepStrictEqual(
      repetition(
        ["handled", 1],
        ["taken", 2, 2, 2],
        ["handled", 3, 2, 2],
        ["acknowledged", 4, 2, 2],
        ["taken", 5, 3, 3],
        ["handled", 6, 3, 3]
      ),
      [1, 1]
    )
  })
})

describe("being settled", () => {
  it("is to be acknowledged, or handled so long ago that the lock is over", () => {
    const is = (...lines: ReadonlyArray<Line>) => areSettled(["n"], journal(...lines))
    const longAgo = now() - 10 * lockMillis
    assert.isFalse(is())
    assert.isFalse(is(["taken", longAgo]))
    assert.isFalse(is(["taken", now()], ["handled", now()]))
    assert.isFalse(is(["handled", longAgo], ["taken", now(), 2]))
    assert.isFalse(is(["failed", longAgo]))
    assert.isTrue(is(["taken", now()], ["handled", now()], ["acknowledged", now()]))
    assert.isTrue(is(["taken", longAgo], ["handled", longAgo]))
    assert.isTrue(is(["given up", longAgo]))
  })
})
