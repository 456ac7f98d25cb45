/** The page: reads what is pasted, and explains it anew whenever something changes. */
import * as Diagnosis from "@paykka/signing/Diagnosis"
import * as HttpMessage from "@paykka/signing/HttpMessage"
import * as KeyMaterial from "@paykka/signing/KeyMaterial"
import type { VerificationKey } from "@paykka/signing/KeyStore"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { byId, h } from "./dom.ts"
import { examples, fillIn } from "./examples.ts"
import { introduction, show } from "./result.ts"

const form = byId("form", HTMLFormElement)
const messageField = byId("message", HTMLTextAreaElement)
const fileField = byId("file", HTMLInputElement)
const entryField = byId("entry-field", HTMLElement)
const entrySelect = byId("entry", HTMLSelectElement)
const keyField = byId("key", HTMLTextAreaElement)
const keyIdField = byId("key-id", HTMLInputElement)
const otherKeysField = byId("other-keys", HTMLTextAreaElement)
const pathField = byId("path", HTMLInputElement)
const merchIdField = byId("merch-id", HTMLInputElement)
const arrivedField = byId("arrived", HTMLInputElement)
const exampleSelect = byId("example", HTMLSelectElement)
const status = byId("status", HTMLElement)
const result = byId("result", HTMLElement)

/** Made once, so that its list stays open. */
const beginning = introduction()

type Field = HTMLTextAreaElement | HTMLInputElement

/** Says beside a field what is wrong with it; an empty text takes that back. */
const problem = (field: Field, text: string): void => {
  const place = byId(`${field.id}-problem`, HTMLElement)
  if (place.textContent !== text) place.textContent = text
  if (text === "") field.removeAttribute("aria-invalid")
  else field.setAttribute("aria-invalid", "true")
}

/** The bytes of a chosen file, as long as the text beside is that file's. */
let file: { readonly text: string; readonly bytes: Uint8Array } | undefined

const messageInput = (): string | Uint8Array =>
  file !== undefined && file.text === messageField.value ? file.bytes : messageField.value

const readKey = async (text: string, keyId: string | undefined, field: Field): Promise<VerificationKey | undefined> => {
  const key = await Effect.runPromise(Effect.result(KeyMaterial.publicHalf(text)))
  if (Result.isFailure(key)) {
    problem(field, `${key.failure.message}.`)
    return undefined
  }
  problem(field, "")
  return { ...key.success, keyId }
}

const pemBlock = /-----BEGIN [\s\S]*?-----END [^-]*-----/g

const textOr = ({ value }: Field): string | undefined => (value.trim() === "" ? undefined : value.trim())

const readKeys = async () => {
  const text = textOr(keyField)
  const key = text === undefined ? problem(keyField, "") : await readKey(text, textOr(keyIdField), keyField)
  const others = textOr(otherKeysField)
  if (others === undefined) problem(otherKeysField, "")
  const pieces = others === undefined ? [] : (others.match(pemBlock) ?? others.split(/\n\s*\n/))
  const otherKeys: Array<VerificationKey> = []
  for (const piece of pieces) {
    const other = await readKey(piece, undefined, otherKeysField)
    if (other === undefined) break
    otherKeys.push(other)
  }
  return { keys: key === undefined ? [] : [key], otherKeys }
}

const readArrival = (): number | undefined => {
  const text = textOr(arrivedField)
  const millis = text === undefined ? undefined : /^[0-9]+$/.test(text) ? Number(text) : Date.parse(text)
  const wrong = millis !== undefined && Number.isNaN(millis)
  problem(arrivedField, wrong ? "A time is ISO 8601, or milliseconds since 1970." : "")
  return wrong ? undefined : millis
}

const offerEntries = (text: string): void => {
  const entries = HttpMessage.recognise(text) === "har" ? HttpMessage.entries(text) : []
  entryField.hidden = entries.length < 2
  const options = entries.map(
    ({ entry, method, url, signed }) => `${entry}. ${method} ${url}${signed ? "" : " (not signed)"}`
  )
  if (options.join("\n") === [...entrySelect.options].map(({ text: label }) => label).join("\n")) return
  entrySelect.replaceChildren(...options.map((label, index) => h("option", { value: String(index) }, label)))
  const first = entries.findIndex(({ signed }) => signed)
  entrySelect.value = String(Math.max(0, first))
}

