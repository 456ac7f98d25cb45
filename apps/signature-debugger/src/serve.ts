/** Serves the page on this machine, built anew for every request: `npm run dev`, or `PORT=9000 npm run dev`. */
import { createServer } from "node:http"
import { page } from "./page.ts"

const port = Number(process.env["PORT"] ?? 8099)

createServer((request, response) => {
  if (request.url !== "/") {
    response.writeHead(404).end()
    return
  }
  page().then(
    (html) => response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(html),
    (error: unknown) => response.writeHead(500, { "Content-Type": "text/plain" }).end(String(error))
  )
}).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/`))
