/** The snippets of docs/webhooks.md in the real frameworks, and the mistake that each of them invites. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { notification as va } from "@paykka/schemas/Va"
import * as Testing from "@paykka/webhook/testing"
import * as Effect from "effect/Effect"
import { type Edit, edited, snippet } from "../guide.ts"
import { buildNext, compile, finish, next, remove, serve, write } from "../program.ts"

const path = "/hooks/va"

interface Framework {
  readonly name: string
  /** Makes the classic mistake. */
  readonly mistake: Edit
  /** What the log then says. */
  readonly refusal: string
  /** How the log names the remedy. */
  readonly remedy: string
  /** Adds a route that answers with the field `a` of the JSON that it gets, where the framework parses by itself. */
  readonly otherRoute?: Edit
}

const readBefore = "the body was read before"

const frameworks: ReadonlyArray<Framework> = [
  {
    name: "express",
    mistake: ["const app = express()", "const app = express().use(express.json())"],
    refusal: readBefore,
    remedy: "express.raw",
    otherRoute: [
      "app.listen(8080)",
      'app.post("/other", (request, response) => void response.send(request.body.a))\napp.listen(8080)'
    ]
  },
  {
    name: "fastify",
    mistake: [
      '  hooks.removeAllContentTypeParsers()\n  hooks.addContentTypeParser("*", (_request, _body, done) => done(null))\n',
      ""
    ],
    refusal: readBefore,
    remedy: "Fastify addContentTypeParser",
    otherRoute: ["await app.listen(", 'app.post("/other", async (request) => request.body.a)\nawait app.listen(']
  },
  {
    name: "hono",
    mistake: [
      'app.post("/hooks/va",',
      'app.post("/hooks/va", async (c, next) => { await c.req.json(); await next() },'
    ],
    refusal: readBefore,
    remedy: "Hono c.req.arrayBuffer()"
  },
  {
    name: "nest",
    mistake: ["rawBody: body }", "body }"],
    refusal: "the body is not bytes (a parsed value?)",
    remedy: "Nest rawBody",
    otherRoute: [
      "class PaykkaController {",
      'class PaykkaController {\n  @Post("other")\n  other(@Req() request) { return request.body.a }\n'
    ]
  }
]

/** The mistake of a second snippet: the option forgotten. */
const forgotten = { mistake: ["{ rawBody: true }", "{}"], refusal: "the body is missing" } as const

const route = {
  mistake: ["handler.fetch(request)", "request.json().then(() => handler.fetch(request))"],
  refusal: readBefore,
  remedy: "Next's request itself"
} as const

