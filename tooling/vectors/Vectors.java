import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JDK's side of the signing vectors, see README.md. Run by generate.sh as a single source file:
 * "compute" signs every case with the JDK, "broken" signs some in the ways in which Java programs get it wrong,
 * "assemble" writes the JSON files from what generate.sh found equal.
 */
public final class Vectors {

  /** The case whose Authorization object headers.json spells in other ways. */
  private static final String HEADERS_CASE = "body-va-application";

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "compute" -> compute(Path.of(args[1]), Path.of(args[2]));
      case "broken" -> broken(Path.of(args[1]), Path.of(args[2]));
      case "assemble" -> assemble(Path.of(args[1]), Path.of(args[2]), Path.of(args[3]));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  // ------------------------------------------------------------------------------------------
  // Input

  /** One case: the lines of ID.case, and ID.body (raw bytes) or ID.unit (raw bytes to repeat) or neither. */
  private record Case(String id, Map<String, String> fields, byte[] body, byte[] unit) {
    String get(String name) {
      String value = fields.get(name);
      if (value == null) throw new IllegalStateException(id + ": " + name + " is missing");
      return value;
    }

    String merchId() {
      return fields.get("merch_id");
    }
  }

  private static List<Case> cases(Path root) throws IOException {
    Path directory = root.resolve("cases");
    List<Case> result = new ArrayList<>();
    for (String id : Files.readAllLines(directory.resolve("order.txt"))) {
      Map<String, String> fields = new LinkedHashMap<>();
      for (String line : Files.readAllLines(directory.resolve(id + ".case"))) {
        int equals = line.indexOf('=');
        if (equals < 1 || fields.put(line.substring(0, equals), line.substring(equals + 1)) != null) {
          throw new IllegalStateException(id + ": bad line: " + line);
        }
      }
      byte[] body = bytesOrNull(directory.resolve(id + ".body"));
      byte[] unit = bytesOrNull(directory.resolve(id + ".unit"));
      if (unit != null) {
        int bytes = Integer.parseInt(fields.get("bytes"));
        if (body != null || bytes % unit.length != 0) throw new IllegalStateException(id + ": bad unit");
        ByteBuffer repeated = ByteBuffer.allocate(bytes);
        while (repeated.hasRemaining()) repeated.put(unit);
        body = repeated.array();
      }
      result.add(new Case(id, fields, body, unit));
    }
    return result;
  }

