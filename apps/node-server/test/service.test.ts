/** The service as it runs: in processes of its own. They wait for each other, for times and for databases, so they do it together. */
import { describe } from "vitest"
import { dev } from "./suites/dev.ts"
import { image } from "./suites/image.ts"
import { instances } from "./suites/instances.ts"
import { processes } from "./suites/processes.ts"
import { scenarios } from "./suites/scenarios.ts"

describe("the service", { concurrent: true, timeout: 180_000 }, () => {
  scenarios()
  instances()
  processes()
  dev()
  image()
})
