/** What every journal must do, on its real engine. */
import { randomBytes } from "node:crypto"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Journal from "@paykka/core/Journal"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

/** Gives the layer of a journal in a place of its own. Each time it is built there are connections of their own, to that place. */
export type MakeJournal = () => Layer.Layer<Journal.Journal, unknown>

/** Where the suite runs. */
export interface Settings {
  readonly skip?: boolean
  /** Whether it lives in the memory of a process, so that every one that is built is another. */
  readonly isInMemory?: boolean
}

/** An id that no other write has. */
export const makeId = (): string => randomBytes(16).toString("hex")

export const intent = (id: string, change: Partial<Journal.Intent> = {}): Journal.Intent => ({
  _tag: "Intent",
  id,
  at: 1_795_598_950_381,
  operation: "payment.apply",
  merchId: "M24061911365700670",
  key: { field: "request_id", value: `R${id.slice(1)}` },
  owner: "host-1",
  ...change
})

export const attempt = (id: string, nth = 1, at = 1_795_598_951_000 + nth): Journal.Attempt => ({
  _tag: "Attempt",
  id,
  at,
  attempt: nth
})

export const outcome = (id: string, ending: Journal.Ending, reason: string | null = null): Journal.Outcome => ({
  _tag: "Outcome",
  id,
  at: 1_795_598_952_000,
  outcome: ending,
  reason
})

/** What the journal must list of a write, in words that do not depend on its own. */
const listed = (
  { id, at, operation, merchId, key, owner }: Journal.Intent,
  attempts: ReadonlyArray<Journal.Attempt> = []
): Journal.Unfinished => ({
  id,
  operation,
  merchId: merchId ?? undefined,
  key,
  owner,
  intendedAt: at,
  attempts: attempts.length,
  lastAttemptAt: attempts.at(-1)?.at
})

/** Two that have the same store, or one for both where there is nothing to share. */
const connect = (place: Layer.Layer<Journal.Journal, unknown>, isInMemory: boolean) =>
  Effect.gen(function* () {
    const build = Effect.map(Layer.build(Layer.fresh(place)), Context.get(Journal.Journal))
    const first = yield* build
    return [first, isInMemory ? first : yield* build] as const
  })

/** Texts of which a database, a statement or an encoding may make something else. */
const texts = [
  "",
  " R 1 ",
  "R-1'; DROP TABLE paykka_journal; --",
  `"'\\"\\'\`$1 $$ ? %s {} \\u0041 \\0`,
  "\0",
  "a\0b",
  "a\uFFFDb",
  "a\uD83Cb",
  "a\uDFE6b",
  "\r\n\t\u007F\u0085\u2028",
  "数据库 🏦 \u0301e é \u{10FFFF}",
  "__proto__",
  "null",
  "M".repeat(10_000)
]

/** What happens to a write, over which connection. */
const happening = Schema.Struct({
  write: Schema.Literals([0, 1, 2, 3, 4]),
  what: Schema.Literals(["attempt", "attempt", "unknown", "processed", "refused", "not processed"]),
  connection: Schema.Literals([0, 1])
})

/** Of one write, kept by the plain words of the documentation. */
interface Model {
  readonly intent: Journal.Intent
  readonly attempts: Array<Journal.Attempt>
  isOpen: boolean
}

