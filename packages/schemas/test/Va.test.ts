/** The descriptors against `contract/va.yaml`: a change on either side fails here. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Field from "../src/Field.ts"
import * as Notification from "../src/Notification.ts"
import * as Operation from "../src/Operation.ts"
import * as RequestId from "../src/RequestId.ts"
import * as Va from "../src/Va.ts"
import {
  type ContractField,
  core,
  documentedNotification,
  failureOf,
  vaDataFields,
  vaOperation,
  vaOperations
} from "./support.ts"

const operations = [Va.apply, Va.inquiry] as const

type Fields = Readonly<Record<string, Schema.Top>>

const namesOf = (fields: ReadonlyArray<ContractField>) => fields.map(({ name }) => name)

/** Marks of the schema's fields, by name. */
const marksOf = (fields: Fields) =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, Field.provenance(field)]))

const contractMarks = (fields: ReadonlyArray<ContractField>) =>
  Object.fromEntries(fields.map(({ name, provenance }) => [name, provenance]))

/** A value that fits what the contract says of a field. */
const sampleOf = (field: ContractField): unknown => {
  const text = "x".repeat(field.min_length ?? 1)
  return field.type === "array" ? [text] : (field.enum?.[0]?.value ?? text)
}

const samplesOf = (fields: ReadonlyArray<ContractField>): Record<string, unknown> =>
  Object.fromEntries(fields.map((field) => [field.name, sampleOf(field)]))

/** Fails unless the schema takes the contract's type at the field and nothing else. */
const checkType = (
  field: ContractField,
  read: (change: Record<string, unknown>) => Result.Result<unknown, Operation.InvalidValue>
): void => {
  const { name, type, items } = field
  const pathsOf = (value: unknown) => failureOf(read({ [name]: value })).faults.map(({ path }) => path)
  assert.isTrue(Result.isSuccess(read({ [name]: sampleOf(field) })), name)
  for (const wrong of [1, true, {}]) assert.deepStrictEqual(pathsOf(wrong), [name])
  if (type === "array") {
    assert.strictEqual(items?.type, "string")
    assert.deepStrictEqual(pathsOf("x"), [name])
    assert.deepStrictEqual(pathsOf(["x", 1]), [`${name}[1]`])
  } else {
    assert.strictEqual(type, "string")
    assert.deepStrictEqual(pathsOf(["x"]), [name])
  }
}

describe("the domain", () => {
  it("has all operations of the contract and no other", () => {
    assert.sameMembers(
      vaOperations.map(({ id }) => id),
      [...operations, Va.notification].map(({ id }) => id)
    )
  })
})

for (const operation of operations) {
  const contract = vaOperation(operation.id)
  const fields: Fields = operation.request.fields
  const encode = (change: Record<string, unknown>) =>
    Operation.encodeRequest(operation, { ...samplesOf(contract.request), ...change })

  describe(operation.id, () => {
    it("is called as the contract says", () => {
      assert.deepStrictEqual(
        {
          id: operation.id,
          title: operation.title,
          path: operation.path,
          merchant_header: operation.merchantHeader,
          effect: operation.effect,
          idempotency_key: operation.idempotencyKey,
          resolved_by: operation.resolvedBy?.id ?? null,
          content_type: `application/${operation.body}`,
          aliases: operation.aliases,
          sources: operation.sources
        },
        {
          id: contract.id,
          title: contract.title,
          path: contract.path,
          merchant_header: contract.merchant_header,
          effect: contract.effect,
          idempotency_key: contract.idempotency_key,
          resolved_by: contract.resolved_by,
          content_type: contract.content_type,
          aliases: contract.aliases,
          sources: contract.sources
        }
      )
      assert.strictEqual(contract.direction, "outbound")
      assert.strictEqual(contract.method, "POST")
    })

    it("is as sure as the contract is", () => {
      assert.deepStrictEqual(operation.provenance, {
        path: contract.path_provenance,
        merchantHeader: contract.merchant_header_provenance,
        request: contract.body_provenance,
        response: contract.response_provenance
      })
    })

    it("has the fields of the contract, each as sure", () => {
      assert.deepStrictEqual(Object.keys(fields), namesOf(contract.request))
      assert.deepStrictEqual(marksOf(fields), contractMarks(contract.request))
    })

    for (const field of contract.request) {
      const { name, min_length: min, max_length: max, required } = field

      it(`${name} has the type and limits of the contract`, () => {
        checkType(field, encode)
        if (min !== undefined && max !== undefined) {
          for (const length of [min, max]) assert.isTrue(Result.isSuccess(encode({ [name]: "x".repeat(length) })))
          for (const length of [min - 1, max + 1]) {
            assert.deepStrictEqual(
              failureOf(encode({ [name]: "x".repeat(length) })).faults.map(({ path }) => path),
              [name]
            )
          }
        }
        for (const { value } of field.enum ?? []) assert.isTrue(Result.isSuccess(encode({ [name]: value })))
      })

      it(`${name} may be left out where the contract does not require it`, () => {
        const { [name]: _, ...rest } = samplesOf(contract.request)
        const result = Operation.encodeRequest(operation, rest)
        // An inquiry without its only field would ask for nothing; the page gives no mark.
        if (required === true || operation.id === "va.inquiry") {
          assert.deepStrictEqual(failureOf(result).faults, [{ path: name, rule: "is missing" }])
        } else {
          assert.isTrue(Result.isSuccess(result))
          assert.isTrue(Result.isSuccess(encode({ [name]: undefined })))
        }
      })
    }

    it("accepts the documented examples", () => {
      for (const { of, body } of contract.examples) {
        if (of === "request") {
          assert.deepStrictEqual(JSON.parse(Result.getOrThrow(Operation.encodeRequest(operation, body))), body)
        }
      }
    })
  })
}

