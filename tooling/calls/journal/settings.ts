/** What the paying processes are told. */
import type { Engine } from "./engines.ts"

/** A write that is to be made once. */
export type Item =
  | {
      readonly kind: "payment"
      readonly request_id: string
      readonly amount: string
      readonly currency: string
      readonly beneficiary_id: string
    }
  | { readonly kind: "payee"; readonly request_id: string }

/** All of it. As JSON in the environment, but for the private key. */
export interface Settings {
  readonly engine: Engine
  readonly baseUrl: string
  readonly merchId: string
  /** The folder of the marks. */
  readonly marks: string
  /** The file of the notes. */
  readonly notes: string
  readonly items: ReadonlyArray<Item>
}

/** Whose writes these are. */
export const owner = "payer"

export const toEnv = (settings: Settings, privateKey: string): Readonly<Record<string, string>> => ({
  SETTINGS: JSON.stringify(settings),
  PRIVATE_KEY: privateKey
})

export const fromEnv = (): Settings & { readonly privateKey: string } => ({
  ...(JSON.parse(process.env["SETTINGS"] ?? "") as Settings),
  privateKey: process.env["PRIVATE_KEY"] ?? ""
})
