/** Links that lead nowhere: to a file, a page or a heading that is not there. Other hosts are not asked. */
import { LinkChecker, LinkState } from "linkinator"
import { markdownFiles, root } from "./pages.ts"

/** How many links were followed, and those that are dead: `file: link`. */
export interface Links {
  readonly followed: number
  readonly dead: ReadonlyArray<string>
}

const server = "http://127.0.0.1:"

const follow = async (options: Parameters<LinkChecker["check"]>[0]): Promise<Links> => {
  const { links } = await new LinkChecker().check({
    ...options,
    checkFragments: true,
    // The checker serves the files to itself.
    linksToSkip: async (url) => !url.startsWith(server)
  })
  const nameOf = (url = "") => url.replace(/^http:\/\/[^/]+\//, "")
  return {
    followed: links.filter(({ state }) => state !== LinkState.SKIPPED).length,
    dead: links
      .filter(({ state }) => state === LinkState.BROKEN)
      .map(({ url, parent }) => `${nameOf(parent)}: ${nameOf(url)}`)
      .toSorted()
  }
}

/** Of the markdown, as one reads it in the repository. */
export const ofRepository = (
  serverRoot: string = root,
  path: ReadonlyArray<string> = markdownFiles()
): Promise<Links> => follow({ path: [...path], serverRoot, markdown: true, directoryListing: true })

/** Of a built site, whichever page has them. */
export const ofSite = (serverRoot: string): Promise<Links> => follow({ path: "/", serverRoot, recurse: true })