describe("an account", () => {
  const inquiry = vaOperation("va.inquiry")

  it("has the fields of the notification and of the inquiry's answer", () => {
    assert.deepStrictEqual(Object.keys(Va.Account.fields), namesOf(vaDataFields))
    assert.deepStrictEqual(Object.keys(Va.InquiryResponse.fields), namesOf(inquiry.response))
    assert.strictEqual<unknown>(Va.inquiry.response, Va.InquiryResponse)
    assert.strictEqual<unknown>(Va.notification.data, Va.Account)
  })

  it("is marked as the notification is, and the inquiry's answer as the inquiry", () => {
    assert.deepStrictEqual(marksOf(Va.Account.fields), contractMarks(vaDataFields))
    assert.deepStrictEqual(marksOf(Va.InquiryResponse.fields), contractMarks(inquiry.response))
    assert.strictEqual(Va.inquiry.provenance.response, inquiry.response_provenance)
    for (const { provenance } of inquiry.response) assert.strictEqual(provenance, inquiry.response_provenance)
  })

  for (const field of vaDataFields) {
    it(`${field.name} has the type of the contract, and no limits when it is received`, () => {
      checkType(field, (change) => Operation.decodeResponse(Va.inquiry, change))
      if (field.type !== "string") return
      for (const length of [0, (field.max_length ?? 99) + 1]) {
        const value = { [field.name]: "x".repeat(length) }
        assert.deepStrictEqual<unknown>(Result.getOrThrow(Notification.decodeData(Va.notification, value)), value)
      }
    })
  }

  it("knows the values that the contract knows", () => {
    const known = (name: string) => vaDataFields.find((field) => field.name === name)?.enum?.map(({ value }) => value)
    assert.deepStrictEqual<unknown>(Va.Status.members[1].literals, known("status"))
    assert.deepStrictEqual<unknown>(Va.AccountType.members[1].literals, known("type"))
  })
})

describe("va.apply's answer", () => {
  it("is not known: an open record", () => {
    const contract = vaOperation("va.apply")
    assert.deepStrictEqual([contract.response, contract.response_provenance], [[], "unknown"])
    const record = { request_id: "R-1", anything: { a: [1] } }
    assert.deepStrictEqual<unknown>(Result.getOrThrow(Operation.decodeResponse(Va.apply, record)), record)
  })
})

describe("va.notification", () => {
  const contract = vaOperation("va.notification")

  it("is as the contract says", () => {
    const { id, title, path, aliases, sources, provenance } = Va.notification
    assert.deepStrictEqual(
      { id, title: `${title} (notification)`, path, aliases, sources },
      {
        id: contract.id,
        title: contract.title,
        path: contract.path,
        aliases: contract.aliases,
        sources: contract.sources
      }
    )
    assert.deepStrictEqual(provenance, { path: contract.path_provenance, data: contract.body_provenance })
    assert.strictEqual(contract.direction, "inbound")
  })

  it("has the aliases of all members that the documented example spells otherwise", () => {
    const unknown = Object.keys(documentedNotification.data).filter(
      (name) => !Object.hasOwn(Va.Account.fields, name) && !Object.hasOwn(Va.notification.aliases, name)
    )
    // Their meaning is not given.
    assert.deepStrictEqual(unknown, ["bank", "c_rsc_id"])
    for (const name of Object.values(Va.notification.aliases)) assert.property(Va.Account.fields, name)
    for (const name of Va.notification.recognisedBy) assert.property(Va.Account.fields, name)
  })
})

describe("RequestId", () => {
  it("has the contract's limits", () => {
    const { max_length: max = 0, min_length: min = 0 } = core.idempotency.field
    assert.strictEqual(RequestId.maxLength, max)
    const accepts = (length: number) => Result.isSuccess(Schema.decodeResult(RequestId.RequestId)("x".repeat(length)))
    assert.deepStrictEqual([min - 1, min, max, max + 1].map(accepts), [false, true, true, false])
  })
})
