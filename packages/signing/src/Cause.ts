/**
 * What is known to go wrong with a signature, as one table: how each cause is recognised and what to do about it.
 *
 * The rules that are broken are those of `contract/core.yaml` (`signing`); which mistakes are common is experience with signed APIs,
 * not a statement of PayKKa's.
 */

/** The causes by their codes. */
export type Code =
  | "HeaderMissing"
  | "HeaderScheme"
  | "HeaderQuoted"
  | "HeaderNotEncoded"
  | "HeaderEncodedTwice"
  | "HeaderField"
  | "SignType"
  | "SignatureEncoding"
  | "WrongAlgorithm"
  | "HashedTwice"
  | "WrongKey"
  | "ForeignKey"
  | "KeyIdUnknown"
  | "PathQuery"
  | "PathTrailingSlash"
  | "PathDoubleSlash"
  | "PathPrefix"
  | "PathEncoding"
  | "PathLeadingSlash"
  | "PathHost"
  | "PathOther"
  | "TimestampSeconds"
  | "TimestampDiffers"
  | "NonceDiffers"
  | "MerchantHeaderTwice"
  | "MerchantLineMissing"
  | "MerchantLineEmpty"
  | "MerchantLineNull"
  | "MerchantLineOther"
  | "BodyMissing"
  | "BodyEmptyLine"
  | "BodyPlaceholder"
  | "MultipartWhole"
  | "BodyEscapes"
  | "BodyLineEnds"
  | "BodyReserialised"
  | "BodyTransformed"
  | "TrailingNewline"
  | "BodyBom"
  | "BodyEncoding"
  | "BodyOther"
  | "MethodLine"
  | "LineSeparator"
  | "LineOrder"
  | "OtherText"
  | "Clock"
  | "NonceReused"

/** Which part of a message a cause is about. */
export type Area = "header" | "signature" | "key" | "path" | "timestamp" | "nonce" | "merchant" | "body" | "lines"

/** One row of the table. */
export interface Cause {
  readonly code: Code
  readonly area: Area
  /** What is wrong, in a few words. */
  readonly title: string
  /** What to change where the message is signed. */
  readonly signer: string
  /** What to look at where the message is verified. */
  readonly receiver: string
  /** How it is found out. */
  readonly tried: string
}

const sameBytes = "Sign the very bytes that are sent: write the body once, keep the bytes, sign and send those."
const rawBody = "Verify the raw bytes before anything parses, decodes or trims them."
const seenPath = "Name the path that the sender calls: a proxy in front may have rewritten it."
const encodeOnce = "Percent-encode the compact JSON object once, and send nothing else in the header."
const untouched = "Hand over the header as it arrived; nothing on the way may decode or wrap it."