const display = (nodes: ReadonlyArray<Node>, said: string): void => {
  result.replaceChildren(...nodes)
  result.removeAttribute("aria-busy")
  if (status.textContent !== said) status.textContent = said
}

let running: AbortController | undefined

/** Explains what stands in the form. An earlier run that is under way ends. */
const explain = async (): Promise<void> => {
  running?.abort()
  const { signal } = (running = new AbortController())
  const input = messageInput()
  const text = messageField.value
  if (text.trim() === "") {
    problem(messageField, "")
    entryField.hidden = true
    display(beginning, "")
    return
  }
  offerEntries(text)
  result.setAttribute("aria-busy", "true")
  const { keys, otherKeys } = await readKeys()
  const now = readArrival()
  const parsed = HttpMessage.parse(input, { entry: entryField.hidden ? undefined : Number(entrySelect.value) })
  if (signal.aborted) return
  if (Result.isFailure(parsed)) {
    problem(messageField, `${parsed.failure.message}.`)
    display(beginning, "")
    return
  }
  problem(messageField, "")
  const message = parsed.success
  const path = textOr(pathField)
  const question = { message, keys, otherKeys, now, path, merchId: textOr(merchIdField) }
  const diagnosis = await Effect.runPromise(Diagnosis.diagnose(question), { signal }).catch((error: unknown) => {
    if (signal.aborted) return undefined
    throw error
  })
  if (diagnosis !== undefined && !signal.aborted) {
    display(show(diagnosis, message), `${diagnosis.verdict}. ${diagnosis.summary}`)
  }
}

let timer: ReturnType<typeof setTimeout> | undefined

/** A moment after the last change, so that typing is not disturbed. */
const explainSoon = (): void => {
  clearTimeout(timer)
  timer = setTimeout(() => void explain(), 150)
}

const explainNow = async (): Promise<void> => {
  clearTimeout(timer)
  await explain()
  const heading = document.getElementById("verdict")
  // What cannot be read is said beside its field; the focus goes to where the next step is.
  if (heading !== null) heading.focus()
  else if (messageField.getAttribute("aria-invalid") === "true") messageField.focus()
}

form.addEventListener("input", (event) => {
  if (event.target !== exampleSelect && event.target !== fileField) explainSoon()
})
form.addEventListener("submit", (event) => {
  event.preventDefault()
  void explainNow()
})
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void explainNow()
})
form.addEventListener("reset", () => {
  file = undefined
  // The fields are empty only after this event.
  setTimeout(() => {
    for (const field of [keyField, otherKeysField, arrivedField]) problem(field, "")
    void explain()
    messageField.focus()
  })
})
fileField.addEventListener("change", () => {
  const chosen = fileField.files?.[0]
  if (chosen === undefined) return
  void chosen.arrayBuffer().then((buffer) => {
    const bytes = new Uint8Array(buffer)
    messageField.value = new TextDecoder().decode(bytes)
    file = { text: messageField.value, bytes }
    return explain()
  })
})
byId("fill", HTMLButtonElement).addEventListener("click", () => {
  const example = examples[Number(exampleSelect.value)]
  if (example === undefined) return
  void fillIn(example).then(({ message, key, keyId }) => {
    for (const field of [otherKeysField, pathField, merchIdField, arrivedField, fileField]) field.value = ""
    file = undefined
    messageField.value = message
    keyField.value = key
    keyIdField.value = keyId
    return explain()
  })
})

exampleSelect.append(...examples.map(({ name }, index) => h("option", { value: String(index) }, name)))
result.replaceChildren(...beginning)
if (globalThis.crypto?.subtle === undefined) {
  problem(messageField, "This browser has no WebCrypto here: open the page as a file, from localhost, or by https.")
}
