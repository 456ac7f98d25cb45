/** The Durable Object of the dead letters: their texts by id, in its SQLite storage. */
import type { ObjectState } from "./Bindings.ts"

/** What is asked of it. */
export type Request =
  | { readonly op: "put"; readonly id: string; readonly letter: string }
  | { readonly op: "list"; readonly after: string; readonly limit: number }
  | { readonly op: "get"; readonly id: string }
  | { readonly op: "remove"; readonly id: string }

/** What it answers: the letters that were asked for. */
export type Answer = { readonly letters: ReadonlyArray<string> }

/**
 * Export it from the worker, and name it in the wrangler configuration: a binding, and a migration with `new_sqlite_classes`.
 * It holds what came, personal data included. A letter may have 2 MB.
 */
export class DeadLettersObject {
  readonly #sql: ObjectState["storage"]["sql"]

  constructor({ storage }: ObjectState) {
    this.#sql = storage.sql
    this.#sql.exec("CREATE TABLE IF NOT EXISTS letters (id TEXT PRIMARY KEY, letter TEXT NOT NULL)")
  }

  /** Answers. */
  async fetch(request: globalThis.Request): Promise<Response> {
    const asked = (await request.json()) as Request
    switch (asked.op) {
      case "put":
        return this.#answer("INSERT OR REPLACE INTO letters (id, letter) VALUES (?, ?)", asked.id, asked.letter)
      case "list":
        return this.#answer("SELECT letter FROM letters WHERE id > ? ORDER BY id LIMIT ?", asked.after, asked.limit)
      case "get":
        return this.#answer("SELECT letter FROM letters WHERE id = ?", asked.id)
      case "remove":
        return this.#answer("DELETE FROM letters WHERE id = ?", asked.id)
      default:
        return new Response(null, { status: 400 })
    }
  }

  #answer(query: string, ...values: ReadonlyArray<string | number>): Response {
    const letters = Array.from(this.#sql.exec(query, ...values), ({ letter }) => letter as string)
    return Response.json({ letters } satisfies Answer)
  }
}
