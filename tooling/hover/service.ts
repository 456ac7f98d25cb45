/** TypeScript's language service over one program that lies nowhere but in memory. */
import { fileURLToPath } from "node:url"
import ts from "typescript"

/** What an editor shows at a place: the type, and the documentation. */
export interface Shown {
  readonly text: string
  readonly doc: string
}

/** An editor with one program. */
export interface Editor {
  /** Writes the program anew. */
  readonly write: (program: string) => void
  /** What the compiler has to say against it. */
  readonly faults: () => ReadonlyArray<string>
  /** What is shown at an offset. */
  readonly hover: (offset: number) => Shown | undefined
  /** What is shown inside a call's brackets, one for each overload. */
  readonly signatures: (offset: number) => ReadonlyArray<Shown>
  /** The members of the type of a variable, each with the path that leads to it, such as `.license!.region`. */
  readonly members: (variable: string, isDeep: boolean) => ReadonlyArray<string>
}

// In this folder packages are found as in a user's project.
const file = fileURLToPath(new URL("program.ts", import.meta.url))

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  lib: ["lib.es2024.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts", "lib.esnext.disposable.d.ts"],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  noEmit: true,
  types: ["node"]
}

/** The text of a file. Of others than our packages' without comments, which are most of it, and are not asked for. */
const read = (name: string): string | undefined => {
  const text = ts.sys.readFile(name)
  return name.includes("/packages/") ? text : text?.replace(/\/\*\*[^]*?\*\//g, "")
}

const textOf = (parts: ReadonlyArray<ts.SymbolDisplayPart> | undefined): string =>
  ts.displayPartsToString([...(parts ?? [])])

/** Objects that a message is made of, as opposed to a class of the platform's, a function, or a text with a brand. */
const isMessage = (type: ts.Type): boolean =>
  (type.flags & ts.TypeFlags.Object) !== 0 &&
  type.getCallSignatures().length === 0 &&
  !["Date", "AbortSignal", "Uint8Array", "Blob", "File", "ReadableStream", "Headers"].includes(type.symbol?.name)

/** Starts an editor. */
export const start = (): Editor => {
  let program = ""
  let version = 0
  const service = ts.createLanguageService({
    getCompilationSettings: () => compilerOptions,
    getScriptFileNames: () => [file],
    // Without it every question looks at all files again.
    getProjectVersion: () => String(version),
    getScriptVersion: (name) => (name === file ? String(version) : "0"),
    getScriptSnapshot: (name) => {
      const text = name === file ? program : read(name)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => fileURLToPath(new URL(".", import.meta.url)),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: (name) => ts.sys.readFile(name),
    directoryExists: (name) => ts.sys.directoryExists(name),
    getDirectories: (name) => ts.sys.getDirectories(name),
    realpath: (name) => ts.sys.realpath?.(name) ?? name
  })
  const checkerOf = () => service.getProgram()!.getTypeChecker()

  const typeOf = (variable: string): ts.Type => {
    const checker = checkerOf()
    const source = service.getProgram()!.getSourceFile(file)!
    const symbol = checker.getSymbolsInScope(source, ts.SymbolFlags.Variable).find(({ name }) => name === variable)
    if (symbol === undefined) throw new Error(`the program has no variable ${variable}`)
    return checker.getTypeOfSymbol(symbol)
  }
  const membersOf = (type: ts.Type, path: string, isDeep: boolean): ReadonlyArray<string> => {
    const checker = checkerOf()
    return checker
      .getPropertiesOfType(type)
      .filter(({ name }) => /^[a-z_]\w*$/i.test(name))
      .flatMap((property) => {
        const own = `${path}.${property.name}`
        const held = checker.getNonNullableType(checker.getTypeOfSymbol(property))
        const item = checker.isArrayType(held) ? checker.getTypeArguments(held as ts.TypeReference)[0] : undefined
        const inner = item ?? held
        return isDeep && isMessage(inner)
          ? [own, ...membersOf(inner, `${own}!${item === undefined ? "" : "[0]!"}`, true)]
          : [own]
      })
  }

  return {
    write: (text) => {
      program = text
      version++
    },
    faults: () =>
      [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)].map(({ messageText }) =>
        ts.flattenDiagnosticMessageText(messageText, "\n")
      ),
    hover: (offset) => {
      const info = service.getQuickInfoAtPosition(file, offset)
      return info && { text: textOf(info.displayParts), doc: textOf(info.documentation) }
    },
    signatures: (offset) =>
      (service.getSignatureHelpItems(file, offset, undefined)?.items ?? []).map(
        ({ prefixDisplayParts, parameters, separatorDisplayParts, suffixDisplayParts, documentation }) => ({
          text:
            textOf(prefixDisplayParts) +
            parameters.map(({ displayParts }) => textOf(displayParts)).join(textOf(separatorDisplayParts)) +
            textOf(suffixDisplayParts),
          doc: textOf(documentation)
        })
      ),
    members: (variable, isDeep) => membersOf(typeOf(variable), "", isDeep)
  }
}
