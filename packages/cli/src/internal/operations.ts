/** `paykka operations`: what can be called, and how sure each part of it is. */
import * as Catalogue from "@paykka/schemas/Catalogue"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { columns, result } from "./output.ts"

export const command = () =>
  Command.make(
    "operations",
    {},
    Effect.fnUntraced(function* () {
      const { operations } = Catalogue
      const listed = operations.map((operation) => ({
        id: operation.id,
        title: operation.title,
        effect: operation.effect,
        path: operation.path,
        merchant_header: operation.merchantHeader,
        idempotency_key: operation.idempotencyKey,
        resolved_by: operation.resolvedBy?.id ?? null,
        provenance: {
          path: operation.provenance.path,
          merchant_header: operation.provenance.merchantHeader,
          request: operation.provenance.request,
          response: operation.provenance.response
        },
        sources: operation.sources
      }))
      const width = Math.max(...operations.map(({ path }) => path.length))
      const rows = operations.map(
        ({ id, effect, path, provenance }) =>
          [id, `${effect.padEnd(6)}  ${path.padEnd(width)}  ${provenance.path}`] as const
      )
      yield* result(listed, columns(rows))
    })
  ).pipe(
    Command.withDescription(
      "List the operations: id, effect, path, and how sure the path is (documented, third-party, inferred). --json has the provenance of every part, and its sources."
    ),
    Command.withShortDescription("List the operations of the API"),
    Command.withExamples([
      { command: "paykka operations", description: "all of them" },
      { command: "paykka operations --json", description: "with all that is known of each" }
    ])
  )
