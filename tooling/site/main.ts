/**
 * `npm run docs`: builds the site of the documentation to tooling/site/dist.
 *
 *   --serve [--port 4173]   and serves it on this machine
 *   --check                 and exits with 1 where a link is dead, or a page wider than a phone
 */
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { build, serve } from "vitepress"
import * as DeadLinks from "./deadLinks.ts"
import { findChromium } from "./chromium.ts"
import { pagesOf, tooWide } from "./widths.ts"

const { values: args } = parseArgs({
  options: { serve: { type: "boolean" }, port: { type: "string", default: "4173" }, check: { type: "boolean" } }
})

const here = import.meta.dirname
const site = join(here, "dist")

/** Serves the built site on a free port while it is used. */
const served = async <A>(use: (origin: string) => Promise<A>): Promise<A> => {
  const { server } = await serve({ root: here, port: 0 })
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.close()
  }
}

const check = async (): Promise<boolean> => {
  const repository = await DeadLinks.ofRepository()
  const pages = await DeadLinks.ofSite(site)
  const dead = [...repository.dead, ...pages.dead.map((link) => `site: ${link}`)]
  for (const link of dead) console.error(`dead link: ${link}`)

  const chromium = findChromium()
  const paths = pagesOf(site)
  const wide = chromium === undefined ? [] : await served((origin) => tooWide(chromium, origin, paths))
  for (const page of wide) console.error(`scrolls sideways: ${page}`)

  const links = `${repository.followed + pages.followed} links, ${dead.length} dead`
  const looked =
    chromium === undefined
      ? "widths not looked at: no Chromium on the path, nor in PAYKKA_CHROMIUM"
      : `${wide.length} wider than a phone`
  console.log(`${paths.length} pages, ${links}, ${looked}`)
  return dead.length === 0 && wide.length === 0
}

await build(here)
if (args.check) process.exitCode = (await check()) ? 0 : 1
if (args.serve) await serve({ root: here, port: Number(args.port) })
