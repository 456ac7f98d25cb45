/** Which host is called, where flags and a profile both speak of it. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { describe, expect, it } from "vitest"
import { read } from "../src/internal/settings.ts"
import { folder } from "./support/paykka.ts"

const none = {
  profile: Option.none(),
  environment: Option.none(),
  baseUrl: Option.none(),
  merchId: Option.none(),
  keyId: Option.none(),
  privateKeyFile: Option.none()
}

/** The client's environment with a profile and with flags. */
const environmentOf = (profile: object, flags: Readonly<Record<string, string>>) => {
  const file = join(folder(), "paykka.json")
  writeFileSync(file, JSON.stringify({ default: "only", profiles: { only: profile } }))
  const given = Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, Option.some(value)]))
  return Effect.runPromise(
    read({ ...none, ...given, config: Option.some(file) }).pipe(
      Effect.flatMap(({ client }) => client),
      Effect.match({ onFailure: ({ message }) => message, onSuccess: ({ environment }) => environment.baseUrl })
    )
  )
}

const production = { environment: "production", baseUrl: "https://open.example" }

describe("the host of a profile", () => {
  it("is called under the profile's own environment", async () => {
    expect(await environmentOf(production, {})).toBe("https://open.example")
  })

  it("is never called as another environment: a production host as the sandbox, or the sandbox as production", async () => {
    // The public sandbox, by contract/core.yaml.
    expect(await environmentOf(production, { environment: "sandbox" })).toBe("https://open-fat.cb.paykka.com")
    const sandbox = { environment: "sandbox", baseUrl: "https://fat.example" }
    expect(await environmentOf(sandbox, { environment: "production" })).toBe(
      "PAYKKA_BASE_URL: is not set, but PAYKKA_ENVIRONMENT is production"
    )
  })

  it("gives way to a flag, under the profile's environment", async () => {
    expect(await environmentOf(production, { baseUrl: "https://second.example" })).toBe("https://second.example")
  })
})
