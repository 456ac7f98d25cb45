import { expect, it } from "vitest"
import { effectImports, exportStability, moduleStability } from "../unstable.ts"

const declarations = `/// <reference lib="esnext.disposable" preserve="true" />
/**
 * A module.
 *
 * @stability unstable
 * @since 4.0.0
 */
import * as Effect from "./Effect.ts";
/** No tag. */
declare const TypeId: unique symbol;
/**
 * One.
 *
 * @stability stable
 * @since 4.0.0
 */
export declare const one: number;
/**
 * Two.
 *
 * @stability experimental
 */
export interface Two {}
`

it("reads the tag of a module", () => {
  expect(moduleStability(declarations)).toBe("unstable")
  expect(moduleStability(`import "x"\n/** @stability unstable */\nexport declare const a: 1`)).toBeUndefined()
})

it("reads the tag of each export", () => {
  expect([...exportStability(declarations)]).toEqual([
    ["one", "stable"],
    ["Two", "experimental"]
  ])
})

it("finds the modules that a source imports and the exports that it uses", () => {
  const source = [
    `import * as Effect from "effect/Effect"`,
    `import type * as HttpClient from "effect/http/HttpClient"`,
    `import { pipe, type LazyArg as Lazy } from "effect/Function"`,
    `import * as Other from "elsewhere"`,
    `const a = Effect.succeed(Effect.void)`,
    `const b = Effect.succeed(Other.thing)`
  ].join("\n")
  expect(effectImports(source)).toEqual([
    { module: "effect/Effect", names: ["succeed", "void"] },
    { module: "effect/http/HttpClient", names: [] },
    { module: "effect/Function", names: ["pipe", "LazyArg"] }
  ])
})
