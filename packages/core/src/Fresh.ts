/** Whether an answer must come from the platform itself, now, and not from what a plugin has kept. */
import * as Context from "effect/Context"

/**
 * Waits and questions for an outcome ask so. For calls of your own: `Effect.provideService(call, Fresh.Fresh, true)`. Default:
 * false.
 */
export class Fresh
  extends /*#__PURE__*/ Context.Reference<boolean>("@paykka/core/Fresh", {
    defaultValue: () => false
  }) {}
