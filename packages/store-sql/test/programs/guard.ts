/** A server under the guard, several of which share a database. */
import { serve } from "@paykka/tooling-conformance/server"
import * as Layer from "effect/Layer"
import * as SqlReplayGuard from "../../src/SqlReplayGuard.ts"
import { clientOf, fromEnv } from "./database.ts"

serve(SqlReplayGuard.layer().pipe(Layer.provide(clientOf(fromEnv()))))
