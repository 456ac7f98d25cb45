#!/usr/bin/env bash
# Regenerates packages/signing/test/vectors from cases/ and keys/.
#
#   ./generate.sh           write the files
#   ./generate.sh --check   write nothing, fail if the files are not what would be written
#
# OpenSSL computes every vector here in the shell, Vectors.java computes it again with the JDK,
# and nothing is written unless both agree byte for byte.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cases=$here/cases
keys=$here/keys
target=$here/../../packages/signing/test/vectors
mode=${1:-write}
passphrase=test-only

die() {
  printf 'generate.sh: %s\n' "$*" >&2
  exit 1
}

case $mode in write | --check) ;; *) die "unknown argument $mode" ;; esac
case $(openssl version) in "OpenSSL 3."*) ;; *) die "needs OpenSSL 3, found: $(openssl version)" ;; esac
command -v java >/dev/null || die "needs a JDK, 17 or newer"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/openssl" "$work/java" "$work/samples" "$work/out"

# ---------------------------------------------------------------------------------------------
# Keys. Whatever is not in keys/ is made; what is there stays, so that a second run gives the
# same bytes (RSA PKCS#1 v1.5 has no randomness). All of them are for tests only.

# make FILE COMMAND...: runs COMMAND -out FILE unless FILE exists
make() {
  local file=$keys/$1
  shift
  if [ ! -e "$file" ]; then
    "$@" -out "$file.new" 2>"$work/log" || { rm -f "$file.new"; cat "$work/log" >&2; die "could not make $file"; }
    chmod 644 "$file.new"
    mv "$file.new" "$file"
  fi
}

rsa() { make "$1" openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$2"; }

for who in merchant platform; do
  [ -s "$keys/test-only-$who.key_id" ] || die "keys/test-only-$who.key_id is missing"
  rsa "test-only-$who.pkcs8.pem" 2048
  make "test-only-$who.spki.pem" openssl pkey -in "$keys/test-only-$who.pkcs8.pem" -pubout
  openssl pkey -in "$keys/test-only-$who.pkcs8.pem" -pubout | cmp -s - "$keys/test-only-$who.spki.pem" ||
    die "keys/test-only-$who.spki.pem does not belong to its private key"
done

sample=test-only-sample
subject='/C=CN/O=Test only/CN=test-only.example.com'
for bits in 1024 2048 3072 4096; do rsa "$sample-rsa-$bits.pkcs8.pem" "$bits"; done
make $sample-ec-p256.pkcs8.pem openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make $sample-ed25519.pkcs8.pem openssl genpkey -algorithm ED25519
make $sample-rsa-pss-2048.pkcs8.pem openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048
make $sample-rsa-2048.encrypted-pkcs8.pem \
  openssl pkcs8 -topk8 -v2 aes-256-cbc -passout "pass:$passphrase" -in "$keys/$sample-rsa-2048.pkcs8.pem"
make $sample-rsa-2048.encrypted-pkcs1.pem \
  openssl rsa -aes128 -traditional -passout "pass:$passphrase" -in "$keys/$sample-rsa-2048.pkcs8.pem"
make $sample-rsa-2048.x509.pem \
  openssl req -x509 -new -sha256 -days 36500 -subj "$subject" -key "$keys/$sample-rsa-2048.pkcs8.pem"
make $sample-rsa-2048.csr.pem \
  openssl req -new -sha256 -subj "$subject" -key "$keys/$sample-rsa-2048.pkcs8.pem"

# ---------------------------------------------------------------------------------------------
# Signing vectors, OpenSSL's side.

# field CASE NAME: the value of a line NAME=value, empty if there is no such line
field() { sed -n "s/^$2=//p" "$cases/$1.case"; }
has() { grep -q "^$2=" "$cases/$1.case"; }
need() { has "$1" "$2" || die "$1: $2= is missing"; }
without() { if has "$1" "$2"; then die "$1: $2= does not go with its variant"; fi; }

# body CASE: puts the body into $work/openssl/CASE.body; fails if the case has none
body() {
  local id=$1 to=$work/openssl/$1.body bytes size
  if [ -e "$cases/$id.unit" ]; then
    bytes=$(field "$id" bytes)
    size=$(wc -c <"$cases/$id.unit")
    [ $((bytes % size)) -eq 0 ] || die "$id: $bytes bytes are no multiple of the unit's $size"
    cat "$cases/$id.unit" >"$to"
    while [ "$size" -lt "$bytes" ]; do
      cat "$to" "$to" >"$to.twice"
      head -c "$bytes" "$to.twice" >"$to"
      size=$(wc -c <"$to")
    done
    rm -f "$to.twice"
  elif [ -e "$cases/$id.body" ]; then
    cat "$cases/$id.body" >"$to"
  else
    die "$id: a body is missing"
  fi
}

no_body() {
  if [ -e "$cases/$1.body" ] || [ -e "$cases/$1.unit" ]; then die "$1: a body does not go with its variant"; fi
}

# canonical CASE: the canonical string, written out from the templates of the contract
canonical() {
  local id=$1 path timestamp nonce merch
  path=$(field "$id" path) timestamp=$(field "$id" timestamp) nonce=$(field "$id" nonce) merch=$(field "$id" merch_id)
  case $(field "$id" variant) in
    with_body | file_upload)
      need "$id" merch_id
      body "$id"
      printf '%s\n%s\n%s\n%s\n' "$path" "$timestamp" "$nonce" "$merch"
      cat "$work/openssl/$id.body"
      ;;
    without_body)
      need "$id" merch_id
      no_body "$id"
      printf '%s\n%s\n%s\n%s' "$path" "$timestamp" "$nonce" "$merch"
      ;;
    without_merchant)
      without "$id" merch_id
      body "$id"
      printf '%s\n%s\n%s\n\n' "$path" "$timestamp" "$nonce"
      cat "$work/openssl/$id.body"
      ;;
    without_body_and_merchant)
      without "$id" merch_id
      no_body "$id"
      printf '%s\n%s\n%s\n' "$path" "$timestamp" "$nonce"
      ;;
    *) die "$id: unknown variant" ;;
  esac
}