/** The table, in the order in which the causes are tried. Where two explain the same bytes, the first one is named. */
export const causes: ReadonlyArray<Cause> = [
  {
    code: "HeaderMissing",
    area: "header",
    title: "There is no Authorization header",
    signer: "Send the header Authorization with every request.",
    receiver: "Let the header through: some servers and proxies drop Authorization.",
    tried: "the headers are looked at; one of another name that holds such an object is named"
  },
  {
    code: "HeaderScheme",
    area: "header",
    title: "A scheme word stands in front of the header's value",
    signer: "Send the encoded object alone, without Bearer or any other word in front.",
    receiver: untouched,
    tried: "the word is taken away, and the rest is read"
  },
  {
    code: "HeaderQuoted",
    area: "header",
    title: "The header's value stands in quotes",
    signer: "Send the encoded object without quotes around it.",
    receiver: untouched,
    tried: "the quotes are taken away, and the rest is read"
  },
  {
    code: "HeaderNotEncoded",
    area: "header",
    title: "The header is not percent-encoded, or not throughout",
    signer: encodeOnce,
    receiver: untouched,
    tried: "the header is read as JSON, as Base64, and with its faulty escapes left as they are"
  },
  {
    code: "HeaderEncodedTwice",
    area: "header",
    title: "The header is percent-encoded twice",
    signer: encodeOnce,
    receiver: untouched,
    tried: "the header is decoded until it is JSON"
  },
  {
    code: "HeaderField",
    area: "header",
    title: "A field of the header is missing, misspelt or of the wrong form",
    signer: "Send sign_type, timestamp, nonce, key_id and signature, all of them JSON strings.",
    receiver: untouched,
    tried: "every field is checked against the contract"
  },
  {
    code: "SignType",
    area: "header",
    title: "The sign_type is not SHA256_WITH_RSA",
    signer: "Send SHA256_WITH_RSA; it is the only documented value.",
    receiver: "Nothing else can be verified.",
    tried: "the field is compared"
  },
  {
    code: "SignatureEncoding",
    area: "signature",
    title: "The signature is not plain Base64",
    signer: "Write the signature's bytes as Base64 once: standard alphabet, padded, without line breaks.",
    receiver: "Keep the plus signs of the header: a form decoder turns them into blanks.",
    tried:
      "the signature is read as hexadecimal, Base64url, Base64 with blanks, line breaks or without padding, and Base64 of one of them"
  },
  {
    code: "WrongAlgorithm",
    area: "signature",
    title: "Another algorithm than SHA256withRSA made the signature",
    signer: "Sign by RSASSA-PKCS1-v1_5 over SHA-256: SHA256withRSA in Java, RSA-SHA256 in OpenSSL and Node.",
    receiver: "Verify by RSASSA-PKCS1-v1_5 over SHA-256.",
    tried: "RSA opens the signature and shows padding and hash; the text is then verified by that algorithm"
  },
  {
    code: "HashedTwice",
    area: "signature",
    title: "A digest of the text was signed instead of the text",
    signer: "Hand the text itself to the signing function: SHA256withRSA hashes it.",
    receiver: "Hand the text itself to the verifying function.",
    tried: "the SHA-256 of the text as bytes, hexadecimal and Base64"
  },
  {
    code: "WrongKey",
    area: "key",
    title: "A key that should not have signed has signed",
    signer: "Sign with the private key whose public half the receiver has under this key_id.",
    receiver: "Verify with the sender's public key, not with your own or that of another environment.",
    tried: "the keys that are given as others are tried after those that should have signed"
  },
  {
    code: "ForeignKey",
    area: "key",
    title: "None of the given keys made the signature",
    signer: "Compare the fingerprints: the private key that signs must belong to the public key that was handed over.",
    receiver: "Ask for the public key that belongs to this key_id.",
    tried: "RSA opens the signature with each key; with none of them a signature comes out"
  },
  {
    code: "KeyIdUnknown",
    area: "key",
    title: "The key_id names another key than the one that signed",
    signer: "Send the key_id that PayKKa issued for the key that signs.",
    receiver: "Configure the key under the key_id that the sender uses.",
    tried: "the id of the key that verifies is compared"
  },
  {
    code: "PathQuery",
    area: "path",
    title: "The query string was signed, or left out",
    signer: "Sign the bare path and send no query: the API has none.",
    receiver: "Verify the bare path.",
    tried: "the path with the query that was sent, and with a question mark"
  },
  {
    code: "PathTrailingSlash",
    area: "path",
    title: "A slash at the end of the path was added or lost",
    signer: "Sign the path as it is called.",
    receiver: seenPath,
    tried: "the path with and without a slash at its end"
  },
  {
    code: "PathDoubleSlash",
    area: "path",
    title: "The path has a double slash",
    signer: "Join base URL and path with one slash, and sign the path as it is called.",
    receiver: seenPath,
    tried: "the path with a second slash in front, and with one slash for two"
  },
  {
    code: "PathPrefix",
    area: "path",
    title: "A prefix of the path was added or taken away, as proxies do",
    signer: "Sign the path as the receiver sees it.",
    receiver: seenPath,
    tried:
      "the path without its first segments, with the prefixes of forwarding headers, and as part of the other given paths"
  },
  {
    code: "PathEncoding",
    area: "path",
    title: "The path was signed with other percent-encoding or letter case",
    signer: "Sign the path with the very characters of the request line.",
    receiver: "Verify the path with the very characters of the request line, before a router decodes it.",
    tried: "the path decoded, encoded, encoded with its slashes, with escapes in the other case, and in lower case"
  },
  {
    code: "PathLeadingSlash",
    area: "path",
    title: "The path was signed without its first slash",
    signer: "Sign the path from its first slash on.",
    receiver: "Verify the path from its first slash on.",
    tried: "the path without its first slash"
  },
  {
    code: "PathHost",
    area: "path",
    title: "The URL or the host was signed with the path",
    signer: "Sign the bare path, without scheme, host and port.",
    receiver: "Verify the bare path.",
    tried: "the path after scheme and host, and after the host"
  },
  {
    code: "PathOther",
    area: "path",
    title: "Another path was signed",
    signer: "Sign the path that is called.",
    receiver: seenPath,
    tried: "the other given paths, the paths of forwarding headers, and an empty line"
  },
  {
    code: "TimestampSeconds",
    area: "timestamp",
    title: "The timestamp is in seconds",
    signer: "Use milliseconds since the Unix epoch, the same digits in header and text.",
    receiver: "Take the timestamp's digits from the header as they are.",
    tried: "the timestamp without its last three digits; one of ten digits with each three digits added"
  },
  {
    code: "TimestampDiffers",
    area: "timestamp",
    title: "The timestamp of the header is not the one that was signed",
    signer: "Read the clock once, and use the same digits in header and text.",
    receiver: "Take the timestamp from the header.",
    tried: "each of the 500 milliseconds before and after it, and ISO 8601"
  },
  {
    code: "NonceDiffers",
    area: "nonce",
    title: "The nonce of the header is not the one that was signed",
    signer: "Make the nonce once, and use the same text in header and text.",
    receiver: "Take the nonce from the header.",
    tried:
      "the nonce in the other letter case, with and without dashes, cut, encoded and empty, and those of other headers"
  },
  {
    code: "MerchantHeaderTwice",
    area: "merchant",
    title: "X-Merch-Id is sent more than once",
    signer: "Send X-Merch-Id once.",
    receiver: "Look which of the values is taken.",
    tried: "the headers are counted, and each value is tried in line 4"
  },
  {
    code: "MerchantLineMissing",
    area: "merchant",
    title: "Line 4 was left out",
    signer: "Keep line 4 where no X-Merch-Id is sent: it is empty, and its line feed stays.",
    receiver: "Keep line 4 where no X-Merch-Id came: it is empty, and its line feed stays.",
    tried: "the text without line 4"
  },
  {
    code: "MerchantLineEmpty",
    area: "merchant",
    title: "Line 4 was empty, but X-Merch-Id is sent",
    signer: "Put the value of X-Merch-Id into line 4, or do not send the header.",
    receiver: "Look whether something on the way adds X-Merch-Id.",
    tried: "the text with an empty line 4"
  },
  {
    code: "MerchantLineNull",
    area: "merchant",
    title: "Line 4 holds the word for nothing of a programming language",
    signer: "Leave line 4 empty where there is no merchant number.",
    receiver: "Leave line 4 empty where no X-Merch-Id came.",
    tried: "null, undefined, None and nil in line 4"
  },
  {
    code: "MerchantLineOther",
    area: "merchant",
    title: "Line 4 holds another merchant number than X-Merch-Id",
    signer: "Put the value of X-Merch-Id into line 4; where the header is not sent, nothing.",
    receiver: "Look whether something on the way drops or changes X-Merch-Id.",
    tried: "the merchant numbers that are given, and those of the body's merch_id"
  },
  {
    code: "BodyMissing",
    area: "body",
    title: "The body was not signed",
    signer: "Sign the body as line 5.",
    receiver: "Verify with the body as line 5.",
    tried: "the first four lines"
  },
  {
    code: "BodyEmptyLine",
    area: "body",
    title: "Line 5 was empty",
    signer: "Sign the body as line 5. Where there is none, sign four lines, or better send {}.",
    receiver: "Read the body before it is verified; something may have read it already.",
    tried: "the first four lines and a line feed"
  },
  {
    code: "BodyPlaceholder",
    area: "body",
    title: "Something else was signed in the place of the body",
    signer: sameBytes,
    receiver: rawBody,
    tried: "{}, [], null and undefined as line 5"
  },
  {
    code: "MultipartWhole",
    area: "body",
    title: "Of a multipart body something else than the text of meta was signed",
    signer: "Sign the text of the part meta as line 5, not the whole body or the file.",
    receiver: "Verify with the text of the part meta as line 5.",
    tried: "the whole body, each of its other parts, and the parts one after the other"
  },
  {
    code: "BodyEscapes",
    area: "body",
    title: "Characters of the body were escaped or unescaped",
    signer: sameBytes,
    receiver: rawBody,
    tried:
      "non-ASCII characters as escapes and back, slashes escaped and back, the characters of HTML escaped as Go does"
  },
  {
    code: "BodyLineEnds",
    area: "body",
    title: "The line ends of the body were changed",
    signer: sameBytes,
    receiver: rawBody,
    tried: "the body with LF for CR LF, with CR LF for LF, and without line breaks, as curl -d @file sends it"
  },
  {
    code: "BodyReserialised",
    area: "body",
    title: "The JSON was parsed and written again",
    signer: sameBytes,
    receiver: rawBody,
    tried:
      "the JSON compact, with blanks as Python writes, indented by two, four and a tab, as Jackson writes; each also with sorted keys, without nulls, with escapes, with numbers as JavaScript writes them"
  },
  {
    code: "BodyTransformed",
    area: "body",
    title: "A digest or an encoding of the body was signed",
    signer: "Sign the body itself as line 5.",
    receiver: rawBody,
    tried: "the body's SHA-256, the body as Base64, percent-encoded, as a JSON string, and without any blanks"
  },
  {
    code: "TrailingNewline",
    area: "body",
    title: "A line break or blanks at an end were added or lost",
    signer: "Sign the body without adding anything; no line feed follows the last line.",
    receiver: rawBody,
    tried: "the text with LF and CR LF after it; the body without the blanks around it"
  },
  {
    code: "BodyBom",
    area: "body",
    title: "A byte order mark was added or lost",
    signer: "Write the body without a byte order mark, and sign what is sent.",
    receiver: rawBody,
    tried: "the body with and without U+FEFF in front"
  },
  {
    code: "BodyEncoding",
    area: "body",
    title: "The body was signed in another character encoding",
    signer: "Take the body's bytes as UTF-8, explicitly: getBytes(StandardCharsets.UTF_8).",
    receiver: "Verify the raw bytes; do not decode and encode them.",
    tried: "Latin-1, UTF-16, GBK, ASCII with question marks, UTF-8 twice, and the normal forms of Unicode, both ways"
  },
  {
    code: "BodyOther",
    area: "body",
    title: "Another body was signed",
    signer: sameBytes,
    receiver: rawBody,
    tried: "two texts are compared"
  },
  {
    code: "MethodLine",
    area: "lines",
    title: "The HTTP method was signed",
    signer: "Leave the method out: line 1 is the path.",
    receiver: "Leave the method out: line 1 is the path.",
    tried: "the method as a first line, and in front of the path"
  },
  {
    code: "LineSeparator",
    area: "lines",
    title: "The lines were not joined by LF",
    signer:
      "Join the lines by one line feed (byte 10). A backslash and an n in single quotes are two characters in a shell and in PHP.",
    receiver: "Join the lines by one line feed (byte 10).",
    tried:
      "CR LF, CR, a backslash and an n, nothing, a blank, an ampersand, a bar, a comma, a semicolon, a colon, a dot and a dash"
  },
  {
    code: "LineOrder",
    area: "lines",
    title: "The lines are in another order, or some are missing",
    signer: "Sign path, timestamp, nonce, merchant number and body, in this order.",
    receiver: "Verify path, timestamp, nonce, merchant number and body, in this order.",
    tried: "every order of the five lines, and of those that are left when some are left out"
  },
  {
    code: "OtherText",
    area: "lines",
    title: "The key is right, but another text was signed",
    signer: "Print the text that is signed and its SHA-256, and compare both with what is shown here.",
    receiver: rawBody,
    tried: "RSA opens the signature with the key; none of the tried texts has the digest that comes out"
  },
  {
    code: "Clock",
    area: "timestamp",
    title: "The timestamp is too far from the receiver's clock",
    signer: "Set the clock by NTP, use milliseconds in UTC, and sign anew for every attempt.",
    receiver: "Set the clock by NTP.",
    tried: "the timestamp is compared with the time at which the message arrived"
  },
  {
    code: "NonceReused",
    area: "nonce",
    title: "The nonce may have been used before",
    signer: "Make a new timestamp, nonce and signature for every attempt, repeats included.",
    receiver: "A repeated nonce is a delivery that comes again, or a replay.",
    tried:
      "the nonce is looked for among those that are given; a right signature that is refused all the same gets it as a hint"
  }
]

const byCode = /*#__PURE__*/ new Map(/*#__PURE__*/ causes.map((cause) => [cause.code, cause]))

/** The row of a code. */
export const of = (code: Code): Cause => byCode.get(code)!
