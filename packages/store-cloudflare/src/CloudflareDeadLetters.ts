/** Dead letters in a Durable Object. */
import * as DeadLetters from "@paykka/webhook/DeadLetters"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { ObjectNamespace } from "./Bindings.ts"
import type { Request } from "./DeadLettersObject.ts"
import { ask, checkNamespace } from "./internal/object.ts"

/** Settings of the dead letters. */
export interface Options {
  /** The binding of the class `DeadLettersObject`. */
  readonly namespace: ObjectNamespace
  /** The name of the object: one for each inbox. Default: `paykka-inbox`. */
  readonly name?: string | undefined
  /** How long to wait for an answer. Default: 10 seconds. */
  readonly timeout?: Duration.Input | undefined
}

const Letters = /*#__PURE__*/ Schema.Struct({
  letters: /*#__PURE__*/ Schema.Array(/*#__PURE__*/ Schema.fromJsonString(DeadLetters.DeadLetter))
})
const decode = /*#__PURE__*/ Schema.decodeUnknownEffect(Letters)

/** Builds the service. Dies where an option cannot be used. */
export const make = (options: Options): Effect.Effect<DeadLetters.Service> =>
  Effect.sync(() => {
    const { namespace, name = "paykka-inbox", timeout = "10 seconds" } = options
    checkNamespace(namespace, "the store of dead letters")
    const call = (
      request: Request
    ): Effect.Effect<ReadonlyArray<DeadLetters.DeadLetter>, DeadLetters.DeadLettersUnavailable> =>
      ask(namespace, name, request, timeout).pipe(
        Effect.mapError(({ detail, cause }) => new DeadLetters.DeadLettersUnavailable({ detail, cause })),
        Effect.flatMap((answer) =>
          Effect.mapBoth(decode(answer), {
            onSuccess: ({ letters }) => letters,
            onFailure: (cause) => new DeadLetters.DeadLettersUnavailable({ detail: "a letter cannot be read", cause })
          })
        )
      )
    return DeadLetters.DeadLetters.of({
      put: (letter) => Effect.asVoid(call({ op: "put", id: letter.id, letter: JSON.stringify(letter) })),
      list: ({ after = "", limit = DeadLetters.standardLimit } = {}) => call({ op: "list", after, limit }),
      get: (id) => Effect.map(call({ op: "get", id }), ([letter]) => Option.fromUndefinedOr(letter)),
      remove: (id) => Effect.asVoid(call({ op: "remove", id }))
    })
  })

/** The layer of {@link make}. */
export const layer = (options: Options): Layer.Layer<DeadLetters.DeadLetters> =>
  Layer.effect(DeadLetters.DeadLetters, make(options))
