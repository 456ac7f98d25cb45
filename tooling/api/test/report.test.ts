import { describe, expect, it } from "vitest"
import { type Modules, report } from "../report.ts"

const demands = { engines: { node: ">=22.19" }, peerDependencies: { "@paykka/core": "workspace:^", effect: "^4.1.0" } }

const of = (modules: Readonly<Record<string, string>>): string => {
  const read: Modules = new Map(Object.entries(modules))
  return report("@paykka/one", demands, read)
}

describe("a report", () => {
  it("is the demands and the declarations of each module, in the order of their names", () => {
    const modules = {
      Va: [
        "/** A module. */",
        'import * as Effect from "effect/Effect";',
        'import * as Poll from "@paykka/core/Poll";',
        "/** The second. */",
        "export declare const b: Effect.Effect<void>;",
        "export interface A {",
        "    /** A member. */",
        '    readonly one: "// no comment" | `/* nor ${string} */`; // but this',
        "    readonly two: Poll.Poll;",
        "}",
        "declare const A_base: new () => A;",
        "export declare class C extends /*#__PURE__*/ A_base {",
        "}",
        "export {};",
        "//# sourceMappingURL=Va.d.ts.map"
      ].join("\n"),
      index: 'export * as Va from "./Va.ts";\nexport * as Other from "./Other.ts";\n'
    }
    expect(of(modules)).toBe(
      [
        "# The API of @paykka/one",
        "Written by `npm run api` from what is built: the declarations of all modules, without their comments.",
        "Needs `node` >=22.19, `@paykka/core` of the same release, `effect` ^4.1.0.",
        "## index",
        '```ts\nexport * as Other from "./Other.ts";\nexport * as Va from "./Va.ts";\n```',
        "## Va",
        [
          "```ts",
          'import * as Poll from "@paykka/core/Poll";',
          'import * as Effect from "effect/Effect";',
          "export interface A {",
          '    readonly one: "// no comment" | `/* nor ${string} */`; ',
          "    readonly two: Poll.Poll;",
          "}",
          "declare const A_base: new () => A;",
          "export declare class C extends  A_base {",
          "}",
          "export declare const b: Effect.Effect<void>;",
          "```"
        ].join("\n")
      ].join("\n\n")
    )
  })

  it("is the same when declarations change places or comments change", () => {
    const a = "/** One. */\nexport declare const a: 1;\n"
    const b = "/** Two. */\nexport declare const b: 2;\n"
    expect(of({ Va: a + b })).toBe(of({ Va: b + a.replace("One", "Won") }))
  })

  it("keeps the order of overloads, which decides what a call means", () => {
    const wide = "export declare function f(a: unknown): void;\n"
    const narrow = "export declare function f(a: string): string;\n"
    expect(of({ Va: wide + narrow })).not.toBe(of({ Va: narrow + wide }))
  })

  it("shows of internal modules what public ones refer to, however far away", () => {
    const text = of({
      Va: [
        'import { type Options } from "./internal/options.ts";',
        'import * as whole from "./internal/whole.ts";',
        'export { type Renamed as New } from "./internal/again.ts";',
        'export declare const make: (options: Options) => import("./internal/inline.ts").Inline | whole.One;'
      ].join("\n"),
      "internal/inline": 'export * from "./star.ts";',
      "internal/star": "export interface Inline {}",
      "internal/options": [
        'import { type Deep } from "./deep.ts";',
        'import * as Effect from "effect/Effect";',
        "export interface Options { readonly deep: Deep; readonly size: Size; }",
        "type Size = number;",
        "export declare const helper: Effect.Effect<void>;"
      ].join("\n"),
      "internal/deep": "export interface Deep { readonly a: 1; }\nexport declare const deepHelper: 1;",
      "internal/whole": "export type One = 1;\nexport type Two = 2;",
      "internal/again": "export interface Renamed {}\nexport interface Left {}",
      "internal/nobody": "export declare const nobody: 1;"
    })
    const shown = text.match(/^## .*|^(?:import|export|type|declare)\b.*/gm)
    expect(shown).toEqual([
      "## Va",
      'import { type Options } from "./internal/options.ts";',
      'import * as whole from "./internal/whole.ts";',
      'export { type Renamed as New } from "./internal/again.ts";',
      'export declare const make: (options: Options) => import("./internal/inline.ts").Inline | whole.One;',
      "## internal/again",
      "export interface Renamed {}",
      "## internal/deep",
      "export interface Deep { readonly a: 1; }",
      "## internal/inline",
      'export * from "./star.ts";',
      "## internal/options",
      'import { type Deep } from "./deep.ts";',
      "export interface Options { readonly deep: Deep; readonly size: Size; }",
      "type Size = number;",
      "## internal/star",
      "export interface Inline {}",
      "## internal/whole",
      "export type One = 1;",
      "export type Two = 2;"
    ])
  })

  it("fails on declarations that cannot be read", () => {
    expect(() => of({ Va: "export declare const" })).toThrow("Va.d.ts: ")
  })
})
