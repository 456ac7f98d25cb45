import { describe, expect, it } from "vitest"
import { type Facts, supportProblems } from "../support.ts"

const core = {
  name: "@paykka/core",
  engines: { node: ">=22.19" },
  peerDependencies: { effect: "^4.1.0", "@paykka/signing": "workspace:^" },
  devDependencies: { effect: "catalog:" }
}

const facts: Facts = {
  packages: [
    core,
    {
      name: "@paykka/store",
      engines: { node: ">=22.19" },
      peerDependencies: { effect: "^4.1.0", "@effect/sql-pg": "^4.0.5" },
      devDependencies: { effect: "catalog:", "@effect/sql-pg": "4.0.6" }
    }
  ],
  node: "24.21.0",
  catalog: { effect: "4.1.2", typescript: "7.0.2" },
  unstable: [
    { name: "effect/sql/SqlClient#make", stability: "unstable", files: ["packages/store/src/A.ts"] },
    {
      name: "effect/http/HttpClient",
      stability: "unstable",
      files: ["packages/core/src/A.ts", "packages/core/src/B.ts"]
    },
    { name: "effect/sql/SqlClient#SqlClient", stability: "unstable", files: ["packages/store/src/A.ts"] }
  ]
}

const page = `# What is supported

| what             | supported                 | tests   |
| ---------------- | ------------------------- | ------- |
| Node             | 22.19 and newer           | 24.21.0 |
| TypeScript       | 5.9 and newer             | 7.0.2   |
| \`effect\`         | 4.1.0 and newer, before 5 | 4.1.2   |
| \`@effect/sql-pg\` | 4.0.5 and newer, before 5 | 4.0.6   |

| part  | means |
| ----- | ----- |
| patch | mends |

| package         | of Effect         |
| --------------- | ----------------- |
| \`@paykka/core\`  | \`http/HttpClient\` |
| \`@paykka/store\` | \`sql/SqlClient\`   |
`

describe("docs/support.md", () => {
  it("may say what the manifests say, and other things", () => {
    expect(supportProblems(page, facts)).toEqual([])
  })

  it.each([
    ["Node", "22.19 and newer", "22.0 and newer", "Node | 22.19 and newer | 24.21.0"],
    ["the pinned Node", "24.21.0", "24.20.0", "Node | 22.19 and newer | 24.21.0"],
    ["TypeScript", "7.0.2", "7.0.1", "TypeScript | 5.9 and newer | 7.0.2"],
    ["Effect", "4.1.2", "4.1.0", "`effect` | 4.1.0 and newer, before 5 | 4.1.2"],
    ["a peer that one package has", "4.0.6", "4.0.5", "`@effect/sql-pg` | 4.0.5 and newer, before 5 | 4.0.6"],
    ["an unstable module", "`sql/SqlClient`", "`sql/Other`", "`@paykka/store` | `sql/SqlClient`"]
  ])("may not be wrong about %s", (_, right, wrong, row) => {
    const [lacks, has] = supportProblems(page.replace(right, wrong), facts)
    expect(lacks).toBe(`docs/support.md lacks | ${row} |`)
    expect(has).toMatch(/^docs\/support\.md has \| .* \|, which is not so$/)
  })

  it("names no package that uses stable modules only", () => {
    expect(supportProblems(page, { ...facts, unstable: facts.unstable.slice(1, 2) })).toEqual([
      "docs/support.md has | `@paykka/store` | `sql/SqlClient` |, which is not so"
    ])
  })

  it("cannot state versions that differ from package to package", () => {
    const other = { ...core, engines: { node: ">=24" } }
    expect(() => supportProblems(page, { ...facts, packages: [core, other] })).toThrow(
      "engines.node should be the same everywhere: >=22.19, >=24"
    )
  })
})
