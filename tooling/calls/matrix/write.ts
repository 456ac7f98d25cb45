/** `node tooling/calls/matrix/write.ts`: writes the matrix into docs/retries.md. */
import { write } from "./document.ts"

write()
