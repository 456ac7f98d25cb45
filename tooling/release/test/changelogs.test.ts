import type { ModCompWithPackage, NewChangesetWithCommit } from "@changesets/types"
import { describe, expect, it } from "vitest"
import changelog, { headline } from "../changelog.ts"
import { changelogFaults, changesetFaults, notes } from "../changelogs.ts"

const changeset = (summary: string, ...names: ReadonlyArray<string>): NewChangesetWithCommit => ({
  id: "quick-dogs-run",
  commit: "0123456789abcdef0123456789abcdef01234567",
  summary,
  releases: names.map((name) => ({ name: `@paykka/${name}`, type: "minor" }))
})

const dependency = (name: string): ModCompWithPackage => ({
  name: `@paykka/${name}`,
  type: "minor",
  changesets: [],
  oldVersion: "0.1.0",
  newVersion: "0.2.0",
  packageJson: { name: `@paykka/${name}`, version: "0.2.0" },
  dir: `packages/${name}`
})

describe("a line of a changelog", () => {
  it("is the text of the changeset, without a hash", () => {
    const { getReleaseLine } = changelog
    expect(getReleaseLine(changeset("One.", "va"), "minor", null)).toBe("- One.\n\n")
    expect(getReleaseLine(changeset("One\nsentence. \n\n- a\n  b\n\n\nTwo.", "va"), "minor", null)).toBe(
      "- One\n  sentence.\n\n  - a\n    b\n\n\n  Two.\n\n"
    )
  })

  it("says what is new in the packages that a package needs, and in no others", () => {
    const changesets = [
      changeset("Keys from a\nvault.\n\nDetails.", "signing"),
      changeset("Less memory.", "core", "webhook", "schemas")
    ]
    const dependencies = [dependency("core"), dependency("signing"), dependency("schemas")]
    expect(changelog.getDependencyReleaseLine(changesets, dependencies, null)).toBe(
      [
        "- Needs 0.2.0 of the other packages. New in them:",
        "  - `@paykka/signing`: Keys from a vault.",
        "  - `@paykka/core`, `@paykka/schemas`: Less memory."
      ].join("\n")
    )
    expect(changelog.getDependencyReleaseLine([], dependencies, null)).toBe("- Needs 0.2.0 of the other packages.")
    expect(changelog.getDependencyReleaseLine(changesets, [], null)).toBe("")
  })

  it("has the first paragraph as its headline", () => {
    expect(headline("\nOne\nsentence.\n \nDetails.")).toBe("One sentence.")
  })
})

const text = (summary: string) => ({ file: ".changeset/a.md", text: `---\n"@paykka/va": minor\n---\n\n${summary}\n` })

describe("a changeset", () => {
  it.each([
    ["Accounts in more currencies.", []],
    ["`awaitOutcome` takes:\n\n- `statuses`\n- `poll`", []],
    ["- Accounts in more currencies.", ["does not begin with a sentence that says what is new"]],
    ["Accounts in more currencies", ["does not begin with a sentence that says what is new"]],
    [`${"Long ".repeat(40)}.`, ["begins with a paragraph of 201 characters; 160 are the most"]],
    ["Two packages.\n\n- `@paykka/va`: one.", ["tells packages apart in a list: write a changeset for each"]],
    ["As of 1a2b3c4: better.", ["names a commit"]],
    ["Better (1a2b3c4d5e6f7).", []],
    ["Better (1a2b3c4).", ["names a commit"]]
  ])("%j", (summary, faults) => {
    expect(changesetFaults([text(summary)])).toEqual(faults.map((fault) => `.changeset/a.md ${fault}`))
  })

  it("names a package", () => {
    expect(changesetFaults([{ file: "a.md", text: "---\n---\n\nNothing.\n" }])).toEqual(["a.md names no package"])
  })
})

const newest = "## 0.2.0\n\n### Minor Changes\n\n- Accounts in more\n  currencies.\n"

describe("a changelog", () => {
  const faultsOf = (changed: string) =>
    changelogFaults({
      file: "CHANGELOG.md",
      text: changed,
      name: "@paykka/va",
      version: "0.2.0",
      changesets: [text("Accounts in more currencies.\n\nDetails.")]
    })

  it.each([
    [`# @paykka/va\n\n${newest}`, []],
    [`# @paykka/va\n\n${newest}\n## 0.1.0\n\n- 1a2b3c4: old times are not corrected \n`, []],
    [`# va\n\n${newest}`, [`does not begin with "# @paykka/va"`]],
    [
      "",
      [`does not begin with "# @paykka/va"`, "does not tell of 0.2.0 first", `lacks "Accounts in more currencies."`]
    ],
    [
      "# @paykka/va\n\n## 0.2.0\n\nNo changes in this release.\n\n## 0.1.0\n\n- Accounts in more currencies.\n",
      [`lacks "Accounts in more currencies."`]
    ],
    [`# @paykka/va\n\n${newest}\n- 1a2b3c4: More.\n`, ["names a commit"]],
    [`# @paykka/va\n\n${newest}\n- Updated dependencies\n`, ["has what only a machine writes"]],
    [`# @paykka/va\n\n${newest}  \n`, ["has blanks at the end of a line"]]
  ])("%j", (changed, faults) => {
    expect(faultsOf(changed)).toEqual(faults.map((fault) => `CHANGELOG.md ${fault}`))
  })
})

it("the notes of a release tell everything once", () => {
  const of = (name: string, news: string) => ({
    file: "CHANGELOG.md",
    text: `# @paykka/${name}\n\n## 0.2.0\n\n${news}\n\n## 0.1.0\n\n### Minor Changes\n\n- Old.\n`,
    name: `@paykka/${name}`,
    version: "0.2.0",
    changesets: []
  })
  const needs = "### Patch Changes\n\n- Needs 0.2.0 of the other packages. New in them:\n  - `@paykka/core`: One."
  const fix = "- A fix.\n\n- Needs 0.2.0 of the other packages."
  expect(
    notes([
      of("schemas", "No changes in this release."),
      of("core", "### Minor Changes\n\n- One.\n\n  Details."),
      of("va", needs),
      of("order", `### Minor Changes\n\n- Two.\n\n### Patch Changes\n\n${fix}`),
      of("payee", `### Minor Changes\n\n- Two.\n\n### Patch Changes\n\n${fix}`)
    ])
  ).toBe(
    [
      "## `@paykka/core`",
      "### Minor Changes",
      "- One.",
      "  Details.",
      "## `@paykka/order`, `@paykka/payee`",
      "### Minor Changes",
      "- Two.",
      "### Patch Changes",
      "- A fix.",
      "Without changes of their own: `@paykka/schemas`, `@paykka/va`."
    ].join("\n\n")
  )
})
