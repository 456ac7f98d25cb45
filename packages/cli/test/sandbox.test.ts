import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { onTestFinished, describe, expect, it } from "vitest"
import { folder, launch, main, paykka, type Running, start } from "./support/paykka.ts"

/** A sandbox that runs, and what its user sets. */
interface Standing {
  readonly running: Running
  readonly env: Readonly<Record<string, string>>
  readonly baseUrl: string
}

const stand = async (cwd: string, ...args: ReadonlyArray<string>): Promise<Standing> => {
  const running = launch(process.execPath, [main, "sandbox", "--port", "0", ...args], { cwd })
  onTestFinished(async () => void (await running.interrupt()))
  await running.printed("/debugger explains signatures")
  // What a shell makes of the lines.
  const { stdout } = await start("sh", ["-c", `${running.stdout()}env`], { cwd })
  const env = Object.fromEntries(
    stdout.split("\n").flatMap((line) => {
      const [, name, value] = /^(PAYKKA_\w+)=(.*)$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, value] as const]
    })
  )
  return { running, env, baseUrl: env["PAYKKA_BASE_URL"]! }
}

const inquire = (cwd: string, env: Standing["env"], id = "R-1") =>
  paykka(["call", "va.inquiry", "--field", `request_id=${id}`], { cwd, env })

const apply = (cwd: string, env: Standing["env"], id = "R-1") =>
  paykka(["call", "va.apply", "-f", `request_id=${id}`, "-f", "currencies[0]=EUR", "-f", "country_code=DE"], {
    cwd,
    env
  })

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port))
    onTestFinished(() => void server.close())
  })

