/** The operation that is called by a path. */
import * as Catalogue from "@paykka/schemas/Catalogue"
import type { Operation } from "@paykka/schemas/Operation"

export const operationAt = (wanted: string): Operation | undefined =>
  Catalogue.operations.find(({ path, pathAlternatives = [] }) => path === wanted || pathAlternatives.includes(wanted))
