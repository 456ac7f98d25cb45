/** The worker as it is built, in workerd. The suites wait for each other's processes and for times, so they do it together. */
import { describe } from "@effect/vitest"
import { lacking } from "./suites/lacking.ts"
import { lives } from "./suites/lives.ts"
import { scenarios } from "./suites/scenarios.ts"
import { store } from "./suites/store.ts"

/** Runs beside the others, its own tests one after the other: they tell PayKKa what is to go wrong next. */
const beside = (name: string, suite: () => void) =>
  describe(name, { concurrent: true }, () => {
    describe("in workerd", { concurrent: false }, suite)
  })

beside("the scenarios", scenarios)
beside("its lives", lives)
beside("its store", store)
beside("its variables", lacking)