describe("docs/webhooks.md", () => {
  let programs: string
  let key: Testing.KeyPair
  let env: Readonly<Record<string, string>>

  beforeAll(async () => {
    key = await Effect.runPromise(Testing.generateKeyPair())
    env = { PAYKKA_PLATFORM_PUBLIC_KEY: key.publicKey, PAYKKA_PLATFORM_KEY_ID: key.keyId }
    const files: Record<string, string> = { "paykka.ts": snippet("paykka.ts"), "signed.ts": snippet("signed.ts") }
    for (const { name, mistake, otherRoute } of frameworks) {
      files[`${name}.ts`] = snippet(`${name}.ts`)
      files[`${name}-mistaken.ts`] = edited(snippet(`${name}.ts`), mistake)
      if (otherRoute !== undefined) files[`${name}-other.ts`] = edited(snippet(`${name}.ts`), otherRoute)
    }
    files["nest-forgotten.ts"] = edited(snippet("nest.ts"), forgotten.mistake)
    programs = write(files)
    await compile(programs)
  })

  afterAll(() => remove(programs))

  /** A program that serves while the test runs. */
  const start = (folder: string, args: ReadonlyArray<string>) =>
    Effect.acquireRelease(
      Effect.promise(() => serve(folder, args, env)),
      ({ stop }) => Effect.promise(stop)
    )

  const sign = (requestId: string, to = path) =>
    Effect.orDie(
      Testing.sign(
        va,
        { request_id: requestId, status: "ENABLED", bank_name: "中国银行" },
        { key, path: to, merchId: "M1" }
      )
    )

  const post = (origin: string, { headers, path: to }: Testing.Signed, body: Uint8Array<ArrayBuffer>) =>
    Effect.promise(async () => {
      const response = await fetch(origin + to, { method: "POST", headers, body })
      return [response.status, await response.text()]
    })

  /** A genuine notification, and one that is changed on its way. */
  const assertReceives = (origin: string) =>
    Effect.gen(function* () {
      const genuine = yield* sign("VA-genuine")
      assert.deepStrictEqual(yield* post(origin, genuine, genuine.body), [200, "{}"])
      const changed = yield* sign("VA-changed")
      // The same values: only the bytes differ.
      const body = Buffer.concat([changed.body, Buffer.from(" ")])
      assert.deepStrictEqual(yield* post(origin, changed, new Uint8Array(body)), [401, "{}"])
    })

  const assertLog = (log: string) => {
    assert.include(log, "application VA-genuine is ENABLED")
    assert.notInclude(log, "application VA-changed")
    assert.include(log, "the signature does not match")
  }

  const assertRefuses = (origin: string, to = path) =>
    Effect.gen(function* () {
      const genuine = yield* sign("VA-genuine", to)
      assert.deepStrictEqual(yield* post(origin, genuine, genuine.body), [500, "{}"])
    })

  const assertRefusal = (log: string, { refusal, remedy }: Pick<Framework, "refusal" | "remedy">) => {
    assert.include(log, `PayKKa notification refused: ${refusal}`)
    assert.include(log, remedy)
    assert.include(log, "see docs/webhooks.md")
    assert.notInclude(log, "application VA-genuine")
    assert.notInclude(log, "中国银行")
  }

  for (const { name, ...classic } of frameworks) {
    describe(name, () => {
      it.live("receives what is genuine, and refuses what was changed", () =>
        Effect.gen(function* () {
          const { origin, stop } = yield* start(programs, [`${name}.js`])
          yield* assertReceives(origin)
          assertLog(yield* Effect.promise(stop))
        }).pipe(Effect.scoped)
      )

      it.live("a body that was parsed before is refused, and the log says how to get it raw", () =>
        Effect.gen(function* () {
          const { origin, stop } = yield* start(programs, [`${name}-mistaken.js`])
          yield* assertRefuses(origin)
          assertRefusal(yield* Effect.promise(stop), classic)
        }).pipe(Effect.scoped)
      )

      if (classic.otherRoute !== undefined) {
        it.live("the JSON of other routes is parsed as ever", () =>
          Effect.gen(function* () {
            const { origin } = yield* start(programs, [`${name}-other.js`])
            yield* assertReceives(origin)
            const answer = yield* Effect.promise(async () => {
              const headers = { "Content-Type": "application/json" }
              const response = await fetch(`${origin}/other`, { method: "POST", headers, body: '{"a":"b"}' })
              return response.text()
            })
            assert.strictEqual(answer, "b")
          }).pipe(Effect.scoped)
        )
      }
    })
  }

  it.live("nest: without its option rawBody the body is missing, and the log says how to get it", () =>
    Effect.gen(function* () {
      const { origin, stop } = yield* start(programs, ["nest-forgotten.js"])
      yield* assertRefuses(origin)
      assertRefusal(yield* Effect.promise(stop), { refusal: forgotten.refusal, remedy: "Nest rawBody" })
    }).pipe(Effect.scoped)
  )

  describe("next", () => {
    let app: string

    beforeAll(async () => {
      app = write({
        "next.config.mjs": [
          // The repository's root, so that packages of the workspace are found.
          'const root = new URL("../../../..", import.meta.url).pathname',
          "export default { turbopack: { root }, typescript: { ignoreBuildErrors: true } }"
        ].join("\n"),
        "app/hooks/va/paykka.ts": snippet("paykka.ts"),
        "app/hooks/va/route.ts": snippet("route.ts"),
        "app/hooks/mistaken/paykka.ts": snippet("paykka.ts"),
        "app/hooks/mistaken/route.ts": edited(snippet("route.ts"), route.mistake)
      })
      await buildNext(app)
      // As for tests, a limit that only a hang reaches: it takes 10 seconds where nothing else runs.
    }, 180_000)

    afterAll(() => remove(app))

    it.live("receives what is genuine, and refuses what was changed", () =>
      Effect.gen(function* () {
        const { origin, stop } = yield* start(app, [next, "start"])
        yield* assertReceives(origin)
        assertLog(yield* Effect.promise(stop))
      }).pipe(Effect.scoped)
    )

    it.live("a body that was parsed before is refused, and the log says how to get it raw", () =>
      Effect.gen(function* () {
        const { origin, stop } = yield* start(app, [next, "start"])
        yield* assertRefuses(origin, "/hooks/mistaken")
        assertRefusal(yield* Effect.promise(stop), route)
      }).pipe(Effect.scoped)
    )
  })

  it.live("the test of a webhook holds", () =>
    Effect.gen(function* () {
      const { code, output } = yield* Effect.promise(() => finish(programs, ["signed.js"]))
      assert.strictEqual(code, 0, output)
      assert.include(output, "application VA-1 is ENABLED")
    })
  )
})
