import { describe, expect, it } from "vitest"
import { isAtLeast, oldNode, oldTaskNode } from "../node-version.mjs"

describe("isAtLeast", () => {
  it.each([
    ["20.0.0", "20.0.0", true],
    ["v24.21.0", "22.19.0", true],
    ["22.19.0", "22.19.0", true],
    ["22.18.9", "22.19.0", false],
    ["22.9.0", "22.19.0", false],
    ["19.9.0", "20.0.0", false],
    ["8.17.0", "20.0.0", false],
    ["23.0.0-nightly", "22.19.0", true],
    ["100.0.0", "22.19.0", true]
  ])("%s against %s: %s", (version, minimum, expected) => {
    expect(isAtLeast(version, minimum)).toBe(expected)
  })
})

describe("the sentences", () => {
  it("an old Node is named together with what to install", () => {
    expect(oldNode("18.20.4")).toMatch(/^Node 18\.20\.4 is too old: install Node 22\.19 or newer/)
    expect(oldNode("20.0.0")).toBeUndefined()
  })

  it("a task's Node is named as well, and a Node that does not start", () => {
    expect(oldTaskNode("20.20.2")).toContain("found Node 20.20.2")
    expect(oldTaskNode(undefined)).toContain("does not start")
    expect(oldTaskNode("22.19.0")).toBeUndefined()
  })
})