describe("paykka sandbox", { timeout: 60_000 }, () => {
  it("makes keys on its first run only, and its lines are all that a client needs", async () => {
    const cwd = folder()
    const { env, running, baseUrl } = await stand(cwd)
    const files = readdirSync(join(cwd, "paykka-sandbox"))
    expect(files).toEqual(["merchant.pem", "merchant.pub.pem", "platform.pem", "platform.pub.pem"])
    expect(files.map((file) => statSync(join(cwd, "paykka-sandbox", file)).mode & 0o777)).toEqual(
      files.map(() => 0o600)
    )
    const [doctor, applied] = await Promise.all([paykka(["doctor"], { cwd, env }), apply(cwd, env)])
    expect([doctor.code, applied.code]).toEqual([0, 0])
    await running.printed(/ {2}200 {2}va\.apply {2}R-1\n/)
    const page = await fetch(`${baseUrl}/debugger`)
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"])
    expect(await page.text()).toContain("Content-Security-Policy")
    const again = await paykka(["sandbox", "--env", "--port", "9191", "--json"], { cwd })
    expect([again.code, JSON.parse(again.stdout)]).toEqual([0, { ...env, PAYKKA_BASE_URL: "http://127.0.0.1:9191" }])

    // Its end leaves no port behind.
    const ended = await running.interrupt()
    expect(ended.code).toBe(130)
    await expect(fetch(`${baseUrl}/docs`)).rejects.toThrow("fetch failed")
  })

  it("tells in its log why a signature is refused", async () => {
    const cwd = folder()
    const { env, running } = await stand(cwd)
    await paykka(["keys", "generate", "--out", "other"], { cwd })
    const refused = await inquire(cwd, { ...env, PAYKKA_PRIVATE_KEY_FILE: "other.pem" })
    expect(refused.code).toBe(1)
    await running.printed(/ {2}401 {2}va\.inquiry {2}010\d00.*\n {4}.*(?:WrongKey|ForeignKey|key)/)
    expect(running.stderr()).not.toContain("PRIVATE")
  })

  it("keeps its state in a file past its death, and forgets it without one", async () => {
    const cwd = folder()
    const first = await stand(cwd, "--state", "state.sqlite")
    expect((await apply(cwd, first.env)).code).toBe(0)
    first.running.kill()
    await first.running.ended
    const [second, other] = await Promise.all([stand(cwd, "--state", "state.sqlite"), stand(cwd)])
    expect(second.running.stderr()).not.toContain("Experimental")
    const [kept, forgotten, taken] = await Promise.all([
      inquire(cwd, second.env),
      inquire(cwd, other.env),
      paykka(["sandbox", "--port", "0", "--state", "state.sqlite"], { cwd })
    ])
    expect([kept.code, forgotten.code, taken.code]).toEqual([0, 1, 2])
    expect(taken.stderr).toContain("--state state.sqlite: ")
  })

  it("has the faults that it is told to have", async () => {
    const cwd = folder()
    const { env, baseUrl, running } = await stand(
      cwd,
      "--fault",
      "gateway=503 unprocessed first=1 va.inquiry",
      "--fault",
      "error=010001 unprocessed first=1 va.apply",
      "--fault",
      "reset processed payment.apply",
      "--fault",
      "late=1ms balance.inquiry",
      "--fault",
      "cut=3 payee.inquiry",
      "--fault",
      "broken-json unprocessed order.inquiry",
      "--fault",
      "slow=1ms forex.inquiry"
    )
    const post = (path: string) => fetch(baseUrl + path, { method: "POST", body: "{}" })
    expect((await post("/api/v2/merch/va/inquiry")).status).toBe(503)
    expect((await post("/api/v2/merch/va/inquiry")).status).toBe(401)
    expect(await (await post("/api/v2/merch/va/apply")).json()).toMatchObject({ ret_code: "010001" })
    await expect(post("/api/v2/merch/pay/apply")).rejects.toThrow("fetch failed")
    await expect(post("/api/v2/merch/beneficiary/inquiry").then((response) => response.text())).rejects.toThrow()
    expect(await (await post("/api/v2/merch/contract/inquiry")).text()).toBe(`{"request_id":"`)
    expect((await post("/api/v2/merch/balance/inquiry")).status).toBe(401)
    expect((await post("/api/v2/fx/conversion/inquiry")).status).toBe(401)
    await running.printed(/fault {2}payment\.apply {2}connection reset; processed/)
    expect((await apply(cwd, env)).code).toBe(0)
  })

  it("sends notifications to where it is told to", async () => {
    const cwd = folder()
    const arrived: Array<string | undefined> = []
    const receiver = createServer((request, response) => {
      arrived.push(request.url)
      request.resume().on("end", () => response.writeHead(200).end())
    })
    const port = await listen(receiver)
    const { env, running } = await stand(cwd, "--callback", `http://127.0.0.1:${port}/hooks`, "--decides-after", "10ms")
    expect((await apply(cwd, env)).code).toBe(0)
    await running.printed(/sent {2}va\.notification {2}acknowledged, delivery 1/)
    expect(arrived).toEqual(["/hooks"])
  })

  it("says what is wrong with what it is given, and starts nothing", async () => {
    const cwd = folder()
    const busy = await listen(createServer())
    writeFileSync(join(cwd, "prose"), "Dear PayKKa, this is no database and no key, however long it may be.".repeat(20))
    await paykka(["sandbox", "--env"], { cwd })
    await paykka(["sandbox", "--env", "--folder", "half"], { cwd })
    rmSync(join(cwd, "half", "merchant.pub.pem"))
    const free = ["--port", "0"]
    const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, said: string]> = [
      [["--port", String(busy)], `port ${busy} is taken\nhint: choose another --port`],
      [["--port", "no"], "port"],
      [["--host", "192.0.2.1", ...free], "192.0.2.1:0 cannot be listened on (EADDRNOTAVAIL)"],
      [["--env", ...free], "--env needs a --port"],
      [["--folder", "half", ...free], "half/merchant.pub.pem is missing"],
      [["--folder", "prose", ...free], "--folder prose cannot be made"],
      [["--public-key", "prose", ...free], "publicKey"],
      [["--public-key", "nowhere", ...free], "nowhere cannot be read (ENOENT)"],
      [["--state", "prose", ...free], "--state prose: "],
      [["--callback", "here", ...free], "--callback must be a URL"],
      [["--decides-after", "soon", ...free], "--decides-after must be a time"],
      [["--fault-rate", "2", ...free], "--fault-rate must be from 0 to 1"],
      [["--fault", "frob", ...free], `there is no kind "frob"`],
      [["--fault", "reset", ...free], "say whether it is processed or unprocessed"],
      [["--fault", "late=2s unprocessed", ...free], "late answers what was processed"],
      [["--fault", "late=soon", ...free], "wants a time such as"],
      [["--fault", "gateway=x processed", ...free], "wants a whole number"],
      [["--fault", "error=1 processed", ...free], "wants a ret_code"],
      [["--fault", "gateway=99 processed", ...free], `--fault "gateway=99 processed": `],
      [["--fault", "silence processed va.aply", ...free], `"va.aply" is no operation`],
      [["--fault", "cut=1 first=1 first=2", ...free], "first=N is there twice"]
    ]
    const ended = await Promise.all(cases.map(([args]) => paykka(["sandbox", ...args], { cwd })))
    expect(ended.map(({ code }, index) => [cases[index]![0], code])).toEqual(cases.map(([args]) => [args, 2]))
    for (const [index, { stderr, stdout }] of ended.entries()) {
      expect([stderr, stdout]).toEqual([expect.stringContaining(cases[index]![1]), ""])
    }
  })
})
