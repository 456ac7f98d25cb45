/** The service as a process. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as App from "./App.ts"
import * as Environment from "./Environment.ts"
import * as Process from "./Process.ts"

await Process.run(
  Effect.map(
    Layer.build(Layer.provideMerge(App.layer, Environment.layer(process.env))),
    (context) => Context.get(context, Environment.Environment).shutdownMillis
  )
)