# The characters outside letters and digits that occur in a compact Authorization object.
percent_encode() {
  sed -e 's/%/%25/g' -e 's/{/%7B/g' -e 's/}/%7D/g' -e 's/"/%22/g' -e 's/:/%3A/g' -e 's/,/%2C/g' \
    -e 's/+/%2B/g' -e 's,/,%2F,g' -e 's/=/%3D/g'
}

while IFS= read -r id; do
  for name in what variant signer path timestamp nonce; do need "$id" "$name"; done
  o=$work/openssl/$id
  who=$(field "$id" signer)
  key_id=$(field "$id" key_id)
  [ -n "$key_id" ] || key_id=$(cat "$keys/test-only-$who.key_id")
  canonical "$id" >"$o.canonical"
  openssl dgst -sha256 -r "$o.canonical" | cut -d ' ' -f 1 | tr -d '\n' >"$o.sha256"
  openssl dgst -sha256 -sign "$keys/test-only-$who.pkcs8.pem" -out "$o.binary" "$o.canonical"
  openssl dgst -sha256 -verify "$keys/test-only-$who.spki.pem" -signature "$o.binary" "$o.canonical" >/dev/null ||
    die "$id: OpenSSL does not verify its own signature"
  openssl base64 -A -in "$o.binary" | tr -d '\n' >"$o.signature"
  printf '{"sign_type":"SHA256_WITH_RSA","timestamp":"%s","nonce":"%s","key_id":"%s","signature":"%s"}' \
    "$(field "$id" timestamp)" "$(field "$id" nonce)" "$key_id" "$(cat "$o.signature")" >"$o.authorization_json"
  percent_encode <"$o.authorization_json" >"$o.authorization"
done <"$cases/order.txt"

diff <(sort "$cases/order.txt") <(cd "$cases" && printf '%s\n' *.case | sed 's/\.case$//' | sort) >&2 ||
  die "cases/order.txt and cases/*.case differ"

# ---------------------------------------------------------------------------------------------
# The same by the JDK, and the comparison.

java "$here/Vectors.java" compute "$here" "$work/java"

count=0
while IFS= read -r id; do
  for part in canonical sha256 signature authorization_json authorization; do
    cmp "$work/openssl/$id.$part" "$work/java/$id.$part" >&2 || die "$id: OpenSSL and the JDK differ in $part"
  done
  count=$((count + 1))
