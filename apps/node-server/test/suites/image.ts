/** The container image. What it holds is made and run by the other tests. */
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import * as Image from "../image.ts"

const root = fileURLToPath(new URL("../../../..", import.meta.url))
const read = (file: string) => readFileSync(new URL(file, import.meta.url), "utf8")

const hasDocker = spawnSync("docker", ["info"]).status === 0
if (!hasDocker) console.warn("skipped: there is no container engine that answers")

/** Declares them. */
export const image = () => {
  describe("the image", () => {
    it("runs on the Node that everything else runs on", () => {
      const [, pinned] = /^nodeVersion: (.+)$/m.exec(read("../../../../pnpm-workspace.yaml")) ?? []
      expect(read("../../Dockerfile")).toContain(`ARG NODE=node:${pinned}-`)
    })

    it("is not made over something else", () => {
      const { status, stderr } = spawnSync(process.execPath, [Image.script, Image.folder], { encoding: "utf8" })
      expect(stderr).toContain(`${Image.folder} is not empty`)
      expect(status).toBe(1)
    })

    it.skipIf(!hasDocker)("is built by Docker", { timeout: 900_000 }, () => {
      const { status, stderr } = spawnSync(
        "docker",
        ["build", "-f", "apps/node-server/Dockerfile", "-t", "paykka-payouts-test", "."],
        { cwd: root, encoding: "utf8" }
      )
      expect(status, stderr).toBe(0)
    })
  })
}
