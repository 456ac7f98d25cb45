import { assert, describe, it } from "@effect/vitest"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Agenda from "../src/internal/agenda.ts"

/** An agenda on a clock that is set by hand, and a record of what ran when. */
const start = (at = 1000) => {
  const clock = { time: at, currentTimeMillisUnsafe: () => clock.time }
  const agenda = Agenda.make(clock as unknown as Clock.Clock)
  const ran: Array<readonly [name: string, at: number]> = []
  const note = (name: string, after: number, then: () => void = () => undefined) =>
    agenda.add(after, () => {
      ran.push([name, agenda.now()])
      then()
    })
  return { clock, agenda, ran, note }
}

describe("the agenda", () => {
  it("goes with the program's clock, and ahead of it by what it was advanced", () => {
    const { clock, agenda } = start()
    assert.strictEqual(agenda.now(), 1000)
    clock.time = 1500
    assert.strictEqual(agenda.now(), 1500)
    agenda.advance(250)
    assert.strictEqual(agenda.now(), 1750)
    clock.time = 1600
    assert.strictEqual(agenda.now(), 1850)
    agenda.advance(0)
    agenda.advance(-1000)
    assert.strictEqual(agenda.now(), 1850)
  })

  it("takes each step at its own time, the earliest first, those of one time in the order of their noting", () => {
    const { agenda, ran, note } = start()
    note("c", 300)
    note("a", 100)
    note("b", 200)
    note("a too", 100)
    note("late", 1001)
    agenda.advance(1000)
    assert.deepStrictEqual(ran, [
      ["a", 1100],
      ["a too", 1100],
      ["b", 1200],
      ["c", 1300]
    ])
    assert.strictEqual(agenda.now(), 2000)
    agenda.advance(1)
    assert.deepStrictEqual(ran.at(-1), ["late", 2001])
  })

  it("takes steps that steps note, as far as they are due within the same time", () => {
    const { agenda, ran, note } = start()
    note("first", 100, () => {
      note("second", 100, () => note("third", 100))
      note("beside", 0)
    })
    note("between", 150)
    agenda.advance(299)
    assert.deepStrictEqual(ran, [
      ["first", 1100],
      ["beside", 1100],
      ["between", 1150],
      ["second", 1200]
    ])
    agenda.advance(1)
    assert.deepStrictEqual(ran.at(-1), ["third", 1300])
  })

  it("takes no step before its time, and none twice", () => {
    const { clock, agenda, ran, note } = start()
    note("a", 100)
    agenda.runDue(0)
    agenda.advance(99)
    assert.deepStrictEqual(ran, [])
    clock.time += 1
    agenda.runDue(0)
    agenda.runDue(0)
    agenda.advance(1000)
    assert.deepStrictEqual(ran, [["a", 1100]])
  })

  it("tells each wait once", () => {
    const { agenda, note } = start()
    note("a", 100)
    note("b", 50)
    assert.deepStrictEqual(agenda.takeNoted(), [
      { millis: 100, until: 1100 },
      { millis: 50, until: 1050 }
    ])
    assert.deepStrictEqual(agenda.takeNoted(), [])
  })

  it("takes a step whose wait is over although the clock is behind: a timer fires early, or the clock is set back", () => {
    for (const behind of [1, 5000]) {
      const { clock, agenda, ran, note } = start(10_000)
      note("a", 1000)
      note("b", 1001)
      const [wait] = agenda.takeNoted()
      clock.time = wait!.until - behind
      agenda.runDue(wait!.until)
      assert.deepStrictEqual(ran, [["a", 11_000]])
      // The time has not gone back since.
      assert.strictEqual(agenda.now(), 11_000)
    }
  })

  it.live("on the real clock a step is taken without anybody's help", () =>
    Effect.gen(function* () {
      const clock = yield* Effect.clockWith(Effect.succeed)
      const agenda = Agenda.make(clock)
      let done = false
      agenda.add(1, () => {
        done = true
      })
      for (const { millis, until } of agenda.takeNoted()) {
        yield* Effect.sleep(millis)
        agenda.runDue(until)
      }
      assert.isTrue(done)
    })
  )
})