  private static byte[] bytesOrNull(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllBytes(file) : null;
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  private static Path key(Path root, String signer, String suffix) {
    return root.resolve("keys").resolve("test-only-" + signer + suffix);
  }

  private static String keyId(Path root, Case c) throws IOException {
    String own = c.fields().get("key_id");
    return own != null ? own : text(key(root, c.get("signer"), ".key_id")).strip();
  }

  private static byte[] pem(Path file) throws IOException {
    StringBuilder base64 = new StringBuilder();
    for (String line : Files.readAllLines(file)) if (!line.startsWith("-----")) base64.append(line);
    return Base64.getDecoder().decode(base64.toString());
  }

  // ------------------------------------------------------------------------------------------
  // compute

  private static void compute(Path root, Path out) throws Exception {
    KeyFactory rsa = KeyFactory.getInstance("RSA");
    for (Case c : cases(root)) {
      String signer = c.get("signer");
      PrivateKey privateKey = rsa.generatePrivate(new PKCS8EncodedKeySpec(pem(key(root, signer, ".pkcs8.pem"))));
      PublicKey publicKey = rsa.generatePublic(new X509EncodedKeySpec(pem(key(root, signer, ".spki.pem"))));

      byte[] canonical = canonical(c);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(canonical);

      Signature signing = Signature.getInstance("SHA256withRSA");
      signing.initSign(privateKey);
      signing.update(canonical);
      byte[] binary = signing.sign();

      Signature verifying = Signature.getInstance("SHA256withRSA");
      verifying.initVerify(publicKey);
      verifying.update(canonical);
      if (!verifying.verify(binary)) throw new IllegalStateException(c.id() + ": the JDK does not verify its own signature");

      String signature = Base64.getEncoder().encodeToString(binary);
      String json = authorizationJson(c.get("timestamp"), c.get("nonce"), keyId(root, c), signature);
      Files.write(out.resolve(c.id() + ".canonical"), canonical);
      Files.writeString(out.resolve(c.id() + ".sha256"), HexFormat.of().formatHex(digest));
      Files.writeString(out.resolve(c.id() + ".signature"), signature);
      Files.writeString(out.resolve(c.id() + ".authorization_json"), json);
      Files.writeString(out.resolve(c.id() + ".authorization"), URLEncoder.encode(json, StandardCharsets.UTF_8));
    }
  }

  /** By the rule rather than by templates: elements joined by LF, a missing merchant number empty, a missing body absent. */
  private static byte[] canonical(Case c) {
    String expected = c.body() == null
        ? (c.merchId() == null ? "without_body_and_merchant" : "without_body")
        : c.merchId() == null ? "without_merchant" : c.get("path").equals("/api/file/upload") ? "file_upload" : "with_body";
    if (!c.get("variant").equals(expected)) throw new IllegalStateException(c.id() + " is of the variant " + expected);

    List<byte[]> elements = new ArrayList<>();
    for (String name : List.of("path", "timestamp", "nonce")) elements.add(c.get(name).getBytes(StandardCharsets.UTF_8));
    elements.add(c.merchId() == null ? new byte[0] : c.merchId().getBytes(StandardCharsets.UTF_8));
    if (c.body() != null) elements.add(c.body());

    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (int i = 0; i < elements.size(); i++) {
      if (i > 0) joined.write('\n');
      joined.writeBytes(elements.get(i));
    }
    return joined.toByteArray();
  }

  private static String authorizationJson(String timestamp, String nonce, String keyId, String signature) {
    return "{" + String.join(",", member("sign_type", "SHA256_WITH_RSA"), member("timestamp", timestamp),
        member("nonce", nonce), member("key_id", keyId), member("signature", signature)) + "}";
  }

  private static String member(String name, String value) {
    return quote(name) + ":" + quote(value);
  }

  // ------------------------------------------------------------------------------------------
  // broken

  /** What is wrong, by the codes of @paykka/signing's table, and the header that comes of it. */
  private record Broken(String id, String what, String cause, Case sent, String authorization) {}

  private interface Signing {
    byte[] sign(byte[] text) throws Exception;
  }

  private static Signing by(PrivateKey key, String algorithm, PSSParameterSpec parameters) {
    return text -> {
      Signature signing = Signature.getInstance(algorithm);
      if (parameters != null) signing.setParameter(parameters);
      signing.initSign(key);
      signing.update(text);
      return signing.sign();
    };
  }

  /** Without a salt, since these files must come out the same every time. */
  private static PSSParameterSpec pss(MGF1ParameterSpec mask) {
    return new PSSParameterSpec("SHA-256", "MGF1", mask, 0, PSSParameterSpec.TRAILER_FIELD_BC);
  }

  private static byte[] sha256(byte[] bytes) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(bytes);
  }

