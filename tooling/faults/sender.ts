/** The platform's side: sends notifications, each as often as it takes until it is answered with 200. */
import { setTimeout as sleep } from "node:timers/promises"
import { notification as va } from "@paykka/schemas/Va"
import * as Testing from "@paykka/webhook/testing"
import * as Effect from "effect/Effect"
import { idOf } from "./steps.ts"

const merchId = "M24061911365700670"

/** A notification that waits to be sent. */
export interface Outgoing {
  readonly id: string
  readonly signed: Testing.Signed
}

/** Signs notifications. Those of the status `FAIL` have no handler that could handle them. */
export const make = (key: Testing.Key, amount: number, status: "ENABLED" | "FAIL" = "ENABLED") =>
  Effect.forEach(Array.from({ length: amount }), () => {
    const nonce = crypto.randomUUID().replaceAll("-", "")
    return Effect.map(
      Testing.sign(va, { request_id: `R${nonce}`, status }, { key, merchId, nonce }),
      (signed): Outgoing => ({ id: idOf(merchId, nonce), signed })
    )
  })

/** How often was sent, and what was answered. */
export class Tally {
  requests = 0
  /** Answers by their status; 0 where there was none. */
  readonly answers = new Map<number, number>()

  note(status: number): void {
    this.requests++
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1)
  }
}

const post = async (signed: Testing.Signed, origin: string): Promise<number> => {
  try {
    const response = await fetch(signed.request(origin), { signal: AbortSignal.timeout(30_000) })
    await response.arrayBuffer()
    return response.status
  } catch {
    return 0
  }
}

/** Sends all, eight at once. `origin` tells where the receiving process is now. Rejects where one is refused, which none should be. */
export const sendAll = async (
  outgoing: ReadonlyArray<Outgoing>,
  origin: () => Promise<string>,
  tally: Tally,
  onAnswered: () => void = () => {}
): Promise<void> => {
  const rest = outgoing.values()
  const send = async (): Promise<void> => {
    for (const { signed } of rest) {
      for (;;) {
        const status = await post(signed, await origin())
        tally.note(status)
        if (status === 200) break
        if (status >= 400 && status < 500) throw new Error(`a genuine notification was answered ${status}`)
        await sleep(50)
      }
      onAnswered()
    }
  }
  await Promise.all(Array.from({ length: 8 }, send))
}
