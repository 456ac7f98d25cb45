import { rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { findProblems, manifestProblems } from "../graph.ts"
import { readModules } from "../modules.ts"
import { makeFolder } from "./scratch.ts"

type Files = Readonly<Record<string, string>>

/** A small workspace that keeps to the plan. Keys are "<package>/<module>", with "effect" for the installed Effect. */
const good: Files = {
  "effect/Effect": "",
  "effect/Schema": `import "./Effect.js"`,
  "effect/Config": `import "./Schema.js"`,
  "effect/http/HttpClient": `import "../Effect.js"`,
  "effect/http/HttpTraceContext": `import "./HttpClient.js"`,
  "signing/index": `export * as Signer from "./Signer.js"`,
  "signing/Signer": `import * as Effect from "effect/Effect"; import "./internal/der.js"`,
  "signing/KeyStoreConfig": `import * as Config from "effect/Config"; import "./Signer.js"`,
  "signing/internal/der": `const text = 'import "node:fs"'; // import "node:fs"`,
  "signing/node": `import { readFile } from "node:fs/promises"; import "./Signer.js"`,
  "signing/internal/nodeFiles": `import "node:fs"`,
  "schemas/Va": `import * as Schema from "effect/Schema"`,
  "core/PaykkaClient": `import "@paykka/signing/Signer"; import "@paykka/schemas/Va"; import "effect/http/HttpClient"`,
  "webhook/Webhook": `import "@paykka/signing"; import "@paykka/schemas/Va"`,
  "webhook/node": `import "node:http"; import "@effect/platform-node/NodeHttpServer"; import "effect/http/HttpClient"`,
  "va/Va": `import "@paykka/core/PaykkaClient"; import { type } from "somebody-else"`,
  "forex/Forex": `import "@paykka/core/PaykkaClient"`,
  "store-sql/SqlInbox": `import "@paykka/webhook/Webhook"`,
  "sandbox/Sandbox": `import "@paykka/signing/Signer"`,
  "sdk/Paykka": `import "@paykka/va/Va"; import "@paykka/store-sql/SqlInbox"; import "@paykka/sandbox/Sandbox"`,
  "cli/main": `import "@paykka/sdk/Paykka"; import "@paykka/signing/node"`
}

const makeWorkspace = (modules: Files): string => {
  const exports = { ".": "./dist/index.js", "./*": "./dist/*.js" }
  const files: Record<string, string> = { "node_modules/@paykka/.keep": "" }
  const packages = new Set<string>()
  for (const [id, text] of Object.entries(modules)) {
    const [name = "", ...path] = id.split("/")
    const isEffect = name === "effect"
    const folder = isEffect ? "node_modules/effect" : `packages/${name}`
    if (!isEffect) packages.add(name)
    files[`${folder}/dist/${path.join("/")}.js`] = text
    files[`${folder}/package.json`] = JSON.stringify({
      name: isEffect ? name : `@paykka/${name}`,
      type: "module",
      exports
    })
  }
  const root = makeFolder(files)
  for (const name of packages) symlinkSync(join(root, "packages", name), join(root, "node_modules/@paykka", name))
  return root
}

const problems = async (changed: Files) => findProblems(await readModules(makeWorkspace({ ...good, ...changed })))

describe("the import graph", () => {
  it("of a workspace that keeps to the plan has no problem", async () => {
    expect(await problems({})).toEqual([])
  })

  it("knows every module of ours and what they reach in Effect", async () => {
    const modules = await readModules(makeWorkspace(good))
    expect(modules.ours).toHaveLength(Object.keys(good).filter((id) => !id.startsWith("effect/")).length)
    expect(modules.get("effect/http/HttpClient.js")).toBeDefined()
    expect(modules.get("effect/http/HttpTraceContext.js")).toBeUndefined()
  })
})

const rows: ReadonlyArray<readonly [rule: string, changed: Files, expected: ReadonlyArray<string>]> = [
  [
    "signing imports no package of ours",
    { "signing/Signer": `import "@paykka/schemas/Va"` },
    [
      "signing/Signer.js imports @paykka/schemas/Va: signing may import no package of ours",
      "signing/Signer.js reaches effect/Schema.js: "
    ]
  ],
  [
    "schemas imports no package of ours",
    { "schemas/Va": `import "@paykka/signing/Signer"` },
    ["schemas/Va.js imports @paykka/signing/Signer: schemas may import no package of ours"]
  ],
  [
    "core does not import a domain",
    { "core/Retry": `export * from "@paykka/va/Va"` },
    ["core/Retry.js imports @paykka/va/Va: core may import only signing, schemas"]
  ],
  [
    "webhook does not import core",
    { "webhook/Webhook": `import "@paykka/core/Error"`, "core/Error": "" },
    ["webhook/Webhook.js imports @paykka/core/Error: webhook may import only signing, schemas"]
  ],
  [
    "a domain does not import another",
    { "va/Va": `import "@paykka/forex/Forex"` },
    ["va/Va.js imports @paykka/forex/Forex: va may import only core, signing, schemas"]
  ],
  [
    "a domain does not import webhook",
    { "va/Va": `import "@paykka/webhook/Webhook"` },
    ["va/Va.js imports @paykka/webhook/Webhook: va may import only core, signing, schemas"]
  ],
  [
    "a store does not import core",
    { "store-redis/RedisInbox": `import "@paykka/core/Error"`, "core/Error": "" },
    ["store-redis/RedisInbox.js imports @paykka/core/Error: store-redis may import only webhook, signing, schemas"]
  ],
  [
    "a store does not reach an HTTP client, not through core either",
    {
      "store-sql/SqlJournal": `import "@paykka/core/Outcome"`,
      "core/Outcome": `import "effect/http/HttpClient"`
    },
    ["store-sql/SqlJournal.js reaches effect/http/HttpClient.js"]
  ],
  [
    "sandbox does not import core",
    { "sandbox/Sandbox": `import "@paykka/core/PaykkaClient"` },
    ["sandbox/Sandbox.js imports @paykka/core/PaykkaClient: sandbox may import only signing, schemas"]
  ],
  [
    "sdk does not import cli",
    { "sdk/Paykka": `import "@paykka/cli/Run"`, "cli/Run": "" },
    ["sdk/Paykka.js imports @paykka/cli/Run: sdk may import only "]
  ],
  [
    "a dynamic import is an import",
    { "va/Va": `export const later = () => import("@paykka/forex/Forex")` },
    ["va/Va.js imports @paykka/forex/Forex: "]
  ],
  [
    "webhook does not reach an HTTP client, not even through Effect",
    { "webhook/Trace": `import "effect/http/HttpTraceContext"`, "webhook/Webhook": `import "./Trace.js"` },
    [
      "webhook/Trace.js reaches effect/http/HttpClient.js: who only verifies or decodes must not bundle an HTTP client\n" +
        "    webhook/Trace.js -> effect/http/HttpTraceContext.js -> effect/http/HttpClient.js"
    ]
  ],
  [
    "schemas does not reach an HTTP client",
    { "schemas/Va": `import "effect/http/FetchHttpClient"`, "effect/http/FetchHttpClient": "" },
    ["schemas/Va.js reaches effect/http/FetchHttpClient.js: "]
  ],
  [
    "signing does not reach an HTTP client",
    { "signing/Signer": `import "effect/http/HttpClient"` },
    ["signing/Signer.js reaches effect/http/HttpClient.js: "]
  ],
  [
    "signing does not reach Schema, except where keys come from the environment",
    { "signing/Signer": `import "effect/Config"` },
    ["signing/Signer.js reaches effect/Schema.js: signing works on bytes and stays small"]
  ],
  [
    "node:* is for node modules",
    { "core/Files": `import "node:fs"` },
    ["core/Files.js imports node:fs: only node.js, node/ and internal/node* may know Node"]
  ],
  ["the command line is for Node alone", { "cli/main": `import "node:process"` }, []],
  [
    "a builtin module without its prefix is one all the same",
    { "core/Files": `import "fs"` },
    ["core/Files.js imports fs: write node:fs"]
  ],
  [
    "@effect/platform-node is for node modules",
    { "sandbox/Server": `import "@effect/platform-node/NodeHttpServer"` },
    [
      "sandbox/Server.js imports @effect/platform-node/NodeHttpServer: only node.js, node/ and internal/node* may know Node"
    ]
  ],
  [
    "a module for every runtime does not reach Node through a node module",
    { "webhook/Webhook": `import "@paykka/signing/node"` },
    ["webhook/Webhook.js reaches node:fs/promises: it must run on every runtime"]
  ],
  [
    "no cycle inside a package",
    { "signing/internal/der": `import "../Signer.js"` },
    ["import cycle: signing/Signer.js -> signing/internal/der.js -> signing/Signer.js"]
  ],
  [
    "an import leads somewhere",
    { "va/Va": `import "@paykka/core/Nowhere"; import "./nowhere.js"` },
    ["va/Va.js imports @paykka/core/Nowhere, which is not there", "va/Va.js imports ./nowhere.js, which is not there"]
  ]
]

describe("the plan", () => {
  it.each(rows)("%s", async (_, changed, expected) => {
    const found = await problems(changed)
    expect(found).toEqual(expected.map((text) => expect.stringContaining(text)))
  })

  it("holds for what a package declares as well: types leave no trace in JavaScript", () => {
    const root = makeWorkspace(good)
    const manifest = { name: "@paykka/webhook", peerDependencies: { "@paykka/core": "*", "@paykka/signing": "*" } }
    writeFileSync(join(root, "packages/webhook/package.json"), JSON.stringify(manifest))
    expect(manifestProblems(root)).toEqual([
      "packages/webhook/package.json imports @paykka/core: webhook may import only signing, schemas"
    ])
  })

  it("must name every package, and every package must be built", () => {
    const root = makeWorkspace({ ...good, "refunds/Refund": "" })
    rmSync(join(root, "packages/va/dist"), { recursive: true })
    expect(manifestProblems(root)).toEqual([
      "packages/refunds has no place in tooling/checks/graph-rules.ts yet",
      "packages/va is not built"
    ])
  })
})
