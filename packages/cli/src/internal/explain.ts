/** `paykka explain`: why a signature is refused, and what to change. */
import * as Diagnosis from "@paykka/signing/Diagnosis"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Examined, examine, flags, type Given } from "./examine.ts"
import { note, result } from "./output.ts"
import { quote } from "./wireRequest.ts"

/** How the message is mended at once, where that is oneself's to do. */
const remedy = ({ diagnosis, isOwn }: Examined, { message }: Given): string | undefined =>
  isOwn && diagnosis.findings.length > 0 && Option.isSome(message) && message.value !== "-"
    ? `paykka sign ${quote(message.value)} --as curl`
    : undefined

export const command = () =>
  Command.make(
    "explain",
    flags(),
    Effect.fnUntraced(function* (given) {
      const examined = yield* examine(given)
      const { diagnosis, message } = examined
      const { notes } = message
      for (const each of notes) yield* note(`note: ${each}`)
      const sign = remedy(examined, given)
      const text = Diagnosis.format(diagnosis)
      yield* result(
        { ...diagnosis, notes, remedy: sign ?? null },
        sign === undefined ? text : `${text}\n\nTo sign it anew: ${sign}`
      )
    })
  ).pipe(
    Command.withDescription(
      "Say why a signature is refused: what was signed instead, found by trying the known mistakes alone and two at a time, line by line, and what to change. Shows of a body its ends and the first difference, with the digits masked. Ends with 0 whatever is found; paykka verify is for scripts. Nothing is sent."
    ),
    Command.withShortDescription("Say why a signature is refused"),
    Command.withExamples([
      {
        command: "paykka call va.inquiry --field request_id=R-1 --as curl | sed s/R-1/R-2/ | paykka explain -",
        description: "a request that was changed after it was signed"
      },
      {
        command: "paykka call va.inquiry --field request_id=R-1 --as curl | paykka explain - --key platform.pub.pem",
        description: "by a certain key"
      }
    ])
  )
