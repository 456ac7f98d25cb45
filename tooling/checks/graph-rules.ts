// The floor plan of the packages, as data. A package that is not here has no place yet, which is an error.

const domains = [
  "onboarding",
  "assessment",
  "va",
  "remittance",
  "order",
  "tradesettle",
  "balance",
  "payee",
  "forex",
  "payment",
  "file"
]
const stores = ["store-redis", "store-sql", "store-cloudflare"]
const contract = ["signing", "schemas"]
const everything = [...contract, "core", "webhook", ...domains, ...stores, "sandbox"]

const each = (names: ReadonlyArray<string>, below: ReadonlyArray<string>) => names.map((name) => [name, below] as const)

/** Which packages of ours a package may import. */
export const below: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["signing", []],
  ["schemas", []],
  ["core", contract],
  ["webhook", contract],
  ...each(domains, ["core", ...contract]),
  ...each(stores, ["webhook", ...contract]),
  // For the journal of calls.
  ["store-sql", ["webhook", "core", ...contract]],
  ["sandbox", contract],
  ["sdk", everything],
  ["cli", [...everything, "sdk"]]
])

/** `node.js`, whatever is under `node/`, and `internal/node….js`: the modules that may know Node. */
export const isNodeModule = (path: string): boolean => /(^|\/)(node\.js$|node\/)|^internal\/node[^/]*\.js$/.test(path)

/** Packages that run on Node alone. */
export const nodePackages: ReadonlyArray<string> = ["cli"]

/** What only those modules, and those packages, may import. */
export const isNodeOnly = (target: string): boolean =>
  target.startsWith("node:") || target.startsWith("@effect/platform-node")

export interface ReachRule {
  readonly from: ReadonlyArray<string>
  readonly never: (target: string) => boolean
  /** Ids of modules that are free as well. */
  readonly except?: ReadonlyArray<string>
  readonly because: string
}

const oneOf =
  (...ids: ReadonlyArray<string>) =>
  (target: string) =>
    ids.includes(target)

/** What the modules of a package must not reach, however far away; node modules are free. */
export const reach: ReadonlyArray<ReachRule> = [
  {
    from: ["signing", "schemas", "webhook", ...stores],
    never: oneOf("effect/http/HttpClient.js", "effect/http/FetchHttpClient.js"),
    because: "who only verifies or decodes must not bundle an HTTP client"
  },
  {
    from: ["signing"],
    never: oneOf("effect/Schema.js"),
    // Effect's Config is built on Schema; this is why reading keys from the environment is a module of its own.
    except: ["signing/KeyStoreConfig.js"],
    because: "signing works on bytes and stays small"
  },
  {
    from: [...below.keys()].filter((name) => !nodePackages.includes(name)),
    never: isNodeOnly,
    because: "it must run on every runtime"
  }
]
