/**
 * Tells the merchant's story on a stage of its own, and what a forger meets in the end.
 *
 * Everything is real but the platform: RSA keys made for this run, HTTP over loopback, the SDK's own client and webhook.
 */
import { notifications } from "@paykka/schemas/Catalogue"
import type * as Webhook from "@paykka/webhook/Webhook"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Plugin from "@paykka/core/Plugin"
import { type Part, withNeeds } from "./Part.ts"
import * as Stage from "./Stage.ts"
import * as Story from "./Story.ts"
import type { Step } from "./Timeline.ts"

/** Takes each step as it happens. */
export type Tell = (step: Step) => void

const knownOf = (kind: string) => {
  const { path, data } = notifications.find(({ id }) => id === kind)!.provenance
  return Stage.weakest(path, data)
}

const story = Effect.fnUntraced(function* (only: ReadonlyArray<Part>, tell: Tell, logged: Array<Stage.LogLine>) {
  const startedAt = yield* Clock.currentTimeMillis
  const stage = yield* Stage.make(logged)
  tell({ step: "start", sandbox: stage.baseUrl, webhook: stage.webhookUrl, merch_id: Stage.merchId })

  let [calls, verified] = [0, 0]
  let last: { readonly event: Webhook.Event; readonly part: Part } | undefined
  const about = (part: Part, { kind, verified: { key, path } }: Webhook.Event) =>
    ({ step: "notification", part, kind, key_id: key.keyId ?? "", path, known: knownOf(kind) }) as const

  const tellerOf = (part: Part): Story.Teller => {
    const told: Tell = only.includes(part) ? tell : () => undefined
    return {
      calls: (...whats) => {
        for (const [index, facts] of stage.takeCalls().entries()) {
          calls++
          told({ step: "call", part, ...facts, what: whats[index] ?? "" })
        }
      },
      notified: (kind, what) =>
        Effect.map(stage.next(kind), (event) => {
          const data = event.data as Readonly<Record<string, unknown>>
          verified++
          last = { event, part }
          told({ ...about(part, event), verdict: "verified", http_status: 200, what: what(data) })
          return data
        }),
      money: (what) => told({ step: "money", part, what })
    }
  }

  yield* Story.tell(withNeeds(only), tellerOf, stage.sandbox).pipe(
    Effect.provideContext(stage.services),
    Effect.provideService(Plugin.Current, stage.plugins)
  )

  // Whoever has seen a genuine notification may send a copy of it.
  let refused = 0
  if (last !== undefined) {
    const { event, part } = last
    const status = yield* Stage.postTampered(stage.webhookUrl, event)
    if (status !== 401) {
      return yield* new Stage.Unexpected({ detail: `a tampered notification was answered with ${status}` })
    }
    refused++
    const what = "a copy for another merchant, under the genuine signature"
    tell({ ...about(part, event), verdict: "refused", http_status: status, what })
  }
  // The reason of the refusal is in the merchant's log only.
  for (const line of logged.splice(0)) tell({ step: "log", ...line })

  const millis = (yield* Clock.currentTimeMillis) - startedAt
  tell({ step: "summary", calls, verified, refused, millis })
})

/**
 * Tells these parts of the story; what they need happens first, untold. Fails when anything goes otherwise than it must;
 * both sides' logs are then told too.
 */
export const run = (only: ReadonlyArray<Part>, tell: Tell) => {
  const logged: Array<Stage.LogLine> = []
  return story(only, tell, logged).pipe(
    Effect.ensuring(Effect.sync(() => logged.forEach((line) => tell({ step: "log", ...line }))))
  )
}