done <"$cases/order.txt"

# ---------------------------------------------------------------------------------------------
# Requests that are signed wrongly: by the JDK, with OpenSSL's word on the algorithms.

java "$here/Vectors.java" broken "$here" "$work/java"

# other ID SIGNATURE: the header of broken-ID holds this signature
other() {
  openssl base64 -A -in "$2" | percent_encode >"$2.encoded"
  grep -qF "$(cat "$2.encoded")" "$work/java/broken-$1" || die "$1: OpenSSL and the JDK differ in the signature"
}

text=$work/openssl/body-va-application.canonical
private=$keys/test-only-merchant.pkcs8.pem
for row in SHA1withRSA:sha1 SHA384withRSA:sha384 SHA512withRSA:sha512 MD5withRSA:md5; do
  openssl dgst "-${row#*:}" -sign "$private" -out "$work/other" "$text"
  other "${row%:*}" "$work/other"
done
for row in RSASSA-PSS:sha256 RSASSA-PSS-MGF1-SHA1:sha1; do
  openssl dgst -sha256 -sign "$private" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:0 -sigopt "rsa_mgf1_md:${row#*:}" \
    -out "$work/other" "$text"
  other "${row%:*}" "$work/other"
done
openssl dgst -sha256 -binary -out "$work/digest" "$text"
openssl pkeyutl -sign -inkey "$private" -in "$work/digest" -out "$work/other" -pkeyopt rsa_padding_mode:pkcs1
other NONEwithRSA "$work/other"
openssl dgst -sha256 -sign "$private" -out "$work/other" "$work/digest"
other digest-bytes "$work/other"

# ---------------------------------------------------------------------------------------------
# Key samples: other formats of the keys above, each read back and described by OpenSSL.

s=$work/samples
k=$keys/$sample
private=$k-rsa-2048.pkcs8.pem
for bits in 1024 2048 3072 4096; do
  cp "$k-rsa-$bits.pkcs8.pem" "$s/rsa-$bits-private-pkcs8-pem"
  openssl pkey -in "$k-rsa-$bits.pkcs8.pem" -pubout -out "$s/rsa-$bits-public-spki-pem"
done
openssl rsa -in "$private" -traditional -out "$s/rsa-2048-private-pkcs1-pem" 2>"$work/log"
openssl pkcs8 -topk8 -nocrypt -in "$private" -outform DER -out "$s/rsa-2048-private-pkcs8-der"
openssl rsa -in "$private" -traditional -outform DER -out "$s/rsa-2048-private-pkcs1-der" 2>"$work/log"
openssl pkey -in "$private" -pubout -outform DER -out "$s/rsa-2048-public-spki-der"
openssl rsa -in "$private" -RSAPublicKey_out -out "$s/rsa-2048-public-pkcs1-pem" 2>"$work/log"
openssl rsa -in "$private" -RSAPublicKey_out -outform DER -out "$s/rsa-2048-public-pkcs1-der" 2>"$work/log"
cp "$k-rsa-2048.encrypted-pkcs8.pem" "$s/rsa-2048-private-encrypted-pkcs8-pem"
cp "$k-rsa-2048.encrypted-pkcs1.pem" "$s/rsa-2048-private-encrypted-pkcs1-pem"
cp "$k-rsa-2048.x509.pem" "$s/rsa-2048-certificate-pem"
openssl x509 -in "$k-rsa-2048.x509.pem" -outform DER -out "$s/rsa-2048-certificate-der"
cp "$k-rsa-2048.csr.pem" "$s/rsa-2048-signing-request-pem"
cat "$k-rsa-2048.x509.pem" "$private" >"$s/rsa-2048-certificate-then-private-pem"
cat "$private" "$k-rsa-2048.x509.pem" >"$s/rsa-2048-private-then-certificate-pem"
openssl pkcs12 -export -name 'test only' -inkey "$private" -in "$k-rsa-2048.x509.pem" -passout "pass:$passphrase" -out "$work/bag.p12"
openssl pkcs12 -in "$work/bag.p12" -passin "pass:$passphrase" -noenc -nocerts -out "$s/rsa-2048-private-bag-attributes-pem"
openssl pkcs12 -in "$work/bag.p12" -passin "pass:$passphrase" -noenc -out "$s/rsa-2048-certificate-private-bag-attributes-pem"
cp "$k-ec-p256.pkcs8.pem" "$s/ec-p256-private-pkcs8-pem"
openssl ec -in "$k-ec-p256.pkcs8.pem" -out "$s/ec-p256-private-sec1-pem" 2>"$work/log"
openssl pkey -in "$k-ec-p256.pkcs8.pem" -pubout -out "$s/ec-p256-public-spki-pem"
cp "$k-ed25519.pkcs8.pem" "$s/ed25519-private-pkcs8-pem"
openssl pkey -in "$k-ed25519.pkcs8.pem" -pubout -out "$s/ed25519-public-spki-pem"
cp "$k-rsa-pss-2048.pkcs8.pem" "$s/rsa-pss-2048-private-pkcs8-pem"
openssl pkey -in "$k-rsa-pss-2048.pkcs8.pem" -pubout -out "$s/rsa-pss-2048-public-spki-pem"

