/** The sandbox's log as it happens: a line for each entry, and beneath a refused signature why. */
import * as Json from "@paykka/schemas/Json"
import type { LogEntry } from "@paykka/sandbox/Sandbox"

const words = (entry: LogEntry): ReadonlyArray<string | undefined> => {
  switch (entry.kind) {
    case "request":
      return [String(entry.status), entry.operation ?? entry.path, entry.retCode, entry.requestId]
    case "notification":
      return [
        "sent",
        entry.notification,
        entry.failure === undefined
          ? `acknowledged, delivery ${entry.deliveries}`
          : `not acknowledged: ${entry.failure}`
      ]
    case "fault":
      return ["fault", entry.operation ?? entry.path, entry.fault, entry.requestId]
  }
}

export const lineOf = (entry: LogEntry, asJson: boolean): string => {
  const at = new Date(entry.at).toISOString()
  if (asJson) return Json.stringify({ ...entry, at })
  const line = [at.slice(11, 23), ...words(entry).filter((word) => word !== undefined)].join("  ")
  const explanation = entry.kind === "request" ? entry.explanation : undefined
  return explanation === undefined ? line : [line, ...explanation.split("\n").map((each) => `    ${each}`)].join("\n")
}
