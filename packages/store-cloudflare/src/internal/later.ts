/** Lets a message come again. */
import * as Duration from "effect/Duration"
import type { QueueMessage } from "../Bindings.ts"

const standard = (attempts: number): Duration.Input => Duration.seconds(Math.min(2 ** (attempts - 1), 300))

/** After a wait that depends on the number of attempts, of at most a day, which is Cloudflare's limit. */
export const later = (
  message: QueueMessage,
  delay: ((attempts: number) => Duration.Input) | undefined = standard
): void => {
  const seconds = Duration.toSeconds(Duration.fromInputUnsafe(delay(message.attempts)))
  message.retry({ delaySeconds: Math.ceil(Math.min(Math.max(seconds, 0), 86_400)) })
}
