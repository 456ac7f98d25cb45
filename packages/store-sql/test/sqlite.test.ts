/** The stores in a SQLite file. */
import { storesSuite } from "./stores.ts"
import { sqliteDatabase } from "./support.ts"

storesSuite("SQLite", sqliteDatabase(), false)
