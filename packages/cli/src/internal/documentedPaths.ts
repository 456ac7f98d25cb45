/** The paths of the contract. */
import * as Catalogue from "@paykka/schemas/Catalogue"
import type { Operation } from "@paykka/schemas/Operation"

/** The operation that is called by a path. */
export const operationAt = (wanted: string): Operation | undefined =>
  Catalogue.operations.find(({ path, pathAlternatives = [] }) => path === wanted || pathAlternatives.includes(wanted))

/** All that could have been meant where another was signed. */
export const documentedPaths = (): ReadonlyArray<string> => [
  ...new Set([
    ...Catalogue.operations.flatMap(({ path, pathAlternatives = [] }) => [path, ...pathAlternatives]),
    ...Catalogue.notifications.map(({ path }) => path)
  ])
]
