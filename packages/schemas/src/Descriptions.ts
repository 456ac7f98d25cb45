/**
 * What each field means, in the words of `contract/`. For tools (the OpenAPI document, help of a command line): who
 * imports it bundles all of the texts.
 */
import * as data from "./internal/descriptions.ts"

/** The part of an operation or notification that a field is in. */
export type Part = "request" | "response" | "data"

/**
 * What a field means; undefined where the contract has no word for it.
 *
 * @param id the operation or notification, such as `va.apply`
 * @param path the field as `Shape.fields` writes it, such as `stakeholder_list[].name`
 */
export const find = (id: string, part: Part, path: string): string | undefined => {
  const message = data.messages[`${id} ${part}`]
  return message?.fields[path] ?? (message?.like === undefined ? undefined : data.messages[message.like]?.fields[path])
}
