/** Every public thing of `@paykka/sdk` that a program without Effect touches, as an editor shows it. */
import type { PaykkaSettings } from "@paykka/sdk"
import { type Editor, type Shown, start } from "./service.ts"

/** A thing, and what is shown of it: where the pointer rests on it, and inside its brackets where it is called. */
export interface Stop {
  readonly name: string
  readonly hover: Shown
  readonly signatures: ReadonlyArray<Shown>
}

/** A part of the tour. */
export interface Section {
  readonly title: string
  readonly stops: ReadonlyArray<Stop>
}

/** All names are imported, so that none is written with a path that a user's program would not have. */
const head = [
  'import * as Sdk from "@paykka/sdk"',
  "declare const paykka: Sdk.Paykka",
  "declare const client: Sdk.Client<{ readonly va: typeof Sdk.va; readonly payment: typeof Sdk.payment }>"
]

interface Probe {
  readonly name: string
  /** The code, with the place that is asked between `⟦` and `⟧`; a call is asked for its signatures as well. */
  readonly code: string
}

/** What is asked: these places, or the members of a type, each of them; those of their members as well, where it is deep. */
type Plan =
  | { readonly title: string; readonly probes: ReadonlyArray<Probe> }
  | { readonly title: string; readonly type: string; readonly isDeep: boolean }

const ofType = (type: string, title: string, isDeep = false): Plan => ({ title, type, isDeep })

const hovered = (name: string, code: string): Probe => ({ name, code })

const ofTwo = ["pay", "convert", "upload", "add", "subtract", "compare", "toMinorUnits", "fromMinorUnits"]

/** The functions of an object: each hovered where it is called. */
const calls = (title: string, path: string, names: ReadonlyArray<string>): Plan => ({
  title,
  probes: names.map((name) => {
    const given = ofTwo.includes(name) ? "{} as never, {} as never" : name === "makeRequestId" ? "" : "{} as never"
    return hovered(`${path}.${name}`, `void ${path}.⟦${name}⟧(${given})`)
  })
})

/** The domains, and the functions of each. */
const domainsOf = (editor: Editor): ReadonlyArray<readonly [domain: string, functions: ReadonlyArray<string>]> => {
  const names = editor.members("paykka", false).map((path) => path.slice(1))
  const others = ["ready", "request", "dispose", "webhooks"]
  return names
    .filter((name) => !others.includes(name))
    .map((name) => [name, editor.members(`domain_${name}`, false).map((path) => path.slice(1))])
}

type KeysOf<Union> = Union extends unknown ? keyof Union : never

const signedBy = 'keyId: "", privateKey: ""'
const any = ["{} as never", signedBy] as const

/** Every setting, with a value, and with those that it needs beside it. */
const settings: Readonly<Record<KeysOf<PaykkaSettings>, readonly [value: string, others: string]>> = {
  environment: ['"production"', `baseUrl: "", ${signedBy}`],
  baseUrl: ['""', `environment: "production", ${signedBy}`],
  keyId: ['""', 'privateKey: ""'],
  privateKey: ['""', 'keyId: ""'],
  sign: ["async () => ({}) as never", 'merchId: ""'],
  merchId: any,
  timeout: any,
  retry: any,
  onUnknown: any,
  resolve: any,
  plugins: any,
  fetch: any,
  log: any,
  maxResponseBytes: any,
  overrides: any,
  undocumentedPaths: any,
  check: any,
  platformPublicKeys: any,
  webhooks: any
}

const nameIn = (code: string): string => /⟦(.+)⟧/.exec(code)![1]!

