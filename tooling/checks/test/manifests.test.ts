import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { fieldsOf, manifestProblems, type Published } from "../manifests.ts"
import { makeFolder } from "./scratch.ts"

const map = (source: string) => JSON.stringify({ version: 3, sources: [source] })

const module = (name: string, code = "export const a = 1\n") => ({
  [`src/${name}.ts`]: code,
  [`dist/${name}.js`]: `${code}//# sourceMappingURL=${name}.js.map`,
  [`dist/${name}.js.map`]: map(`../src/${name}.ts`),
  [`dist/${name}.d.ts`]: `export declare const a: number\n//# sourceMappingURL=${name}.d.ts.map`,
  [`dist/${name}.d.ts.map`]: map(`../src/${name}.ts`)
})

const manifest: Published["manifest"] = {
  ...(fieldsOf("packages/one") as { readonly name: string }),
  version: "0.0.0",
  description: "One of them",
  keywords: ["cross-border", "one", "paykka", "payments", "sdk", "typescript"],
  files: ["dist", "src", "AGENTS.md", "CHANGELOG.md"],
  scripts: { build: "tsc" },
  devDependencies: { "@paykka/two": "workspace:^", effect: "catalog:" },
  peerDependencies: { "@paykka/two": "workspace:^", effect: "^4.1.0" }
}

const two: Published["manifest"] = {
  ...manifest,
  ...(fieldsOf("packages/two") as { readonly name: string }),
  description: "The other one",
  devDependencies: { effect: "catalog:" },
  peerDependencies: { effect: "^4.1.0" }
}

const tarball = (of: Published["manifest"]): Readonly<Record<string, string>> => ({
  "package.json": JSON.stringify({ ...of, devDependencies: {}, peerDependencies: { effect: "^4.1.0" } }),
  "README.md": `# ${of.name}\n`,
  "AGENTS.md": [`# ${of.name}`, "[README](README.md)", "`src/index.ts`", ...Array<string>(7).fill("-")].join("\n"),
  LICENSE: "MIT",
  ...module("index")
})

const publish = (folder: string, of: Published["manifest"], files: Readonly<Record<string, string>>): Published => ({
  folder,
  manifest: of,
  sources: ["index"],
  content: makeFolder(files)
})

/** The problems of a good package of which something was changed. */
const problems = async (
  changed: Partial<Published["manifest"]>,
  files: Readonly<Record<string, string | undefined>>
) => {
  const of = { ...manifest, ...fieldsOf("packages/one", changed), ...changed }
  const one = publish("packages/one", of, tarball(of))
  for (const [file, text] of Object.entries(files)) {
    if (text === undefined) rmSync(join(one.content, file))
    else {
      mkdirSync(dirname(join(one.content, file)), { recursive: true })
      writeFileSync(join(one.content, file), text)
    }
  }
  return manifestProblems([publish("packages/two", two, tarball(two)), one])
}

/** A command, and what its build adds. */
const command = { bin: { one: "./dist/one.js" } }
const program = {
  "dist/one.js": "console.log(1)\n",
  "dist/LICENSES.txt": "MIT\n",
  "dist/internal/chunk.js": "globalThis.a = 1\n"
}

interface Row {
  readonly what: string
  readonly changed?: Partial<Published["manifest"]>
  readonly files?: Readonly<Record<string, string | undefined>>
  readonly found: ReadonlyArray<string>
}

