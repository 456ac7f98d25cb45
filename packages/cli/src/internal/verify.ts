/** `paykka verify`: whether a message is signed as it should be. */
import * as Diagnosis from "@paykka/signing/Diagnosis"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as ExitCode from "../ExitCode.ts"
import { examine, flags } from "./examine.ts"
import { Failure, usage } from "./Failure.ts"
import { result } from "./output.ts"

export const command = () =>
  Command.make(
    "verify",
    flags(),
    Effect.fnUntraced(function* (given) {
      const { diagnosis } = yield* examine(given)
      const { verdict, summary, findings, hints, keys } = diagnosis
      if (keys.every(({ expected }) => !expected)) {
        return yield* usage(
          "there is no key to verify with",
          "give --key, or the settings of your key and PayKKa's (see paykka doctor)"
        )
      }
      // What was signed instead is for `explain`.
      const shown = Diagnosis.format({ ...diagnosis, findings: [], hints: [], lines: [], corrected: undefined })
      yield* result(diagnosis, shown)
      if (verdict === "Valid") return
      return yield* new Failure({
        exit: ExitCode.failed,
        message: `the message is not signed as it should be`,
        lines: [...findings, ...hints].map(({ code, detail }) => `${code}: ${detail}`),
        hint: "paykka explain tells what to change",
        details: { verdict, summary, causes: findings.map(({ code }) => code) }
      })
    })
  ).pipe(
    Command.withDescription(
      "Verify a signed message, as its receiver would: show the text that should have been signed, line by line, and the header, decoded; end with 0 where the signature is right, with 1 where it is not. A timestamp is judged by --at only, or by the time that a HAR file has."
    ),
    Command.withShortDescription("Verify a signed message"),
    Command.withExamples([
      {
        command: "paykka call va.inquiry --field request_id=R-1 --as curl | paykka verify -",
        description: "a request of your own"
      },
      {
        command: `paykka sign --path /api/v2/merch/va/inquiry --data '{}' --as http | paykka verify - --key merchant.pub.pem`,
        description: "by a certain key"
      }
    ])
  )