# pem_blocks FILE LABEL...: FILE has these PEM blocks, in this order, and no others
pem_blocks() {
  local file=$1 found wanted
  shift
  found=$(sed -n 's/^-----BEGIN \(.*\)-----$/\1/p' "$file")
  wanted=$(printf '%s\n' "$@")
  [ "$found" = "$wanted" ] || die "$(basename "$file") has the PEM blocks: $found"
}

# hex_to_bytes: upper-case hex of standard input as bytes
hex_to_bytes() {
  local hex
  hex=$(tr -d ' \n')
  # shellcheck disable=SC2059
  printf "$(printf '%s' "$hex" | sed 's/../\\x&/g')"
}

# describe ID ROLE FORMAT CONTAINER PAIR [PASSPHRASE]: one line of samples.tsv, with algorithm, size and modulus as
# OpenSSL reads them from the sample
describe() {
  local id=$1 role=$2 format=$3 container=$4 pair=$5 pass=${6:-} f=$s/$1 spki=$work/spki.der oid algorithm bits modulus=
  local form=PEM
  if [ "$container" = der ]; then form=DER; fi
  case $role/$format in
    public/spki) openssl pkey -pubin -in "$f" -inform $form -pubout -outform DER -out "$spki" ;;
    public/pkcs1) openssl rsa -RSAPublicKey_in -in "$f" -inform $form -pubout -outform DER -out "$spki" 2>"$work/log" ;;
    certificate/x509) openssl x509 -in "$f" -inform $form -pubkey -noout | openssl pkey -pubin -pubout -outform DER -out "$spki" ;;
    none/csr) openssl req -in "$f" -inform $form -pubkey -noout | openssl pkey -pubin -pubout -outform DER -out "$spki" ;;
    private/*) openssl pkey -in "$f" -inform $form -passin "pass:$pass" -pubout -outform DER -out "$spki" ;;
    *) die "$id: no way to read $role $format" ;;
  esac
  if [ "$container" = pem ]; then
    case $role/$format in
      public/spki) pem_blocks "$f" 'PUBLIC KEY' ;;
      public/pkcs1) pem_blocks "$f" 'RSA PUBLIC KEY' ;;
      certificate/x509) pem_blocks "$f" CERTIFICATE ;;
      none/csr) pem_blocks "$f" 'CERTIFICATE REQUEST' ;;
      private/pkcs8) pem_blocks "$f" 'PRIVATE KEY' ;;
      private/pkcs1 | private/encrypted-pkcs1) pem_blocks "$f" 'RSA PRIVATE KEY' ;;
      private/encrypted-pkcs8) pem_blocks "$f" 'ENCRYPTED PRIVATE KEY' ;;
      private/sec1) pem_blocks "$f" 'EC PRIVATE KEY' ;;
      private/x509+pkcs8) pem_blocks "$f" CERTIFICATE 'PRIVATE KEY' ;;
      private/pkcs8+x509) pem_blocks "$f" 'PRIVATE KEY' CERTIFICATE ;;
      *) die "$id: unknown format $format" ;;
    esac
  fi
  oid=$(openssl asn1parse -inform DER -in "$spki" | sed -n 's/.*prim: OBJECT *://p' | sed -n 1p)
  bits=$(openssl pkey -pubin -inform DER -in "$spki" -noout -text | sed -n 's/.*Public-Key: (\([0-9]*\) bit.*/\1/p')
  case $oid in
    rsaEncryption)
      algorithm=RSA
      modulus=$(openssl rsa -pubin -inform DER -in "$spki" -noout -modulus | sed 's/^Modulus=//' | hex_to_bytes |
        openssl dgst -sha256 -r | cut -d ' ' -f 1)
      ;;
    rsassaPss) algorithm=RSA-PSS ;;
    id-ecPublicKey) algorithm=EC ;;
    ED25519) algorithm=Ed25519 bits=256 ;; # OpenSSL prints no size here
    *) die "$id: unknown algorithm $oid" ;;
  esac
  # every sample of a pair holds the same public key
  if [ -e "$work/$pair.spki" ]; then
    cmp -s "$spki" "$work/$pair.spki" || die "$id does not belong to $pair"
  else
    cp "$spki" "$work/$pair.spki"
  fi
  printf '%s|%s|%s|%s|%s|%s|%s|%s|%s\n' "$id" "$role" "$algorithm" "$bits" "$format" "$container" "$pair" "$modulus" "$pass" >>"$work/samples.txt"
}

