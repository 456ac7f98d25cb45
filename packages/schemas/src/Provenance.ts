/** How sure a fact of the wire is. */

/**
 * - `documented`: an official page says so;
 * - `third-party`: only third-party client code or notes say so, none of it known to have run against the platform;
 * - `inferred`: reasoned from sibling operations or naming habits;
 * - `unknown`: no source says anything.
 */
export type Provenance = "documented" | "third-party" | "inferred" | "unknown"
