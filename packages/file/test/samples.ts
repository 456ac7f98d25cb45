/** The beginnings of files of each kind, from the formats' specifications; whole ones where they are short. */
const latin1 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "latin1"))
const hex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"))

/** By media type. */
export const samples = {
  "application/pdf": latin1("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
  // JFIF's first marker and segment; one of Exif begins with ffd8ffe1.
  "image/jpeg": hex("ffd8 ffe0 0010 4a46494600 0101 00 0001 0001 00 00 ffd9"),
  // A whole picture of one pixel.
  "image/png": new Uint8Array(
    Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
      "base64"
    )
  ),
  "image/gif": latin1("GIF89a\x01\0\x01\0\0\0\0;"),
  "image/tiff": hex("49492a00 08000000 0000 00000000"),
  // APPNOTE.TXT 4.3.7: the header of a member, here an empty one called "a".
  "application/zip": hex("504b0304 0a00 0000 0000 0000 0000 00000000 00000000 00000000 0100 0000 61")
} as const

/** A text, of which no beginning tells the type. */
export const text: Uint8Array<ArrayBuffer> = latin1("currency,amount\nEUR,2\n")