const planOf = (domains: ReturnType<typeof domainsOf>): ReadonlyArray<Plan> => {
  const messages = domains.flatMap(([domain, names]) =>
    names.flatMap((name): ReadonlyArray<Plan> => {
      const type = `Sdk.Paykka["${domain}"]["${name}"]`
      // A conversion and an upload have two forms each, which are shown below.
      if (name === "convert" || name === "upload") return []
      const result = ofType(`Awaited<ReturnType<${type}>>`, `${domain}.${name}: result`)
      if (name === "awaitOutcome") return [result]
      const inputs = name === "pay" ? [0, 1] : [0]
      return [
        ...inputs.map((index) =>
          ofType(`Parameters<${type}>[${index}]`, `${domain}.${name}: argument ${index + 1}`, true)
        ),
        result
      ]
    })
  )
  return [
    {
      title: "createPaykka",
      probes: [
        hovered("createPaykka", 'Sdk.⟦createPaykka⟧({ keyId: "", privateKey: "" })'),
        hovered("const paykka", 'const ⟦made⟧ = Sdk.createPaykka({ keyId: "", privateKey: "" })'),
        ...["ready", "request", "dispose", "webhooks"].map((name) => hovered(`paykka.${name}`, `paykka.⟦${name}⟧`))
      ]
    },
    {
      title: "settings",
      probes: Object.entries(settings).map(([name, [value, others]]) =>
        hovered(name, `Sdk.createPaykka({ ⟦${name}⟧: ${value}, ${others} })`)
      )
    },
    {
      title: "createClient",
      probes: [
        hovered(
          "createClient",
          'Sdk.⟦createClient⟧({ keyId: "", privateKey: "", domains: { va: Sdk.va, payment: Sdk.payment } })'
        ),
        hovered(
          "const client",
          'const ⟦some⟧ = Sdk.createClient({ keyId: "", privateKey: "", domains: { va: Sdk.va } })'
        ),
        hovered("domains", 'Sdk.createClient({ keyId: "", privateKey: "", ⟦domains⟧: { va: Sdk.va } })'),
        hovered("va", "Sdk.⟦va⟧"),
        hovered("client.va", "client.⟦va⟧"),
        hovered("client.payment.apply", "void client.payment.⟦apply⟧({} as never)")
      ]
    },
    { title: "domains", probes: domains.map(([name]) => hovered(`paykka.${name}`, `paykka.⟦${name}⟧`)) },
    ...domains.map(([name, functions]) => calls(`paykka.${name}`, `paykka.${name}`, functions)),
    {
      title: "withResponse",
      probes: [hovered("paykka.payment.apply.withResponse", "void paykka.payment.apply.⟦withResponse⟧({} as never)")]
    },
    ofType("Sdk.Reply<Sdk.Payment.ApplyOutput>", "Reply"),
    ofType("Sdk.CallOptions", "options of a call"),
    ofType(
      'Omit<Sdk.AwaitOptions, keyof Sdk.CallOptions> & Pick<Sdk.AwaitOptions, "poll" | "statuses">',
      "options of awaitOutcome"
    ),
    ofType('Pick<Sdk.ConvertOptions, "margin">', "options of convert"),
    ofType("Omit<Sdk.NamedUploadOptions, keyof Sdk.CallOptions>", "options of upload"),
    ofType("Sdk.RetrySettings", "retry"),
    ofType("Sdk.PollSettings", "poll"),
    ofType("Sdk.ResolveSettings", "resolve"),
    ofType("Sdk.LogLine", "a line of the log"),
    ofType("Sdk.EndpointRequest", "paykka.request: argument 1"),
    ...messages,
    ofType("Sdk.Sale", "forex.convert: a sale"),
    ofType("Sdk.AtLeast", "forex.convert: the limit of a sale"),
    ofType("Sdk.Purchase", "forex.convert: a purchase"),
    ofType("Sdk.AtMost", "forex.convert: the limit of a purchase"),
    ofType("Sdk.Converted", "forex.convert: result"),
    ofType("Sdk.Uploaded", "file.upload: result"),
    {
      title: "webhooks",
      probes: [
        hovered("createWebhooks", "Sdk.⟦createWebhooks⟧({ platformPublicKeys: [] })"),
        hovered("paykka.webhooks.handler", "paykka.webhooks.⟦handler⟧({})"),
        hovered("const handler", "const ⟦handler⟧ = paykka.webhooks.handler({})"),
        hovered("paykka.webhooks.verify", "void paykka.webhooks.⟦verify⟧({} as never)"),
        hovered("const event", "const ⟦event⟧ = await paykka.webhooks.verify({} as never)"),
        hovered("paykka.webhooks.ready", "void paykka.webhooks.⟦ready⟧()"),
        hovered("paykka.webhooks.dispose", "void paykka.webhooks.⟦dispose⟧()")
      ]
    },
    ofType('Omit<Sdk.WebhookSettings, "log">', "settings of webhooks"),
    ofType("Sdk.Handlers", "handlers"),
    {
      title: "a handler",
      probes: [
        hovered("event", "paykka.webhooks.handler({ va: async (⟦event⟧) => {} })"),
        hovered("event.data", "paykka.webhooks.handler({ va: async (event) => void event.⟦data⟧ })"),
        hovered("data", "paykka.webhooks.handler({ payment: async ({ ⟦data⟧ }) => {} })"),
        hovered("signal", "paykka.webhooks.handler({ payment: async (_, { ⟦signal⟧ }) => {} })"),
        hovered("event, unknown", "paykka.webhooks.handler({ unknown: async (⟦event⟧) => {} })")
      ]
    },
    ofType("Sdk.Handler", "a running webhook"),
    ofType('Sdk.Event<"va">', "an event"),
    ...["onboarding", "assessment", "va", "remittance", "tradesettle", "payee", "forex", "payment"].map((kind) =>
      ofType(`Sdk.Event<"${kind}">["data"]`, `${kind}: what its notification tells`)
    ),
    {
      title: "errors",
      probes: [
        hovered(
          "error instanceof PaykkaError",
          "try {} catch (error) { if (error instanceof Sdk.PaykkaError) void ⟦error⟧ }"
        ),
        hovered("error.reason", "try {} catch (error) { if (error instanceof Sdk.PaykkaError) void error.⟦reason⟧ }"),
        hovered(
          "error.reason._tag",
          "try {} catch (error) { if (error instanceof Sdk.PaykkaError) void error.reason.⟦_tag⟧ }"
        ),
        hovered(
          "error.reason of a tag",
          'try {} catch (error) { if (error instanceof Sdk.PaykkaError && error.reason._tag === "OutcomeUnknown") void error.⟦reason⟧ }'
        ),
        ...[
          "PaykkaError",
          "OutcomePending",
          "QuoteRefused",
          "InvalidConfiguration",
          "Disposed",
          "SignatureRejected",
          "Unreadable"
        ].map((name) => hovered(name, `Sdk.⟦${name}⟧`))
      ]
    },
    ...[
      "PaykkaError",
      "OutcomePending",
      "QuoteRefused",
      "InvalidConfiguration",
      "Disposed",
      "SignatureRejected",
      "Unreadable"
    ].map((name) => ofType(`Omit<Sdk.${name}, keyof import("effect/Cause").YieldableError | "_tag">`, name)),
    ...["InvalidRequest", "RateLimited", "Unreachable", "UnexpectedResponse", "OutcomeUnknown", "SigningFailed"].map(
      (tag) => ofType(`Omit<Extract<Sdk.Reason, { readonly _tag: "${tag}" }>, "_tag">`, `PaykkaError, reason ${tag}`)
    ),
    calls("Amount", "Sdk.Amount", [
      "parse",
      "fromJson",
      "add",
      "subtract",
      "sum",
      "negate",
      "compare",
      "toMinorUnits",
      "fromMinorUnits"
    ]),
    calls("helpers", "Sdk", ["makeRequestId", "relate", "isRelatable", "mainlandLicense", "hongKongLicense"]),
    ofType("Sdk.Division", "relate: argument 1", true),
    { title: "an amount", probes: [hovered("const total", 'const ⟦total⟧ = Sdk.Amount.add("1", "2")')] }
  ]
}

