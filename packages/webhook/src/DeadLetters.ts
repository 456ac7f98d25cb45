/** Notifications that could not be handled, kept until a person decides. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Redacted from "effect/Redacted"
import { type Told, hidden } from "./internal/hidden.ts"
import { Stored } from "./Stored.ts"

/** A notification that was given up; the schema is for stores. */
export const DeadLetter = /*#__PURE__*/ Schema.Struct({
  /** The notification's id: see `Stored`. */
  id: Schema.String,
  /** What came. */
  stored: Stored,
  /** What the last attempt said of itself, cut at 500 characters. */
  error: Schema.String,
  /** How many times it was tried. */
  attempts: Schema.Finite,
  /** When it was given up, in milliseconds since the epoch. */
  failedAt: Schema.Finite
})
export type DeadLetter = typeof DeadLetter.Type

/** The store of dead letters did not answer. */
export class DeadLettersUnavailable
  extends /*#__PURE__*/ Data.TaggedError("DeadLettersUnavailable")<{
    readonly detail: string
    /** The failure of the store, where one failed; hidden, since it may hold an address or a password. */
    readonly cause?: Redacted.Redacted<unknown>
  }>
{
  constructor(told: Told) {
    super(hidden(told))
  }

  override get message(): string {
    return `the dead letters are not available: ${this.detail}`
  }
}

/** Which dead letters to list: by id, ascending. */
export interface Page {
  /** Only those after this id. */
  readonly after?: string | undefined
  /** How many at most. Default: 100. */
  readonly limit?: number | undefined
}

/** The service. */
export interface Service {
  /** Keeps a letter; one of the same id is replaced. */
  readonly put: (letter: DeadLetter) => Effect.Effect<void, DeadLettersUnavailable>
  /** Lists letters in the order of their ids. */
  readonly list: (page?: Page) => Effect.Effect<ReadonlyArray<DeadLetter>, DeadLettersUnavailable>
  /** A letter by its id. */
  readonly get: (id: string) => Effect.Effect<Option.Option<DeadLetter>, DeadLettersUnavailable>
  /** Forgets a letter; nothing happens where there is none. */
  readonly remove: (id: string) => Effect.Effect<void, DeadLettersUnavailable>
}

/** Keeps dead letters. See {@link Service}. */
export class DeadLetters extends /*#__PURE__*/ Context.Service<DeadLetters, Service>()("@paykka/webhook/DeadLetters") {}

/** The default of `limit`. */
export const standardLimit = 100

/** Dead letters in the memory of one process: for tests and first steps. */
export const layerMemory: Layer.Layer<DeadLetters> = /*#__PURE__*/ Layer.effect(
  DeadLetters,
  /*#__PURE__*/ Effect.sync(() => {
    const letters = new Map<string, DeadLetter>()
    return DeadLetters.of({
      put: (letter) => Effect.sync(() => void letters.set(letter.id, letter)),
      list: ({ after = "", limit = standardLimit } = {}) =>
        Effect.sync(() =>
          [...letters.values()]
            .filter(({ id }) => id > after)
            .toSorted((a, b) => (a.id < b.id ? -1 : 1))
            .slice(0, limit)
        ),
      get: (id) => Effect.sync(() => Option.fromUndefinedOr(letters.get(id))),
      remove: (id) => Effect.sync(() => void letters.delete(id))
    })
  })
)
