/** What each field means, from the contract to `packages/schemas/src/internal/descriptions.ts`. */
import type { Contract, Field, Operation } from "./contract.ts"

/** A message: where most of its texts are those of another one, that one and the rest. */
export interface Message {
  readonly like?: string
  readonly fields: Readonly<Record<string, string>>
}

const textsOf = (fields: ReadonlyArray<Field>, prefix = ""): ReadonlyArray<readonly [path: string, text: string]> =>
  fields.flatMap(({ name, desc, fields: members = [], items }) => {
    const path = prefix + name
    return [
      ...(desc === undefined ? [] : [[path, desc] as const]),
      ...textsOf(members, `${path}.`),
      ...textsOf(items?.fields ?? [], `${path}[].`)
    ]
  })

type Texts = ReadonlyMap<string, string>

const messagesOf = ({ id, direction, request, response }: Operation) =>
  direction === "inbound"
    ? { [`${id} data`]: request.find(({ name }) => name === "data")?.fields ?? [] }
    : { [`${id} request`]: request, [`${id} response`]: response }

/** The messages of the contract with the texts of their fields, each in full: `va.apply request`. */
const whole = ({ operations }: Contract): ReadonlyArray<readonly [name: string, texts: Texts]> =>
  operations
    .flatMap((operation) => Object.entries(messagesOf(operation)))
    .map(([name, fields]) => [name, new Map(textsOf(fields))] as const)
    .filter(([, texts]) => texts.size > 0)

/** A message is written by another one when that saves at least so many texts. */
const worthIt = 3

/** All messages. A body that several operations share is written once. */
export const messages = (contract: Contract): Readonly<Record<string, Message>> => {
  const written: Array<readonly [name: string, texts: Texts]> = []
  return Object.fromEntries(
    whole(contract).map(([name, texts]) => {
      const same = (other: Texts) => [...texts].filter(([path, text]) => other.get(path) === text)
      const [like] = written
        // A field that is not in this message must not be found through the other one.
        .filter(([, other]) => [...other.keys()].every((path) => texts.has(path)) && same(other).length >= worthIt)
        .toSorted(([, a], [, b]) => same(b).length - same(a).length)
      if (like === undefined) {
        written.push([name, texts])
        return [name, { fields: Object.fromEntries(texts) }]
      }
      const own = [...texts].filter(([path, text]) => like[1].get(path) !== text)
      return [name, { like: like[0], fields: Object.fromEntries(own) }]
    })
  )
}

/** The module, before it is formatted. */
export const descriptionsModule = (contract: Contract): string =>
  [
    "// Written by tooling/contract from contract/*.yaml. Not to be edited.",
    "",
    "/** The texts of a message's fields; those that are not here are those of the message `like`. */",
    "export interface Message {",
    "  readonly like?: string",
    "  readonly fields: Readonly<Record<string, string>>",
    "}",
    "",
    `export const messages: Readonly<Record<string, Message>> = ${JSON.stringify(messages(contract), null, 2)}`,
    ""
  ].join("\n")

/** What a field means, without the detour through the built package. */
export const describe = (contract: Contract): ((id: string, part: string, path: string) => string | undefined) => {
  const all = new Map(whole(contract))
  return (id, part, path) => all.get(`${id} ${part}`)?.get(path)
}