const ask = (
  plans: ReadonlyArray<{ readonly title: string; readonly probes: ReadonlyArray<Probe> }>,
  declarations: ReadonlyArray<string>
) => {
  const lines = [...head, ...declarations]
  const places = new Map<Probe, number>()
  let length = lines.join("\n").length + 1
  for (const probe of plans.flatMap(({ probes }) => probes)) {
    places.set(probe, length + 2 + probe.code.indexOf("⟦"))
    // In a block of its own, so that names may come again.
    const line = `{ ${probe.code.replace(/[⟦⟧]/g, "")} }`
    lines.push(line)
    length += line.length + 1
  }
  return { program: lines.join("\n"), places }
}

/** The whole tour. */
export const take = (): { readonly sections: ReadonlyArray<Section>; readonly faults: ReadonlyArray<string> } => {
  const editor = start()
  const write = (lines: ReadonlyArray<string>) => editor.write([...head, ...lines].join("\n"))
  write([])
  const names = editor.members("paykka", false).map((path) => path.slice(1))
  write(names.map((name) => `declare const domain_${name}: Sdk.Paykka["${name}"]`))
  const plans = planOf(domainsOf(editor))
  const declarations = plans.flatMap((plan, index) =>
    "type" in plan ? [`declare const of${index}: ${plan.type}`] : []
  )
  write(declarations)
  const full = plans.map((plan, index) =>
    "probes" in plan
      ? plan
      : {
          title: plan.title,
          probes: editor.members(`of${index}`, plan.isDeep).map((path) => {
            const at = path.lastIndexOf(".") + 1
            const name = path.slice(1).replaceAll("!", "")
            return hovered(name, `void of${index}${path.slice(0, at)}⟦${path.slice(at)}⟧`)
          })
        }
  )
  const { program, places } = ask(full, declarations)
  editor.write(program)
  const sections = full.map(({ title, probes }) => ({
    title,
    stops: probes.map(({ name, code }, index): Stop => {
      const offset = places.get(probes[index]!)!
      const hover = editor.hover(offset)
      if (hover === undefined) throw new Error(`nothing is shown of ${title}, ${name}`)
      const isCalled = code[code.indexOf("⟧") + 1] === "("
      return { name, hover, signatures: isCalled ? editor.signatures(offset + nameIn(code).length + 1) : [] }
    })
  }))
  return { sections, faults: editor.faults() }
}

