/** A SQLite file. */
import * as SqliteNode from "@paykka/store-sql/node"
import * as Layer from "effect/Layer"
import type { Stores } from "../engines.ts"
import { overSql } from "./sql.ts"

export const stores = ({ filename }: { readonly filename: string }): Stores =>
  Layer.provide(overSql, SqliteNode.layerSqlite({ filename }))
