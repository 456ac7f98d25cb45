/** Which PayKKa is called. */
import * as Data from "effect/Data"
import * as Result from "effect/Result"

/** A base URL and the name it goes by in logs. */
export interface Environment {
  readonly name: "sandbox" | "production" | "local"
  /** Scheme and host, perhaps with a port; no path, query or credentials. */
  readonly baseUrl: string
}

/** A setting that cannot be used. Nothing was sent. */
export class InvalidConfiguration
  extends /*#__PURE__*/ Data.TaggedError("InvalidConfiguration")<{
    /** The option at fault, for example `merchId`. */
    readonly option: string
    /** What is wrong with it. */
    readonly detail: string
  }>
{
  override get message(): string {
    return `${this.option}: ${this.detail}`
  }
}

/** PayKKa's public sandbox host. Documented. */
export const sandbox: Environment = { name: "sandbox", baseUrl: "https://open-fat.cb.paykka.com" }

/** Production. Its host is not published: PayKKa hands it out on application. */
export const production = (options: { readonly baseUrl: string }): Environment => ({
  name: "production",
  baseUrl: options.baseUrl
})

/** A server of one's own, such as the `@paykka/sandbox`. Plain http is allowed on loopback only. */
export const local = (baseUrl: string): Environment => ({ name: "local", baseUrl })

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" ||
  hostname.endsWith(".localhost") ||
  hostname === "[::1]" ||
  /^127(\.\d{1,3}){3}$/.test(hostname)

/** Checks a base URL: https (plain http on loopback only), and nothing but scheme, host and port. */
export const origin = (environment: Environment): Result.Result<string, InvalidConfiguration> => {
  const fail = (detail: string) => Result.fail(new InvalidConfiguration({ option: "environment.baseUrl", detail }))
  if (!URL.canParse(environment.baseUrl)) return fail("must be a URL such as https://host")
  const url = new URL(environment.baseUrl)
  if (url.protocol !== "https:" && url.protocol !== "http:") return fail("must start with https://")
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    return fail("must start with https:// (plain http is allowed to loopback addresses only)")
  }
  if (url.username !== "" || url.password !== "") return fail("must not contain credentials")
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    return fail("must be scheme and host only; to change an operation's path use `overrides`")
  }
  return Result.succeed(url.origin)
}
