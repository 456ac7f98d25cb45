import { expect, it } from "vitest"
import { findHosts } from "../lockfile.ts"

it("finds every line that ties the lock file to a host", () => {
  const lockfile = [
    "packages:",
    "  '@changesets/changelog-git@1.0.0':",
    "    resolution: {integrity: sha512-abc==}",
    "    deprecated: 'moved, see https://example.com/why'",
    "  one@1.0.0:",
    "    resolution: {integrity: sha512-abc==, tarball: https://registry.example.com/one-1.0.0.tgz}",
    "  two@1.0.0:",
    "    resolution: {type: git, repo: git@example.com:two.git}"
  ].join("\n")
  expect(findHosts(lockfile, "pnpm-lock.yaml")).toEqual([
    "pnpm-lock.yaml:6: resolution: {integrity: sha512-abc==, tarball: https://registry.example.com/one-1.0.0.tgz}",
    "pnpm-lock.yaml:8: resolution: {type: git, repo: git@example.com:two.git}"
  ])
})
