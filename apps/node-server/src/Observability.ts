/** Logs, and the export of logs, metrics and traces to an OpenTelemetry collector where `OTEL_EXPORTER_OTLP_ENDPOINT` names one. */
import * as Logging from "@paykka/core/Logging"
import * as Plugin from "@paykka/core/Plugin"
import * as Telemetry from "@paykka/core/Telemetry"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Otlp from "effect/observability/Otlp"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as References from "effect/References"
import { Environment } from "./Environment.ts"
import { untraced } from "./Routes.ts"

const logs = Layer.unwrap(
  Effect.map(Environment, ({ logFormat, logLevel }) =>
    Layer.merge(
      Logger.layer([logFormat === "json" ? Logger.consoleJson : Logger.consolePretty()]),
      Layer.succeed(References.MinimumLogLevel, logLevel)
    )
  )
)

const protocol = Config.Literals(["http/protobuf", "http/json"], "OTEL_EXPORTER_OTLP_PROTOCOL").pipe(
  Config.withDefault("http/protobuf")
)

/** Does nothing without an endpoint. */
const exporter = Layer.unwrap(
  Effect.map(protocol, (spoken) =>
    Otlp.layerFromConfig().pipe(
      Layer.provide([
        spoken === "http/json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf,
        FetchHttpClient.layer
      ])
    )
  )
)

/** For the whole program. What is left is exported when it closes. */
export const layer = Layer.mergeAll(
  exporter,
  Plugin.layer(Telemetry.make(), Logging.make()),
  HttpMiddleware.layerTracerDisabledForUrls(untraced)
).pipe(Layer.provideMerge(logs))
