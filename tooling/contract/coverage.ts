/** How much is known of each operation: what the table shows. */
import type { Notification } from "@paykka/schemas/Notification"
import type { Operation } from "@paykka/schemas/Operation"
import * as Shape from "@paykka/schemas/Shape"
import type { Code } from "./code-facts.ts"

export type Level = "documented" | "third-party" | "inferred"

/** Surest first. */
export const levels: ReadonlyArray<Level> = ["documented", "third-party", "inferred"]

/** An operation or notification. */
export interface Row {
  readonly operation: string
  readonly path: string
  readonly request: string
  /** Of a notification: the acknowledgement. */
  readonly response: string
  /** How many fields are known, those inside others included; of a notification those of its `data`. */
  readonly fields: Readonly<Record<Level, number>>
}

const count = (...shapes: ReadonlyArray<Shape.Shape>): Row["fields"] => {
  const marks = shapes.flatMap((shape) => Shape.fields(shape)).map(([, { provenance }]) => provenance)
  const of = (level: Level): number => marks.filter((mark) => mark === level).length
  return { documented: of("documented"), "third-party": of("third-party"), inferred: of("inferred") }
}

const ofOperation = ({ id, provenance, request, response }: Operation): Row => ({
  operation: id,
  path: provenance.path,
  request: provenance.request,
  response: provenance.response,
  fields: count(Shape.of(request), Shape.of(response))
})

const ofNotification = ({ id, provenance, data }: Notification): Row => ({
  operation: id,
  path: provenance.path,
  request: provenance.data,
  response: provenance.acknowledgement,
  fields: count(Shape.of(data))
})

/** One row for each operation and notification that the code has, in the given order of their ids. */
export const coverage = ({ operations, notifications }: Code, order: ReadonlyArray<string>): ReadonlyArray<Row> => {
  const position = ({ operation }: Row): number => (order.includes(operation) ? order.indexOf(operation) : order.length)
  return [...operations.map(ofOperation), ...notifications.map(ofNotification)].toSorted(
    (a, b) => position(a) - position(b)
  )
}

/** The sums of the rows. */
export const total = (rows: ReadonlyArray<Row>): Row["fields"] => {
  const sum = (level: Level): number => rows.reduce((all, { fields }) => all + fields[level], 0)
  return { documented: sum("documented"), "third-party": sum("third-party"), inferred: sum("inferred") }
}
