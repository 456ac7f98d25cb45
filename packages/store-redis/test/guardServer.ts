/** One of the four processes of `processesSuite`. */
import { serve } from "@paykka/tooling-conformance/server"
import * as Layer from "effect/Layer"
import * as RedisReplayGuard from "../src/RedisReplayGuard.ts"
import { redisAt } from "./support.ts"

serve(RedisReplayGuard.layer({ prefix: process.env["PREFIX"]! }).pipe(Layer.provide(redisAt())))
