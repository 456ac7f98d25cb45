// What the parser makes of a curl command, held against what bash and curl really send.
import { execFile, execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Result from "effect/Result"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as HttpMessage from "../src/HttpMessage.ts"

const run = (program: string, ...args: ReadonlyArray<string>): string | undefined => {
  try {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  } catch {
    return undefined
  }
}

const [, major = "0", minor = "0"] = /^curl ([0-9]+)\.([0-9]+)/.exec(run("curl", "--version") ?? "") ?? []
// --data-urlencode has written a blank as a plus sign since 7.83.
const isHere = Number(major) * 1000 + Number(minor) >= 7083 && run("bash", "--version") !== undefined
const required = process.env["PAYKKA_REQUIRE_SERVICES"] === "1"
if (!isHere && !required) console.log("signing/test/curl.test.ts skips: it needs bash and curl 7.83 or newer")

interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: ReadonlyArray<readonly [string, string]>
  readonly body: Buffer
}

let server: Server
let base = ""
let folder = ""
let last: Sent | undefined

const json = `{"name":"深圳 é","note":"a \\"b\\" \\\\ $1 \`x\` it's","n":[1, 2]}`
const quotedJson = `'${json.replaceAll("'", `'\\''`)}'`

const commands: ReadonlyArray<string> = [
  `curl -X POST URL/api/v2/merch/va/apply -H 'Authorization: %7B%7D' -H "X-Merch-Id: M24061911365700670" -d ${quotedJson}`,
  `curl URL/a --data-raw ${quotedJson}`,
  `curl --request POST --url URL/a --header 'Content-Type: application/json' --data ${quotedJson}`,
  `curl 'URL/a' \\\n  -H 'accept: */*' \\\n  -H 'content-type: application/json' \\\n  --data-raw $'{"a":"it\\'s","b":"\\u6df1\\U0001F680","c":"\\x41\\101\\t\\n\\\\"}' \\\n  --compressed \\\n  --insecure`,
  `curl -sSkXPOST -d'{"a":1}' URL/a`,
  `curl -d a=1 -d 'b=2' --data-urlencode 'c=ä ö&' --data-urlencode 'plain text' --data-urlencode '==x' URL/a`,
  `curl -d '' URL/a`,
  `curl --json '{"a":1}' URL/a`,
  `curl --json '{"a":1,' --json '"b":2}' -H 'Accept: text/plain' URL/a`,
  `curl -d @FOLDER/body.json URL/a`,
  `curl --data-binary @FOLDER/body.json URL/a`,
  `curl --data-ascii @FOLDER/body.json URL/a`,
  `curl --data-raw @FOLDER/body.json URL/a`,
  `curl --json @FOLDER/body.json URL/a`,
  `curl --data-urlencode @FOLDER/body.json URL/a`,
  `curl --data-urlencode name@FOLDER/body.json URL/a`,
  `curl -H @FOLDER/headers URL/a -d x`,
  `curl -d @- URL/a <<'EOF'\n{"a":\n  "$HOME \`x\`"}\nEOF`,
  `curl --data-binary @- URL/a <<EOF\n{"a": 1,\n "b": "\\$5 \\\\ x"}\nEOF\n`,
  `curl --data-binary @- URL/a <<-EOF\n\t{"a":1}\n\tEOF\n`,
  `curl --data-binary @- URL/a <<<'{"a":1}'`,
  `curl --data-binary @- URL/a < FOLDER/body.json`,
  `curl -T FOLDER/body.json URL/upload`,
  `curl -G -d a=1 -d b=2 'URL/a?z=0#frag'`,
  `curl --url-query 'q=a b' URL/a`,
  `curl -I URL/a`,
  `curl URL`,
  `curl 'URL?x=1'`,
  `curl URL/a/./b/../c/`,
  `curl --path-as-is URL/a/../c`,
  `curl --request-target /other URL/a -d x`,
  `curl -H 'X-Merch-Id;' -H 'Accept:' -H 'X-Blank:    two  blanks  ' URL/a -d x`,
  `curl -o /dev/null -w '' -m 5 --connect-timeout 5 --retry 0 -A agent -e ref -b 'a=b' URL/a -d x`,
  `FOO=1 curl -s "URL/a" -d "{\\"a\\":\\"\\\\n\\"}" 2>/dev/null | cat # a comment`,
  `echo before; curl -s URL/a -d x > /dev/null && echo after`,
  `# a comment with 'one quote\ncurl -d x URL/a`,
  `curl -F 'meta={"file_name":"a;b.pdf"}' URL/a`,
  `curl -F 'meta="{\\"file_name\\":\\"a;b.pdf\\"}";type=application/json' -F 'file=@FOLDER/body.json;filename=x.json' URL/a`,
  `curl -F 'meta=<FOLDER/body.json' -F file=@FOLDER/body.json URL/a`,
  `curl --form-string 'meta=@x;type=y' URL/a`,
  `curl -- URL/a`
]

