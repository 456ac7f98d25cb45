/** Elements made of data: texts are only ever texts, so nothing that was pasted becomes markup. */

type Child = Node | string | undefined | false

type Attributes = Readonly<Record<string, string | boolean | undefined>>

/** Makes an element; an attribute that is `undefined` or `false` is left out. */
export const h = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: ReadonlyArray<Child>
): HTMLElementTagNameMap[Name] => {
  const element = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(attribute, value === true ? "" : value)
  }
  element.append(...children.filter((child) => child !== undefined && child !== false))
  return element
}

/** The element of this id, of the kind that the page has there. */
export const byId = <Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind => {
  const element = document.getElementById(id)
  if (!(element instanceof kind)) throw new Error(`the page lacks #${id}`)
  return element
}
