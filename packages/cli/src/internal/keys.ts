/** `paykka keys`: pairs of RSA keys. */
import { readFile, stat } from "node:fs/promises"
import * as KeyMaterial from "@paykka/signing/KeyMaterial"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type Failure, failed, usage } from "./Failure.ts"
import { makePair, writePair } from "./keyPair.ts"
import { columns, result } from "./output.ts"
import { readInput } from "./readInput.ts"

const sizes = [2048, 3072, 4096] as const

const generate = () =>
  Command.make(
    "generate",
    {
      out: Flag.String("out").pipe(
        Flag.withDescription("Beginning of the files' names: NAME.pem and NAME.pub.pem"),
        Flag.withMetavar("NAME"),
        Flag.withDefault("merchant")
      ),
      bits: Flag.ChoiceWithValue(
        "bits",
        sizes.map((size) => [String(size), size] as const)
      ).pipe(Flag.withDescription("Size of the key"), Flag.withDefault(2048))
    },
    Effect.fnUntraced(function* ({ out, bits }) {
      const files = [`${out}.pem`, `${out}.pub.pem`] as const
      yield* writePair(files, makePair(bits))
      const { fingerprint } = yield* Effect.orDie(
        Effect.flatMap(
          Effect.promise(() => readFile(files[1])),
          KeyMaterial.publicKey
        )
      )
      yield* result(
        { private_key_file: files[0], public_key_file: files[1], bits, fingerprint },
        columns([
          ["private key", `${files[0]} (PKCS#8, keep it)`],
          ["public key", `${files[1]} (SPKI, give it to PayKKa)`],
          ["bits", String(bits)],
          ["fingerprint", fingerprint]
        ])
      )
    })
  ).pipe(
    Command.withDescription(
      "Make a key pair: PEM files, PKCS#8 and SPKI, readable for their owner only. Files that are there are never overwritten."
    ),
    Command.withShortDescription("Make a key pair"),
    Command.withExamples([
      { command: "paykka keys generate", description: "merchant.pem and merchant.pub.pem, 2048 bits" },
      { command: "paykka keys generate --out next --bits 3072", description: "a longer pair, under another name" }
    ])
  )

interface Seen {
  readonly role: "private" | "public"
  /** Such as `an RSA private key (PKCS#8, PEM)`. */
  readonly what: string
  readonly key: KeyMaterial.PrivateKey | KeyMaterial.PublicKey
}

/** What a file holds. A key tells what it is when the other role is asked for. */
const look = Effect.fnUntraced(function* (file: string): Effect.fn.Return<Seen, Failure> {
  const input = Redacted.make(yield* readInput(file))
  const asPrivate = yield* Effect.result(KeyMaterial.privateKey(input))
  const asPublic = yield* Effect.result(KeyMaterial.publicKey(input))
  if (Result.isSuccess(asPrivate) && Result.isFailure(asPublic)) {
    return { role: "private", what: asPublic.failure.found, key: asPrivate.success }
  }
  if (Result.isSuccess(asPublic) && Result.isFailure(asPrivate)) {
    return { role: "public", what: asPrivate.failure.found, key: asPublic.success }
  }
  const failures = [asPrivate, asPublic].flatMap((each) => (Result.isFailure(each) ? [each.failure] : []))
  // Each tells most of a key of its own role.
  const telling = failures.find(({ found, wanted }) => found.includes(`${wanted} key`)) ?? failures.at(-1)
  const { found = "keys of both roles", advice } = telling ?? {}
  return yield* failed(`${file}: no usable RSA key of at least ${KeyMaterial.minBits} bits; found ${found}`, advice)
})

/** What is wrong with the permissions of a private key's file; nothing where the system has none. */
const exposed = (file: string): Effect.Effect<string | undefined> =>
  Effect.promise(async () => {
    if (file === "-" || process.platform === "win32") return undefined
    const { mode } = await stat(file)
    return (mode & 0o077) === 0 ? undefined : `others may read it: chmod 600 ${file}`
  })