/** The parts of a body by another implementation. */
const formOf = async ({ headers, body }: Sent) => {
  const type = headers.find(([name]) => name === "content-type")![1]
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData()
  return Promise.all(
    [...form].map(async ([name, value]) => [
      name,
      typeof value === "string" ? value : Buffer.from(await value.arrayBuffer()).toString("utf8")
    ])
  )
}

describe.skipIf(!isHere && !required)("curl", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "paykka-curl-"))
    writeFileSync(join(folder, "body.json"), '{\r\n  "a": "深圳",\n  "b": "x y"\n}\n')
    writeFileSync(join(folder, "headers"), "X-One: 1\r\nX-Two: 2\n")
    server = createServer((request, response) => {
      const pieces: Array<Buffer> = []
      request.on("data", (piece: Buffer) => pieces.push(piece))
      request.on("end", () => {
        const raw = request.rawHeaders
        const headers = raw.flatMap((name, index) =>
          index % 2 === 0
            ? [[name.toLowerCase(), Buffer.from(raw[index + 1]!, "latin1").toString("utf8")] as const]
            : []
        )
        last = { method: request.method!, url: request.url!, headers, body: Buffer.concat(pieces) }
        response.end()
      })
    })
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  for (const [index, template] of commands.entries()) {
    it(`sends what the parser reads: ${index + 1}. ${template.replaceAll("\n", "⏎")}`, async () => {
      const command = template.replaceAll("URL", base).replaceAll("FOLDER", folder)
      last = undefined
      await new Promise<void>((resolve) => {
        const child = execFile("bash", ["-c", command], { env: { ...process.env, LC_ALL: "C.UTF-8" } }, () => resolve())
        child.stdin?.end()
      })
      const parsed = HttpMessage.parse(command, {
        readFile: (path) => {
          try {
            return readFileSync(path)
          } catch {
            return undefined
          }
        }
      })
      const sent = last as Sent | undefined
      if (sent === undefined) {
        // curl itself has refused it.
        assert.isTrue(Result.isFailure(parsed))
        return
      }
      const message = Result.getOrThrow(parsed)
      assert.strictEqual(message.format, "curl")
      assert.strictEqual(message.method, sent.method)
      assert.strictEqual(message.path + (message.query === undefined ? "" : `?${message.query}`), sent.url)
      assert.strictEqual(message.origin, base)
      if (message.parts === undefined) {
        assert.deepStrictEqual(Buffer.from(message.body ?? []), sent.body)
      } else {
        const parts = message.parts.map(({ name, bytes }) => [name, Buffer.from(bytes!).toString("utf8")])
        assert.deepStrictEqual(parts, await formOf(sent))
      }
      for (const { name, value } of message.headers) {
        assert.deepInclude(sent.headers, [name.toLowerCase(), value])
      }
      // What curl adds of its own has nothing to do with the signature.
      const own = [
        "host",
        "user-agent",
        "accept",
        "content-type",
        "content-length",
        "cookie",
        "referer",
        "accept-encoding",
        "expect"
      ]
      const read = message.headers.map(({ name }) => name.toLowerCase())
      assert.deepStrictEqual(
        sent.headers.map(([name]) => name).filter((name) => !own.includes(name) && !read.includes(name)),
        []
      )
    })
  }

  it("has the arguments that the parser gives its options", () => {
    const help = run("curl", "--help", "all") ?? ""
    const options = [...help.matchAll(/^ *(?:-(.), )? *--([a-z0-9.-]+)( [<[])?/gm)]
    assert.isAbove(options.length, 200)
    for (const [, letter, name, argument] of options) {
      // Of an optional one curl takes what follows, too.
      if (name === "help") continue
      for (const spelling of [`--${name}`, ...(letter === undefined ? [] : [`-${letter}`])]) {
        const parsed = HttpMessage.parse(`curl -d x ${spelling} http://one.example/a http://two.example/b`)
        const urls = Result.isFailure(parsed) && parsed.failure.rule.startsWith("there is more than one URL") ? 2 : 1
        const special = [
          "url",
          "config",
          "next",
          "data",
          "data-ascii",
          "data-binary",
          "data-raw",
          "data-urlencode",
          "header",
          "json",
          "form",
          "form-string"
        ]
        if (!special.includes(name!)) assert.strictEqual(urls, argument === undefined ? 2 : 1, spelling)
      }
    }
  })
})