/** What is shown, on one line, and with the names that a program has which imports each by itself. */
const line = ({ text }: Shown): string => text.replace(/\s*\n\s*/g, " ").replace(/\bSdk\./g, "")

const indented = (text: string, by: string): string => text.replace(/^(?=.)/gm, by)

const entry = ({ name, hover, signatures }: Stop): string => {
  // A member is shown by its own name: here by the path that leads to it.
  const [, rest] = /^\(property\) (?:[\w<>."]+\.)?\w+(\??: .*)$/.exec(line(hover)) ?? []
  const last = name.slice(name.lastIndexOf(".") + 1)
  const isMember = rest !== undefined && line(hover).includes(last)
  const documented = ({ doc }: Shown) => (doc === "" ? [] : [indented(doc, "    ")])
  return [
    isMember ? name + rest : `${name.replace("Sdk.", "")}  ${line(hover)}`,
    ...documented(hover),
    ...signatures.flatMap((each) => [`  called  ${line(each)}`, ...(each.doc === hover.doc ? [] : documented(each))])
  ].join("\n")
}

/** The tour as a text: each thing with what is shown of it, its documentation below. */
export const written = (sections: ReadonlyArray<Section>): string => {
  const seen = new Map<string, string>()
  const parts = sections.map(({ title, stops }) => {
    const body = stops.map(entry).join("\n")
    const earlier = seen.get(body)
    seen.set(body, earlier ?? title)
    return `== ${title}\n\n${earlier === undefined ? body : `as ${earlier}`}`
  })
  return `${parts.join("\n\n")}\n`
}
