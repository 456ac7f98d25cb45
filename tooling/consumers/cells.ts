/** The cells of the matrix, as data. */
import type { Bundler, Runtime } from "./bundlers.ts"
import type { Shaker } from "./shaking.ts"

/** Plain JavaScript on a version of Node. */
export interface NodeCell {
  readonly kind: "node"
  readonly version: string
  readonly by: "import" | "require"
}

/** A strict program, without `skipLibCheck`, and what the compiler makes of it. */
export interface TypescriptCell {
  readonly kind: "typescript"
  readonly version: "5.9" | "7"
  readonly resolution: "NodeNext" | "bundler"
}

/** A bundle of everything, which runs. */
export interface BundleCell {
  readonly kind: "bundle"
  readonly bundler: Bundler
  readonly runtime: Runtime
}

/** What stays of what is not used. */
export interface ShakingCell {
  readonly kind: "shaking"
  readonly bundler: Shaker
}

/** One package and its peers. */
export interface AloneCell {
  readonly kind: "alone"
  readonly package: string
}

export type Cell = NodeCell | TypescriptCell | BundleCell | ShakingCell | AloneCell

/** The lowest Node that is supported: what the packages' `engines` say. */
export const lowestNode = "22.19.0"

/** That Node, and the newest of each line that is supported; tools/package.json has the same. What is slow comes first. */
export const cells: ReadonlyArray<Cell> = [
  { kind: "typescript", version: "5.9", resolution: "NodeNext" },
  { kind: "typescript", version: "5.9", resolution: "bundler" },
  { kind: "typescript", version: "7", resolution: "NodeNext" },
  { kind: "typescript", version: "7", resolution: "bundler" },
  { kind: "node", version: lowestNode, by: "import" },
  { kind: "node", version: lowestNode, by: "require" },
  { kind: "node", version: "22.23.3", by: "import" },
  { kind: "node", version: "24.21.0", by: "import" },
  { kind: "node", version: "26.10.0", by: "import" },
  { kind: "node", version: "26.10.0", by: "require" },
  { kind: "bundle", bundler: "esbuild", runtime: "node" },
  { kind: "bundle", bundler: "rolldown", runtime: "node" },
  { kind: "bundle", bundler: "webpack", runtime: "node" },
  { kind: "bundle", bundler: "esbuild", runtime: "workerd" },
  { kind: "bundle", bundler: "rolldown", runtime: "workerd" },
  { kind: "bundle", bundler: "webpack", runtime: "workerd" },
  { kind: "shaking", bundler: "esbuild" },
  { kind: "shaking", bundler: "rolldown" }
]

export const nameOf = (cell: Cell): string => {
  switch (cell.kind) {
    case "node":
      return `Node ${cell.version}, JavaScript, ${cell.by}`
    case "typescript":
      return `TypeScript ${cell.version}, ${cell.resolution}`
    case "bundle":
      return `${cell.bundler}, ${cell.runtime}`
    case "shaking":
      return `${cell.bundler}, unused vanishes`
    case "alone":
      return `${cell.package} alone`
  }
}