/** Declares the tests of a journal. */
export const journalSuite = (
  engine: string,
  make: MakeJournal,
  { skip = false, isInMemory = false }: Settings = {}
): void => {
  describe.skipIf(skip)(`the journal of ${engine}`, () => {
    const run =
      (use: (journal: Journal.Service, other: Journal.Service) => Effect.Effect<void, unknown>) =>
      (): Effect.Effect<void, unknown> =>
        Effect.scoped(Effect.flatMap(connect(make(), isInMemory), ([journal, other]) => use(journal, other)))

    it.live.each<{ readonly name: string; readonly entries: (id: string) => ReadonlyArray<Journal.Entry> }>([
      { name: "nothing more", entries: () => [] },
      { name: "a request", entries: (id) => [attempt(id)] },
      { name: "several requests", entries: (id) => [attempt(id), attempt(id, 2, 7), attempt(id, 3, 5)] },
      {
        name: "an outcome that is not known",
        entries: (id) => [attempt(id), outcome(id, "unknown", "OutcomeUnknown")]
      },
      { name: "a request after its outcome", entries: (id) => [attempt(id), outcome(id, "processed"), attempt(id, 2)] },
      {
        name: "a request and another outcome that is not known",
        entries: (id) => [outcome(id, "not processed"), attempt(id), outcome(id, "unknown"), outcome(id, "unknown")]
      },
      {
        name: "an outcome that is not known after one that was",
        entries: (id) => [outcome(id, "refused"), outcome(id, "unknown")]
      }
    ])("lists a write with $name", ({ entries }) =>
      run((journal, other) =>
        Effect.gen(function* () {
          const first = intent(makeId())
          const all = entries(first.id)
          for (const entry of [first, ...all]) yield* journal.append(entry)
          const attempts = all.filter(({ _tag }) => _tag === "Attempt") as ReadonlyArray<Journal.Attempt>
          assert.deepStrictEqual(yield* other.unfinished(), [listed(first, attempts)])
        })
      )()
    )

    it.live.each<{ readonly name: string; readonly endings: ReadonlyArray<Journal.Ending> }>([
      { name: "well", endings: ["processed"] },
      { name: "with a refusal", endings: ["refused"] },
      { name: "before it was processed", endings: ["not processed"] },
      { name: "when it was found out", endings: ["unknown", "processed"] },
      { name: "twice", endings: ["processed", "not processed"] }
    ])("does not list a write that has ended $name", ({ endings }) =>
      run((journal, other) =>
        Effect.gen(function* () {
          const [ended, open] = [makeId(), intent(makeId())]
          yield* journal.append(intent(ended))
          yield* journal.append(open)
          yield* journal.append(attempt(ended))
          for (const ending of endings) yield* journal.append(outcome(ended, ending, "Rejected"))
          assert.deepStrictEqual(yield* other.unfinished(), [listed(open)])
        })
      )()
    )

    it.live(
      "does not list what was never intended",
      run((journal) =>
        Effect.gen(function* () {
          yield* journal.append(attempt(makeId()))
          yield* journal.append(outcome(makeId(), "unknown"))
          assert.deepStrictEqual(yield* journal.unfinished(), [])
        })
      )
    )

    it.live(
      "gives back every text as it was, and knows owners by it",
      run((journal, other) =>
        Effect.gen(function* () {
          const intents = texts.map((text, nth) =>
            intent(`${makeId()}${text.slice(0, 100)}`, {
              operation: `${text}o`,
              merchId: `${text}m`,
              key: { field: `${text}f`, value: text },
              owner: text,
              at: nth
            })
          )
          const nothing = intent(makeId(), { merchId: null, key: null, owner: "nobody" })
          for (const each of [...intents, nothing]) yield* journal.append(each)
          assert.deepStrictEqual(
            yield* other.unfinished(),
            [...intents, nothing].map((each) => listed(each))
          )
          for (const each of intents) {
            assert.deepStrictEqual(yield* other.unfinished({ owner: each.owner }), [listed(each)])
          }
          for (const each of intents) yield* journal.append(outcome(each.id, "processed", each.owner))
          assert.deepStrictEqual(yield* other.unfinished(), [listed(nothing)])
        })
      )
    )

    it.live(
      "lists the oldest first, of one owner or of all, and no more than it should",
      run((journal, other) =>
        Effect.gen(function* () {
          // In the order in which they were appended, whatever their ids and times.
          const intents = ["c", "a", "d", "b", "e", "f"].map((name, nth) =>
            intent(name + makeId(), { owner: nth % 2 === 0 ? "even" : "odd", at: 1000 - nth })
          )
          for (const each of intents) yield* journal.append(each)
          yield* journal.append(outcome(intents[2]!.id, "processed"))
          // The last that happened does not make it younger.
          yield* journal.append(attempt(intents[0]!.id))
          yield* journal.append(outcome(intents[0]!.id, "processed"))
          yield* journal.append(attempt(intents[0]!.id, 2))
          const names = (options?: Journal.UnfinishedOptions) =>
            Effect.map(other.unfinished(options), (all) => all.map(({ id }) => id[0]).join(""))
          assert.strictEqual(yield* names(), "cabef")
          assert.strictEqual(yield* names({ limit: 2 }), "ca")
          assert.strictEqual(yield* names({ owner: "even" }), "ce")
          assert.strictEqual(yield* names({ owner: "odd", limit: 2 }), "ab")
          assert.strictEqual(yield* names({ owner: "ev" }), "")
        })
      )
    )

    it.live(
      "lists a thousand where nothing else is said",
      run((journal) =>
        Effect.gen(function* () {
          const ids = Array.from({ length: 1000 }, makeId)
          yield* Effect.forEach(ids, (id) => journal.append(intent(id)), { concurrency: "unbounded", discard: true })
          yield* journal.append(intent("the last"))
          assert.sameMembers(
            (yield* journal.unfinished()).map(({ id }) => id),
            ids
          )
          assert.strictEqual((yield* journal.unfinished({ limit: 2000 })).length, 1001)
        })
      )
    )

    it.live(
      "takes the writes of two at once: each is listed until its own outcome",
      run((journal, other) =>
        Effect.gen(function* () {
          const intents = Array.from({ length: 64 }, () => intent(makeId()))
          yield* Effect.forEach(
            intents,
            (each, nth) =>
              Effect.gen(function* () {
                // One write may be continued by another process than the one that began it.
                const [one, two] = nth % 2 === 0 ? [journal, other] : [other, journal]
                yield* one.append(each)
                yield* one.append(attempt(each.id))
                yield* two.append(outcome(each.id, nth % 4 === 0 ? "unknown" : "processed"))
                if (nth % 8 === 7) yield* one.append(attempt(each.id, 2))
              }),
            { concurrency: "unbounded", discard: true }
          )
          const expected = intents.flatMap((each, nth) => {
            if (nth % 4 === 0) return [listed(each, [attempt(each.id)])]
            return nth % 8 === 7 ? [listed(each, [attempt(each.id), attempt(each.id, 2)])] : []
          })
          const byId = (all: ReadonlyArray<Journal.Unfinished>) => all.toSorted((a, b) => (a.id < b.id ? -1 : 1))
          for (const each of [journal, other]) assert.deepStrictEqual(byId(yield* each.unfinished()), byId(expected))
        })
      )
    )

    it.live(
      "takes an attempt and an outcome of one write at once, and what comes after them counts",
      run((journal, other) =>
        Effect.gen(function* () {
          const ids = Array.from({ length: 32 }, makeId)
          for (const id of ids) yield* journal.append(intent(id))
          yield* Effect.forEach(
            ids.flatMap((id) => [journal.append(attempt(id)), other.append(outcome(id, "processed"))]),
            (append) => append,
            { concurrency: "unbounded", discard: true }
          )
          const half = ids.filter((_, nth) => nth % 2 === 0)
          for (const id of ids)
            yield* half.includes(id) ? other.append(attempt(id, 2)) : other.append(outcome(id, "processed"))
          assert.deepStrictEqual(
            (yield* journal.unfinished()).map(({ id }) => id),
            half
          )
        })
      )
    )

    if (!isInMemory) {
      it.live("has after a restart what it had before", () =>
        Effect.gen(function* () {
          const place = make()
          const life = (use: (journal: Journal.Service) => Effect.Effect<void, unknown>) =>
            Effect.provide(Journal.Journal.use(use), Layer.fresh(place))
          const [first, second, third] = [intent(makeId()), intent(makeId()), intent(makeId())]
          yield* life((journal) =>
            Effect.forEach([first, second, attempt(first.id), outcome(second.id, "unknown")], journal.append, {
              discard: true
            })
          )
          yield* life((journal) =>
            Effect.gen(function* () {
              assert.deepStrictEqual(yield* journal.unfinished(), [listed(first, [attempt(first.id)]), listed(second)])
              yield* journal.append(outcome(first.id, "not processed"))
              yield* journal.append(third)
            })
          )
          yield* life((journal) =>
            Effect.gen(function* () {
              assert.deepStrictEqual(yield* journal.unfinished(), [listed(second), listed(third)])
            })
          )
        })
      )
    }

    class Two extends Context.Service<Two, readonly [Journal.Service, Journal.Service]>()("Two") {}

    layer(
      Layer.effect(
        Two,
        Effect.suspend(() => connect(make(), isInMemory))
      ),
      { excludeTestServices: true }
    )((each) => {
      each.effect.prop(
        "lists of any writes, in any order, those without a last outcome that decides",
        [Schema.Array(happening)],
        ([happenings]) =>
          Effect.gen(function* () {
            const connections = yield* Two
            const owner = makeId()
            const models = new Map<number, Model>()
            for (const [nth, { write, what, connection }] of happenings.entries()) {
              const journal = connections[connection]
              const model = models.get(write)
              if (model === undefined) {
                const begun = intent(makeId(), { owner, at: nth })
                models.set(write, { intent: begun, attempts: [], isOpen: true })
                yield* journal.append(begun)
                continue
              }
              const { id } = model.intent
              if (what === "attempt") {
                const next = attempt(id, model.attempts.length + 1, nth)
                model.attempts.push(next)
                model.isOpen = true
                yield* journal.append(next)
              } else {
                model.isOpen = what === "unknown"
                yield* journal.append(outcome(id, what))
              }
            }
            const expected = [...models.values()].filter(({ isOpen }) => isOpen)
            for (const journal of connections) {
              assert.deepStrictEqual(
                yield* journal.unfinished({ owner }),
                expected.map((model) => listed(model.intent, model.attempts))
              )
            }
          }),
        { arbitrary: { runs: 40 } }
      )
    })
  })
}