describe rsa-2048-private-pkcs8-pem private pkcs8 pem rsa-2048
describe rsa-2048-private-pkcs8-der private pkcs8 der rsa-2048
describe rsa-2048-private-pkcs1-pem private pkcs1 pem rsa-2048
describe rsa-2048-private-pkcs1-der private pkcs1 der rsa-2048
describe rsa-2048-public-spki-pem public spki pem rsa-2048
describe rsa-2048-public-spki-der public spki der rsa-2048
describe rsa-2048-public-pkcs1-pem public pkcs1 pem rsa-2048
describe rsa-2048-public-pkcs1-der public pkcs1 der rsa-2048
for bits in 1024 3072 4096; do
  describe rsa-$bits-private-pkcs8-pem private pkcs8 pem rsa-$bits
  describe rsa-$bits-public-spki-pem public spki pem rsa-$bits
done
describe rsa-2048-private-encrypted-pkcs8-pem private encrypted-pkcs8 pem rsa-2048 $passphrase
describe rsa-2048-private-encrypted-pkcs1-pem private encrypted-pkcs1 pem rsa-2048 $passphrase
describe ec-p256-private-pkcs8-pem private pkcs8 pem ec-p256
describe ec-p256-private-sec1-pem private sec1 pem ec-p256
describe ec-p256-public-spki-pem public spki pem ec-p256
describe ed25519-private-pkcs8-pem private pkcs8 pem ed25519
describe ed25519-public-spki-pem public spki pem ed25519
describe rsa-pss-2048-private-pkcs8-pem private pkcs8 pem rsa-pss-2048
describe rsa-pss-2048-public-spki-pem public spki pem rsa-pss-2048
describe rsa-2048-certificate-pem certificate x509 pem rsa-2048
describe rsa-2048-certificate-der certificate x509 der rsa-2048
describe rsa-2048-signing-request-pem none csr pem rsa-2048
describe rsa-2048-certificate-then-private-pem private x509+pkcs8 pem rsa-2048
describe rsa-2048-private-then-certificate-pem private pkcs8+x509 pem rsa-2048
describe rsa-2048-private-bag-attributes-pem private pkcs8 pem rsa-2048
describe rsa-2048-certificate-private-bag-attributes-pem private x509+pkcs8 pem rsa-2048

diff <(cut -d '|' -f 1 "$work/samples.txt" | sort) <(cd "$s" && printf '%s\n' * | sort) >&2 ||
  die "a key sample is not described"

# ---------------------------------------------------------------------------------------------
# The files.

java "$here/Vectors.java" assemble "$here" "$work" "$work/out"

for file in signing.json headers.json broken.json keys.json; do
  if [ "$mode" = --check ]; then
    cmp "$work/out/$file" "$target/$file" >&2 || die "packages/signing/test/vectors/$file is not up to date"
  else
    mkdir -p "$target"
    cp "$work/out/$file" "$target/$file"
  fi
done
printf 'OpenSSL and the JDK agree on %d cases; %d key samples\n' "$count" "$(wc -l <"$work/samples.txt")"