const rows: ReadonlyArray<Row> = [
  { what: "nothing", found: [] },
  {
    what: "a field that is the same in all",
    changed: { license: "ISC" },
    found: [`"license" is "ISC" instead of "MIT"`]
  },
  {
    what: "a registry of its own, which no rehearsal could replace",
    changed: { publishConfig: { access: "public", registry: "https://registry.example/" } },
    found: [
      `"publishConfig" is {"access":"public","registry":"https://registry.example/"} instead of {"access":"public"}`
    ]
  },
  { what: "another version", changed: { version: "0.0.1" }, found: [`"version" is 0.0.1; @paykka/two has 0.0.0`] },
  {
    what: "another package's description",
    changed: { description: "The other one" },
    found: [`"description" is missing, or another package's`, `"description" is missing, or another package's`]
  },
  {
    what: "keywords",
    changed: { keywords: ["sdk", "payments", "typescript", "cross-border"] },
    found: [`"keywords" lacks "paykka"`, `"keywords" has none of its own`, `"keywords" is not in order`]
  },
  {
    what: "files",
    changed: { files: ["dist", "src", "CHANGELOG.md", "NOTICE.txt"] },
    found: [`"files" lacks "AGENTS.md"`, "the tarball lacks NOTICE.txt"]
  },
  {
    what: "a peer that no test has",
    changed: { devDependencies: { effect: "catalog:" } },
    found: [`the peer "@paykka/two" is not in "devDependencies", so no test has it`]
  },
  {
    what: "ranges",
    changed: { peerDependencies: { "@paykka/two": "^0.0.0", effect: "^4.2.0" } },
    found: [
      `the range of "effect" is ^4.1.0; elsewhere ^4.2.0`,
      `the range of "@paykka/two" is ^0.0.0`,
      `the range of "effect" is ^4.2.0; elsewhere ^4.1.0`
    ]
  },
  {
    what: "what must be a peer",
    changed: { dependencies: { effect: "^4.1.0", "@paykka/two": "workspace:^", other: "1.0.0" }, peerDependencies: {} },
    found: [
      `the packed dependencies have "@paykka/two": "workspace:^"`,
      `"effect" is no peer`,
      `the range of "other" is 1.0.0`,
      `"effect" must be a peer`,
      `"@paykka/two" must be a peer`
    ]
  },
  {
    what: "files of the tarball",
    files: { LICENSE: undefined, "README.md": undefined, "dist/old.js": "", "notes.txt": "" },
    found: [
      "the tarball lacks README.md",
      "the tarball lacks LICENSE",
      "the tarball has dist/old.js, of which there is no source: delete dist",
      "the tarball has notes.txt",
      "AGENTS.md names README.md, which is not in the tarball"
    ].toSorted()
  },
  {
    what: "ranges of the workspace that were packed, and scripts that run at users'",
    files: {
      "package.json": JSON.stringify({
        peerDependencies: { "@paykka/two": "workspace:^" },
        devDependencies: { effect: "catalog:" },
        scripts: { build: "tsc", postinstall: "node x.js", prepublishOnly: "node y.js" }
      })
    },
    found: [
      `the packed devDependencies have "effect": "catalog:"`,
      `the packed peerDependencies have "@paykka/two": "workspace:^"`,
      `the script "postinstall" would run at its users'`,
      `the script "prepublishOnly" would run at its users'`
    ]
  },
  {
    what: "maps that lead nowhere",
    files: {
      "dist/index.js.map": map("../source/index.ts"),
      "dist/index.d.ts.map": JSON.stringify({
        version: 3,
        sourceRoot: "https://example.test/",
        sources: ["../src/index.ts"]
      }),
      "dist/index.js": "export const a = 1\n"
    },
    found: [
      "dist/index.js does not name its map",
      "dist/index.d.ts.map leads to ../src/index.ts, which is not in the tarball",
      "dist/index.js.map leads to ../source/index.ts, which is not in the tarball"
    ].toSorted()
  },
  {
    what: "AGENTS.md",
    files: { "AGENTS.md": "# one\n[guide](../../docs/guide.md), `src/Other.ts`\n" },
    found: [
      `AGENTS.md does not begin with "# @paykka/one"`,
      "AGENTS.md has 2 lines, not 10 to 25",
      "AGENTS.md names ../../docs/guide.md, which is not in the tarball",
      "AGENTS.md names src/Other.ts, which is not in the tarball"
    ]
  },
  {
    what: "a side effect",
    files: {
      "dist/index.js": `import "@paykka/two"\nglobalThis.a = 1\nexport const b = registry.add(1)\n//# sourceMappingURL=index.js.map`
    },
    found: ["index does something as soon as it is loaded: globalThis.a=1,registry.add(1);"]
  },
  {
    what: "a command, which may have side effects, and chunks",
    changed: { ...command, devDependencies: { effect: "catalog:" }, peerDependencies: {} },
    files: program,
    found: []
  },
  {
    what: "what a command does not bring, and what it promises",
    changed: { ...command, sideEffects: false },
    files: { "dist/one.js": program["dist/one.js"] },
    found: [
      `"@paykka/two" must be bundled, and so in "devDependencies"`,
      `"effect" must be bundled, and so in "devDependencies"`,
      `"sideEffects" is false instead of ["./dist/one.js"]`,
      "the tarball lacks dist/LICENSES.txt"
    ]
  },
  {
    what: "what only looks like a side effect",
    files: {
      "dist/index.js":
        `import * as Effect from "effect/Effect"\nexport class A extends /*#__PURE__*/ Effect.Service("a") {}\n` +
        `export const { b } = Effect.c\nexport const d = Effect.fnUntraced(function* () {})\n//# sourceMappingURL=index.js.map`
    },
    found: []
  }
]

describe("a published package may not differ in", () => {
  it.each(rows)("$what", async ({ changed = {}, files = {}, found }) => {
    const told = (await problems(changed, files)).map((line) => line.replace(/^packages\/\w+: /, ""))
    expect(told.toSorted()).toEqual(found.toSorted())
  })
})
