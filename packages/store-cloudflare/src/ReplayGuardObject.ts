/** The Durable Object of the replay guard: the deliveries of one shard, in its SQLite storage. */
import type { ObjectState } from "./Bindings.ts"

/** What the guard asks of it. Times are in milliseconds. */
export type Request =
  | {
      readonly op: "claim"
      readonly id: string
      readonly signature: string
      /** A claim that is made again with its own token is the same claim. */
      readonly token: string
      readonly lease: number
    }
  | { readonly op: "commit"; readonly id: string; readonly token: string; readonly retention: number }
  | { readonly op: "release"; readonly id: string; readonly token: string }

/** What it answers. */
export type Answer = { readonly _tag: "Claimed" | "Handled" | "Busy" | "Conflict" | "Done" | "Lost" }

const day = 24 * 60 * 60 * 1000

/**
 * Export it from the worker, and name it in the wrangler configuration: a binding, and a migration with `new_sqlite_classes`.
 *
 * An object does one thing at a time, and between reading and writing here nothing is awaited: so each step is atomic. No answer
 * leaves the object before what it says is on disk. Time is that of the object's machine.
 */
export class ReplayGuardObject {
  readonly #storage: ObjectState["storage"]

  constructor({ storage }: ObjectState) {
    this.#storage = storage
    // Whose token is null has been handled.
    storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS deliveries (
        id TEXT PRIMARY KEY, signature TEXT NOT NULL, token TEXT, until INTEGER NOT NULL
      ) WITHOUT ROWID`
    )
  }

  /** Answers the guard. */
  async fetch(request: globalThis.Request): Promise<Response> {
    const asked = (await request.json()) as Request
    const { sql } = this.#storage
    const now = Date.now()
    switch (asked.op) {
      case "claim": {
        const answer = this.#claim(asked, now)
        if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(now + asked.lease)
        return Response.json(answer)
      }
      case "commit": {
        const done = sql.exec(
          "UPDATE deliveries SET token = NULL, until = ? WHERE id = ? AND token = ? AND until > ? RETURNING id",
          now + asked.retention,
          asked.id,
          asked.token,
          now
        )
        return Response.json({ _tag: [...done].length > 0 ? "Done" : "Lost" } satisfies Answer)
      }
      case "release":
        sql.exec("DELETE FROM deliveries WHERE id = ? AND token = ? AND until > ?", asked.id, asked.token, now)
        return Response.json({ _tag: "Done" } satisfies Answer)
      default:
        return new Response(null, { status: 400 })
    }
  }

  #claim({ id, signature, token, lease }: Extract<Request, { op: "claim" }>, now: number): Answer {
    const { sql } = this.#storage
    const [entry] = sql.exec("SELECT signature, token FROM deliveries WHERE id = ? AND until > ?", id, now)
    if (entry === undefined) {
      sql.exec(
        "INSERT OR REPLACE INTO deliveries (id, signature, token, until) VALUES (?, ?, ?, ?)",
        id,
        signature,
        token,
        now + lease
      )
      return { _tag: "Claimed" }
    }
    if (entry["signature"] !== signature) return { _tag: "Conflict" }
    if (entry["token"] === null) return { _tag: "Handled" }
    return { _tag: entry["token"] === token ? "Claimed" : "Busy" }
  }

  /**
   * Deletes what is over. It comes again when all that is left will be over, at the latest after a day: so what is over is gone within
   * a day, and an object that nobody uses any more ends empty and without alarm.
   */
  async alarm(): Promise<void> {
    const now = Date.now()
    this.#storage.sql.exec("DELETE FROM deliveries WHERE until <= ?", now)
    const [left] = this.#storage.sql.exec("SELECT max(until) AS last FROM deliveries")
    const last = left?.["last"]
    if (typeof last === "number") await this.#storage.setAlarm(Math.min(last, now + day))
  }
}
