/** What a client says when it is over. */
import * as Data from "effect/Data"

/** The client, or the webhooks, have been disposed of. Rejects what is called afterwards, and what was under way. */
export class Disposed
  extends /*#__PURE__*/ Data.TaggedError("Disposed")<{
    /** Whether the call had begun: what became of a write is then not known. */
    readonly wasUnderWay: boolean
  }>
{
  override get message(): string {
    return this.wasUnderWay
      ? "disposed of before the call had ended; what became of a write is not known"
      : "disposed of already"
  }
}
