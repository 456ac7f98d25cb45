import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { load } from "../src/internal/profile.ts"
import { folder } from "./support/paykka.ts"

const secret = "-----BEGIN PRIVATE KEY-----MIIE"

/** A profile of its own, with one field. */
const profiles = {
  good: { merchId: "M1", overrides: { "va.apply": { path: "/x" } }, privateKey: { file: "keys/own.pem" } },
  value: { privateKey: secret },
  listed: { platformPublicKey: [secret] },
  two: { privateKey: { file: "a", env: "B" } },
  empty: { privateKey: { command: [] } },
  misspelt: { merchantId: "M1" },
  number: { timeout: 30 },
  blank: { merchId: "" },
  text: { overrides: "{}" },
  none: null,
  unset: { privateKey: { env: "PAYKKA_TEST_OF_NO_SUCH_VARIABLE" } },
  fails: { privateKey: { command: ["false"] } },
  missing: { privateKey: { command: ["/no/such/program", secret] } },
  prints: { privateKey: { command: ["printf", "%s", "a key"] } }
}

describe("a profile", () => {
  it("gives variables, with keys where they are referred to", async () => {
    const cwd = folder()
    const file = join(cwd, "paykka.json")
    writeFileSync(file, JSON.stringify({ default: "good", profiles }))
    const good = await Effect.runPromise(load(file, undefined))
    const values = await Promise.all(
      good!.given.map(async ({ variable, value }) => [variable, await Effect.runPromise(value)])
    )
    expect(Object.fromEntries(values)).toEqual({
      PAYKKA_MERCH_ID: "M1",
      PAYKKA_OVERRIDES: `{"va.apply":{"path":"/x"}}`,
      PAYKKA_PRIVATE_KEY_FILE: join(cwd, "keys/own.pem")
    })
    const [printed] = (await Effect.runPromise(load(file, "prints")))!.given
    expect([printed!.variable, await Effect.runPromise(printed!.value)]).toEqual(["PAYKKA_PRIVATE_KEY", "a key"])
  })

  it.each([
    ["value", "profiles.value.privateKey must not hold the key"],
    ["listed", "profiles.listed.platformPublicKey must be {"],
    ["two", "profiles.two.privateKey must be {"],
    ["empty", "profiles.empty.privateKey must be {"],
    ["misspelt", "profiles.misspelt.merchantId is no setting"],
    ["number", "profiles.number.timeout must be a text"],
    ["blank", "profiles.blank.merchId must be a text"],
    ["text", "profiles.text.overrides must be an object"],
    ["none", "profiles.none must be an object"],
    ["unset", "the variable PAYKKA_TEST_OF_NO_SUCH_VARIABLE is not set"],
    ["fails", 'the command "false" ended with 1'],
    ["missing", 'the command "/no/such/program" failed (ENOENT)'],
    ["nobody", 'has no profile "nobody"']
  ])("says what is wrong: %s", async (name, message) => {
    const file = join(folder(), "paykka.json")
    writeFileSync(file, JSON.stringify({ profiles }))
    const failure = await Effect.runPromise(
      load(file, name).pipe(
        Effect.flatMap((profile) => Effect.forEach(profile!.given, ({ value }) => value)),
        Effect.flip
      )
    )
    expect(failure.message).toContain(message)
    expect(JSON.stringify([failure.message, failure.hint])).not.toContain(secret)
  })

  it.each([
    ["no text", undefined, "is not there"],
    ["not JSON", "{", "the text "],
    ["no profiles", "{}", 'must have "profiles"'],
    ["something else", `{"profiles":{},"keys":{}}`, "and nothing else"],
    ["a default that is no name", `{"default":1,"profiles":{}}`, "and nothing else"]
  ])("says what is wrong with a file: %s", async (_, text, message) => {
    const file = join(folder(), "some.json")
    if (text !== undefined) writeFileSync(file, text)
    expect((await Effect.runPromise(Effect.flip(load(file, "x")))).message).toContain(message)
  })
})
