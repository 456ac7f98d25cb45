// Every ```ts fence of the documentation is compiled as a module of its own, as a reader would paste it.
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { type Check, packageFolders, root, runTool } from "./check.ts"

export const documents: ReadonlyArray<string> = [
  "README.md",
  "docs/**/*.md",
  "packages/*/README.md",
  "apps/*/README.md"
]

/** A fenced block of a markdown text. */
export interface Block {
  /** The line of the opening fence, counted from 1. */
  readonly line: number
  /** The first word after the fence; empty where there is none. */
  readonly language: string
  /** The other words. */
  readonly flags: ReadonlyArray<string>
  readonly code: string
}

/** The fenced blocks of a markdown text, in their order. */
export const blocks = (file: string, markdown: string): ReadonlyArray<Block> => {
  const found: Array<Block> = []
  let open:
    | { readonly marker: string; readonly line: number; readonly info: string; readonly code: Array<string> }
    | undefined
  for (const [index, text] of markdown.split(/\r?\n/).entries()) {
    const [, marker = "", info = ""] = /^\s*(`{3,}|~{3,})\s*(.*?)\s*$/.exec(text) ?? []
    if (open === undefined) {
      if (marker !== "") open = { marker, line: index + 1, info, code: [] }
    } else if (marker.startsWith(open.marker) && info === "") {
      const [language = "", ...flags] = open.info.split(/\s+/)
      found.push({ line: open.line, language, flags, code: open.code.join("\n") })
      open = undefined
    } else {
      open.code.push(text)
    }
  }
  // It would swallow every example below it.
  if (open !== undefined) throw new Error(`${file}:${open.line}: this fence is never closed`)
  return found
}

export interface Fence {
  /** The markdown file, relative to the root. */
  readonly file: string
  /** The line of the opening fence, counted from 1. */
  readonly line: number
  readonly code: string
  /** The file as which other fences of the same folder may import it: "```ts paykka.ts". */
  readonly name?: string | undefined
  /** False for "```ts no-check". */
  readonly checked: boolean
}

/** The ```ts fences of a markdown text. */
export const fences = (file: string, markdown: string): ReadonlyArray<Fence> =>
  blocks(file, markdown)
    .filter(({ language }) => language === "ts" || language === "typescript")
    .map(({ line, code, flags }) => {
      const name = flags.find((flag) => flag.endsWith(".ts"))
      return { file, line, code, name, checked: !flags.includes("no-check") }
    })

/** Compiles the fences and returns what the compiler says, with the markdown's file and line. */
export const compile = async (examples: ReadonlyArray<Fence>): Promise<string> => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "paykka-examples-")))
  try {
    linkPackages(folder)
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }))
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig))
    for (const { file, line, code, name } of examples) {
      const path = join(folder, `${file}.${line}.ts`)
      mkdirSync(dirname(path), { recursive: true })
      if (name !== undefined) {
        // Fails where two fences of a folder have one name.
        writeFileSync(join(dirname(path), name), `export * from "./${basename(path)}"\n`, { flag: "wx" })
      }
      // As many empty lines in front as the markdown has, so that the compiler counts the markdown's lines.
      writeFileSync(path, "\n".repeat(line) + code + "\n")
    }
    const compiler = await runTool("tsc", ["-p", "tsconfig.json", "--pretty", "false"], { cwd: folder })
    const effect = await runTool("effect-tsgo", ["diagnostics", "--project", "tsconfig.json", "--format", "text"], {
      cwd: folder
    })
    return [compiler, effect]
      .filter((result) => !result.ok)
      .map(({ output }) =>
        output.replaceAll(`${folder}/`, "").replace(/^(.+\.md)\.\d+\.ts[(:](\d+)[,:](\d+)\)?/gm, "$1:$2:$3")
      )
      .join("\n")
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const tsconfig = {
  extends: join(root, "tsconfig.base.json"),
  compilerOptions: {
    noEmit: true,
    moduleDetection: "force",
    types: ["node"],
    // An example may end with a value that the reader goes on with.
    noUnusedLocals: false,
    noUnusedParameters: false,
    // Nest's, which TypeScript and Node do not have by themselves.
    experimentalDecorators: true,
    declaration: false,
    declarationMap: false
  }
}

/** Makes importable what our packages are and what they depend on, as links, so that every type exists once. */
const linkPackages = (folder: string) => {
  const link = (name: string, target: string) => {
    const path = join(folder, "node_modules", name)
    if (existsSync(path) || !existsSync(target)) return
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(realpathSync(target), path)
  }
  for (const own of packageFolders()) {
    const { name } = JSON.parse(readFileSync(join(root, own, "package.json"), "utf8")) as { readonly name: string }
    link(name, join(root, own))
  }
  // tooling/frameworks has the frameworks that the guides are about, tooling/calls the logger of one.
  for (const own of [...packageFolders(), ".", "tooling/frameworks", "tooling/calls"]) {
    const modules = join(root, own, "node_modules")
    for (const name of dependenciesIn(modules)) link(name, join(modules, name))
  }
}

const dependenciesIn = (modules: string): ReadonlyArray<string> =>
  existsSync(modules)
    ? readdirSync(modules)
        .filter((name) => !name.startsWith("."))
        .flatMap((name) =>
          name.startsWith("@") ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name]
        )
    : []

export const examples: Check = {
  name: "examples",
  run: async () => {
    const found = globSync([...documents], { cwd: root })
      .filter((file) => !file.includes("node_modules"))
      .toSorted()
      .flatMap((file) => fences(file, readFileSync(join(root, file), "utf8")))
    const checked = found.filter((fence) => fence.checked)
    const skipped = found.filter((fence) => !fence.checked).map(({ file, line }) => `${file}:${line}`)
    const output = checked.length === 0 ? "" : await compile(checked)
    const note = `${checked.length} compiled, ${skipped.length} marked no-check${skipped.map((place) => `\n  ${place}`).join("")}`
    return { ok: output === "", output, note }
  }
}