const inspect = () =>
  Command.make(
    "inspect",
    { file: Argument.String("file").pipe(Argument.withDescription("PEM, DER or Base64; - is stdin")) },
    Effect.fnUntraced(function* ({ file }) {
      const { role, what, key } = yield* look(file)
      const warning = role === "private" ? yield* exposed(file) : undefined
      const { bits, fingerprint } = key
      yield* result(
        { file, role, found: what, bits, fingerprint, ...(warning === undefined ? {} : { warning }) },
        columns([
          ["found", what],
          ["role", role],
          ["bits", String(bits)],
          ["fingerprint", fingerprint],
          ...(warning === undefined ? [] : [["warning", warning] as const])
        ])
      )
    })
  ).pipe(
    Command.withDescription(
      "Say what a key file is: format, role, size, and the fingerprint of its public half (SHA-256 of the DER SubjectPublicKeyInfo)."
    ),
    Command.withShortDescription("Say what a key file is"),
    Command.withExamples([
      { command: "paykka keys inspect merchant.pem", description: "a private key" },
      {
        command: "openssl pkey -in merchant.pem -pubout | paykka keys inspect -",
        description: "a public key, from a pipe"
      }
    ])
  )

const algorithm = "RSASSA-PKCS1-v1_5"

const matches = (privateKey: KeyMaterial.PrivateKey, publicKey: KeyMaterial.PublicKey): Effect.Effect<boolean> =>
  Effect.promise(async () => {
    const text = crypto.getRandomValues(new Uint8Array(32))
    const signature = await crypto.subtle.sign(algorithm, privateKey.cryptoKey, text)
    return crypto.subtle.verify(algorithm, publicKey.cryptoKey, signature, text)
  })

const expectRole = (file: string, wanted: Seen["role"]) =>
  Effect.flatMap(look(file), ({ role, what, key }) =>
    role === wanted
      ? Effect.succeed(key)
      : Effect.fail(usage(`${file} is ${what}, where a ${wanted} key is wanted`, "see paykka keys check-pair --help"))
  )

const checkPair = () =>
  Command.make(
    "check-pair",
    {
      privateFile: Argument.String("private-key"),
      publicFile: Argument.String("public-key"),
      platform: Flag.String("platform").pipe(
        Flag.withDescription("The public key that was given to you as PayKKa's: it must be another one"),
        Flag.withMetavar("FILE"),
        Flag.optional
      )
    },
    Effect.fnUntraced(function* ({ privateFile, publicFile, platform }) {
      const privateKey = yield* expectRole(privateFile, "private")
      const publicKey = yield* expectRole(publicFile, "public")
      const isPair = yield* matches(privateKey, publicKey)
      const platformFile = Option.getOrUndefined(platform)
      const platformKey = platformFile === undefined ? undefined : yield* expectRole(platformFile, "public")
      const isOwn = platformKey !== undefined && (yield* matches(privateKey, platformKey))
      const facts = {
        pair: isPair,
        ...(platformKey === undefined ? {} : { platform_key_is_own: isOwn }),
        private_key_fingerprint: privateKey.fingerprint,
        public_key_fingerprint: publicKey.fingerprint,
        ...(platformKey === undefined ? {} : { platform_key_fingerprint: platformKey.fingerprint })
      }
      const problems = [
        ...(isPair
          ? []
          : [`${publicFile} is not the public half of ${privateFile}: what one signs the other does not verify`]),
        ...(isOwn ? [`${platformFile} is the public half of your own key: PayKKa's public key is another one`] : [])
      ]
      if (problems.length > 0) {
        const hint = isPair
          ? "ask PayKKa for the key that signs its notifications"
          : `make it anew: openssl pkey -in ${privateFile} -pubout`
        return yield* failed(problems.join("; "), hint, facts)
      }
      yield* result(
        facts,
        columns([
          ["pair", "yes: a signature of one is verified by the other"],
          ...(platformKey === undefined ? [] : [["platform", "another key, as it must be"] as const]),
          ["fingerprint", publicKey.fingerprint]
        ])
      )
    })
  ).pipe(
    Command.withDescription(
      "Say whether two keys belong together, by signing with one and verifying with the other, and whether your own key was given to you as PayKKa's."
    ),
    Command.withShortDescription("Say whether two keys belong together"),
    Command.withExamples([
      { command: "paykka keys check-pair merchant.pem merchant.pub.pem", description: "are they a pair?" },
      {
        command: "paykka keys check-pair merchant.pem merchant.pub.pem --platform platform.pub.pem",
        description: "and is PayKKa's key another one?"
      }
    ])
  )

export const command = () =>
  Command.make("keys").pipe(
    Command.withDescription("Make and check RSA key pairs"),
    Command.withSubcommands([generate(), inspect(), checkPair()])
  )