  private static List<Broken> broken(Path root) throws Exception {
    Map<String, Case> byId = new LinkedHashMap<>();
    for (Case c : cases(root)) byId.put(c.id(), c);
    Case plain = byId.get(HEADERS_CASE);
    Case cjk = byId.get("body-cjk-raw");
    Case noMerchant = byId.get("without-merchant");
    PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pem(key(root, "merchant", ".pkcs8.pem"))));
    Signing right = by(key, "SHA256withRSA", null);
    byte[] text = canonical(plain);
    Base64.Encoder base64 = Base64.getEncoder();

    List<Broken> list = new ArrayList<>();
    // Algorithms
    Map<String, Signing> algorithms = new LinkedHashMap<>();
    algorithms.put("SHA1withRSA", by(key, "SHA1withRSA", null));
    algorithms.put("SHA384withRSA", by(key, "SHA384withRSA", null));
    algorithms.put("SHA512withRSA", by(key, "SHA512withRSA", null));
    algorithms.put("MD5withRSA", by(key, "MD5withRSA", null));
    algorithms.put("RSASSA-PSS", by(key, "RSASSA-PSS", pss(MGF1ParameterSpec.SHA256)));
    algorithms.put("RSASSA-PSS-MGF1-SHA1", by(key, "RSASSA-PSS", pss(MGF1ParameterSpec.SHA1)));
    algorithms.put("NONEwithRSA", bytes -> by(key, "NONEwithRSA", null).sign(sha256(bytes)));
    for (Map.Entry<String, Signing> algorithm : algorithms.entrySet()) {
      String name = algorithm.getKey();
      list.add(new Broken(name, "the algorithm " + name, "WrongAlgorithm", plain,
          encode(header(root, plain, base64.encodeToString(algorithm.getValue().sign(text))))));
    }
    byte[] hash = sha256(text);
    list.add(signed(root, "digest-bytes", "the digest was hashed again", "HashedTwice", plain, right.sign(hash)));
    list.add(signed(root, "digest-hex", "the digest in hexadecimal was hashed again", "HashedTwice", plain,
        right.sign(HexFormat.of().formatHex(hash).getBytes(StandardCharsets.UTF_8))));
    // Encodings of the signature and of the header
    byte[] signature = right.sign(text);
    for (String[] row : new String[][] {
      {"hex", HexFormat.of().formatHex(signature)},
      {"upper-hex", HexFormat.of().withUpperCase().formatHex(signature)},
      {"base64url", Base64.getUrlEncoder().encodeToString(signature)},
      {"base64-mime", Base64.getMimeEncoder().encodeToString(signature)},
      {"base64-without-padding", base64.withoutPadding().encodeToString(signature)},
      {"base64-twice", base64.encodeToString(base64.encode(signature))},
    }) {
      list.add(new Broken(row[0], "the signature as " + row[0], "SignatureEncoding", plain, encode(header(root, plain, row[1]))));
    }
    String json = header(root, plain, base64.encodeToString(signature));
    list.add(new Broken("header-raw", "JSON as it is", "HeaderNotEncoded", plain, json));
    list.add(new Broken("header-base64", "Base64 instead of URLEncoder", "HeaderNotEncoded", plain,
        base64.encodeToString(json.getBytes(StandardCharsets.UTF_8))));
    list.add(new Broken("header-twice", "URLEncoder twice", "HeaderEncodedTwice", plain, encode(encode(json))));
    list.add(new Broken("header-bearer", "a scheme word", "HeaderScheme", plain, "Bearer " + encode(json)));
    list.add(new Broken("header-map", "Map.toString() for JSON", "HeaderField", plain,
        encode(json.replace('"', '\''))));
    // Texts
    String merchant = plain.merchId();
    String body = new String(plain.body(), StandardCharsets.UTF_8);
    String head = plain.get("path") + "\n" + plain.get("timestamp") + "\n" + plain.get("nonce") + "\n";
    for (String[] row : new String[][] {
      {"trailing-newline", "TrailingNewline", head + merchant + "\n" + body + "\n"},
      {"crlf", "LineSeparator", String.join("\r\n", plain.get("path"), plain.get("timestamp"), plain.get("nonce"), merchant, body)},
      {"ampersand", "LineSeparator", String.join("&", plain.get("path"), plain.get("timestamp"), plain.get("nonce"), merchant, body)},
      {"seconds", "TimestampSeconds", head.replace(plain.get("timestamp"), plain.get("timestamp").substring(0, 10)) + merchant + "\n" + body},
      {"method", "MethodLine", "POST\n" + head + merchant + "\n" + body},
      {"without-body", "BodyMissing", head + merchant},
      {"without-merchant-line", "MerchantLineMissing", head + body},
      {"host", "PathHost", "https://open-fat.cb.paykka.com" + head + merchant + "\n" + body},
      {"list-to-string", "BodyReserialised", head + merchant + "\n" + body.replace(":", ": ").replace(",", ", ")},
    }) {
      list.add(signed(root, row[0], "the text: " + row[0], row[1], plain, right.sign(row[2].getBytes(StandardCharsets.UTF_8))));
    }
    // A null reference in a concatenation
    String nothing = noMerchant.merchId();
    String concatenated = noMerchant.get("path") + "\n" + noMerchant.get("timestamp") + "\n" + noMerchant.get("nonce") + "\n" + nothing + "\n"
        + new String(noMerchant.body(), StandardCharsets.UTF_8);
    list.add(signed(root, "null", "a null reference in line 4", "MerchantLineNull", noMerchant,
        right.sign(concatenated.getBytes(StandardCharsets.UTF_8))));
    // getBytes() with the character encoding of some machine
    String characters = new String(canonical(cjk), StandardCharsets.UTF_8);
    for (String charset : List.of("ISO-8859-1", "GBK", "US-ASCII", "UTF-16LE", "UTF-16BE")) {
      byte[] before = characters.substring(0, characters.indexOf('{')).getBytes(StandardCharsets.UTF_8);
      byte[] after = characters.substring(characters.indexOf('{')).getBytes(Charset.forName(charset));
      ByteArrayOutputStream joined = new ByteArrayOutputStream();
      joined.writeBytes(before);
      joined.writeBytes(after);
      list.add(signed(root, "charset-" + charset, "the body by getBytes(" + charset + ")", "BodyEncoding", cjk, right.sign(joined.toByteArray())));
    }
    return list;
  }

  private static Broken signed(Path root, String id, String what, String cause, Case sent, byte[] signature) throws IOException {
    return new Broken(id, what, cause, sent, encode(header(root, sent, Base64.getEncoder().encodeToString(signature))));
  }

  private static String header(Path root, Case c, String signature) throws IOException {
    return authorizationJson(c.get("timestamp"), c.get("nonce"), keyId(root, c), signature);
  }

  /** The signatures of other algorithms, for OpenSSL to agree on. */
  private static void broken(Path root, Path out) throws Exception {
    for (Broken broken : broken(root)) Files.writeString(out.resolve("broken-" + broken.id()), broken.authorization());
  }

  private static Map<String, Object> brokenFile(Path root) throws Exception {
    List<Object> list = new ArrayList<>();
    for (Broken broken : broken(root)) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("id", broken.id());
      entry.put("what", broken.what());
      entry.put("cause", broken.cause());
      entry.put("case", broken.sent().id());
      entry.put("authorization", broken.authorization());
      list.add(entry);
    }
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("description", "Authorization headers of requests that are signed or written wrongly, made by the JDK from cases of signing.json;"
        + " OpenSSL agrees on the signatures of other algorithms. cause is the code of @paykka/signing's table.");
    file.put("headers", list);
    return file;
  }

  // ------------------------------------------------------------------------------------------
  // assemble

  private static void assemble(Path root, Path work, Path out) throws Exception {
    Path openssl = work.resolve("openssl");
    List<Object> list = new ArrayList<>();
    Map<String, Object> headers = null;
    for (Case c : cases(root)) {
      byte[] canonical = Files.readAllBytes(openssl.resolve(c.id() + ".canonical"));
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("id", c.id());
      entry.put("variant", c.get("variant"));
      entry.put("what", c.get("what"));
      entry.put("signer", c.get("signer"));
      entry.put("key_id", keyId(root, c));
      entry.put("path", c.get("path"));
      entry.put("timestamp", c.get("timestamp"));
      entry.put("nonce", c.get("nonce"));
      entry.put("merch_id", c.merchId());
      entry.put("body", body(c));
      entry.put("canonical_length", canonical.length);
      if (c.unit() == null) entry.put("canonical_base64", base64(canonical));
      entry.put("canonical_sha256", text(openssl.resolve(c.id() + ".sha256")));
      entry.put("signature", text(openssl.resolve(c.id() + ".signature")));
      entry.put("authorization_json", text(openssl.resolve(c.id() + ".authorization_json")));
      entry.put("authorization", text(openssl.resolve(c.id() + ".authorization")));
      list.add(entry);
      if (c.id().equals(HEADERS_CASE)) headers = headers(root, c, entry);
    }

    Map<String, Object> keys = new LinkedHashMap<>();
    for (String signer : List.of("merchant", "platform")) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("key_id", text(key(root, signer, ".key_id")).strip());
      entry.put("private_pkcs8_pem", text(key(root, signer, ".pkcs8.pem")));
      entry.put("public_spki_pem", text(key(root, signer, ".spki.pem")));
      keys.put(signer, entry);
    }

    Map<String, Object> signing = new LinkedHashMap<>();
    signing.put("description", "Signing vectors made by tooling/vectors/generate.sh; OpenSSL and the JDK agree on each."
        + " Bodies are UTF-8 text, or base64 of bytes that are not UTF-8, or a unit repeated up to a number of bytes."
        + " canonical_base64 is left out for repeated bodies. The keys are for tests only.");
    signing.put("keys", keys);
    signing.put("cases", list);
    write(out.resolve("signing.json"), signing);
    write(out.resolve("headers.json"), headers);
    write(out.resolve("broken.json"), brokenFile(root));
    write(out.resolve("keys.json"), samples(work));
  }

  private static Object body(Case c) {
    if (c.body() == null) return null;
    if (c.unit() != null) {
      Map<String, Object> repeat = new LinkedHashMap<>();
      repeat.put("unit_base64", base64(c.unit()));
      repeat.put("bytes", c.body().length);
      return Map.of("repeat", repeat);
    }
    try {
      return Map.of("text", StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(c.body())).toString());
    } catch (CharacterCodingException e) {
      return Map.of("base64", base64(c.body()));
    }
  }

  private static Map<String, Object> headers(Path root, Case c, Map<String, Object> entry) throws IOException {
    String timestamp = c.get("timestamp");
    String nonce = c.get("nonce");
    String keyId = keyId(root, c);
    String signature = (String) entry.get("signature");
    String json = (String) entry.get("authorization_json");
    String encoded = (String) entry.get("authorization");
    for (String needed : List.of("+", "/", "=")) {
      if (!signature.contains(needed)) throw new IllegalStateException(c.id() + ": its signature has no " + needed);
    }
    String signType = "SHA256_WITH_RSA";
    String reversed = "{" + String.join(",", member("signature", signature), member("key_id", keyId), member("nonce", nonce),
        member("timestamp", timestamp), member("sign_type", signType)) + "}";
    String open = json.substring(0, json.length() - 1);
    String extraText = open + "," + member("version", "1") + "}";
    String extraPercent = open + "," + member("note", "100% + 5%20") + "}";
    String extraOther = "{\"list\":[1,{\"nonce\":\"x\"}],\"none\":null,\"flag\":true," + json.substring(1);
    String blanks = json.replace("\":\"", "\" : \"").replace("\",\"", "\" , \"").replace("{", "{ ").replace("}", " }");
    String pretty = json.replace("\":\"", "\": \"").replace("\",\"", "\",\n\t\"").replace("{", "{\n\t").replace("}", "\n}");
    String slashes = json.replace("/", "\\/");
    String unicode = json.replace("=", "\\u003d").replace("+", "\\u002B").replace("/", "\\u002f");

    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("sign_type", signType);
    expected.put("timestamp", timestamp);
    expected.put("nonce", nonce);
    expected.put("key_id", keyId);
    expected.put("signature", signature);

    List<Object> list = new ArrayList<>();
    String[][] rows = {
      {"encoded", "as in signing.json: compact JSON through URLEncoder", encoded},
      {"key-order", "the keys in the opposite order", encode(reversed)},
      {"extra-key", "an unknown key", encode(extraText)},
      {"extra-keys-nested", "unknown keys in front: a list with an object that has a key nonce, null, true", encode(extraOther)},
      {"literal-plus", "percent-encoded, but the plus signs of the signature are literal: they stay plus signs", encoded.replace("%2B", "+")},
      {"literal-plus-slash-equals", "percent-encoded, but plus, slash and equals signs of the signature are literal",
        encoded.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")},
      {"literal-punctuation", "only braces and quotes percent-encoded, as JavaScript's encodeURI does",
        json.replace("{", "%7B").replace("}", "%7D").replace("\"", "%22")},
      {"lower-case-escapes", "percent escapes in lower-case hex", lowerEscapes(encoded)},
      {"encoded-throughout", "every byte percent-encoded, letters and digits too", everyByte(json)},
      {"raw", "JSON, not percent-encoded", json},
      {"raw-key-order", "JSON, not percent-encoded, the keys in the opposite order", reversed},
      {"raw-extra-key-percent", "JSON, not percent-encoded, with an unknown key whose text has percent signs", extraPercent},
      {"encoded-extra-key-percent", "percent-encoded, with an unknown key whose text has percent signs", encode(extraPercent)},
      {"blanks", "JSON with blanks between its tokens, percent-encoded (blank as %20)", encode(blanks)},
      {"raw-blanks", "JSON with blanks between its tokens, not percent-encoded", blanks},
      {"line-breaks", "JSON with line breaks and tabs between its tokens, percent-encoded", encode(pretty)},
      {"slash-escapes", "the slashes of the signature as \\/ in the JSON text, percent-encoded", encode(slashes)},
      {"raw-slash-escapes", "the slashes of the signature as \\/ in the JSON text, not percent-encoded", slashes},
      {"unicode-escapes", "plus, slash and equals signs as \\u002B, \\u002f and \\u003d in the JSON text, percent-encoded", encode(unicode)},
      {"raw-unicode-escapes", "the same, not percent-encoded", unicode},
    };
    for (String[] row : rows) {
      Map<String, Object> header = new LinkedHashMap<>();
      header.put("id", row[0]);
      header.put("what", row[1]);
      header.put("authorization", row[2]);
      header.put("expected", expected);
      list.add(header);
    }
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("description", "Spellings of one Authorization object which a decoder accepts; each gives the same five fields."
        + " Made by tooling/vectors/generate.sh from the case named here.");
    file.put("case", c.id());
    file.put("headers", list);
    return file;
  }

  /** URLEncoder, but %20 for a blank: these headers are for decoders that keep a plus sign. */
  private static String encode(String json) {
    return URLEncoder.encode(json, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String lowerEscapes(String encoded) {
    return java.util.regex.Pattern.compile("%[0-9A-F]{2}").matcher(encoded).replaceAll(match -> match.group().toLowerCase(java.util.Locale.ROOT));
  }

  private static String everyByte(String json) {
    StringBuilder result = new StringBuilder();
    for (byte b : json.getBytes(StandardCharsets.UTF_8)) result.append(String.format("%%%02X", b));
    return result.toString();
  }

  private static Map<String, Object> samples(Path work) throws IOException {
    List<Object> list = new ArrayList<>();
    for (String line : Files.readAllLines(work.resolve("samples.txt"))) {
      String[] columns = line.split("\\|", -1);
      Path file = work.resolve("samples").resolve(columns[0]);
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("id", columns[0]);
      entry.put("role", columns[1]);
      entry.put("algorithm", columns[2]);
      entry.put("bits", Integer.parseInt(columns[3]));
      entry.put("format", columns[4]);
      entry.put("container", columns[5]);
      entry.put("pair", columns[6]);
      if (!columns[7].isEmpty()) entry.put("modulus_sha256", columns[7]);
      if (!columns[8].isEmpty()) entry.put("passphrase", columns[8]);
      if (columns[5].equals("pem")) entry.put("text", text(file));
      else entry.put("base64", base64(Files.readAllBytes(file)));
      list.add(entry);
    }
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("description", "Key files made and described by OpenSSL (tooling/vectors/generate.sh), for tests only."
        + " Samples of one pair hold the same key. modulus_sha256 is the SHA-256 of the modulus as big-endian bytes"
        + " without a leading zero byte.");
    file.put("samples", list);
    return file;
  }

  // ------------------------------------------------------------------------------------------
  // JSON

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static void write(Path file, Object value) throws IOException {
    StringBuilder json = new StringBuilder();
    append(json, value, "");
    Files.writeString(file, json.append('\n').toString(), StandardCharsets.US_ASCII);
  }

  private static void append(StringBuilder json, Object value, String indent) {
    String deeper = indent + "  ";
    if (value == null || value instanceof Integer) {
      json.append(value);
    } else if (value instanceof String text) {
      json.append(quote(text));
    } else if (value instanceof Map<?, ?> map) {
      String separator = "{\n";
      for (Map.Entry<?, ?> member : map.entrySet()) {
        json.append(separator).append(deeper).append(quote((String) member.getKey())).append(": ");
        append(json, member.getValue(), deeper);
        separator = ",\n";
      }
      json.append('\n').append(indent).append('}');
    } else if (value instanceof List<?> list) {
      String separator = "[\n";
      for (Object element : list) {
        json.append(separator).append(deeper);
        append(json, element, deeper);
        separator = ",\n";
      }
      json.append('\n').append(indent).append(']');
    } else {
      throw new IllegalArgumentException(value.getClass().getName());
    }
  }

  /** A JSON string in ASCII: everything else as escapes of its UTF-16 units, so that no tool can change it on the way. */
  private static String quote(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (char unit : text.toCharArray()) {
      switch (unit) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (unit >= 0x20 && unit < 0x7f) json.append(unit);
          else json.append(String.format("\\u%04x", (int) unit));
        }
      }
    }
    return json.append('"').toString();
  }

  private Vectors() {}
}
