/** A real browser for tests and checks, where the machine has one. It is no service: what needs it skips without. */
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

/** The browser of the machine: `PAYKKA_CHROMIUM`, or the first of the usual names on the path. */
export const findChromium = (): string | undefined => {
  const named = process.env["PAYKKA_CHROMIUM"]
  if (named !== undefined) return named
  const folders = (process.env["PATH"] ?? "").split(delimiter)
  return ["chromium", "chromium-browser", "google-chrome"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
