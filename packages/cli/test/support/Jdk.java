// The JDK as the other side: signs one text and verifies the signature of another.
// java Jdk.java PRIVATE.pem PUBLIC.pem TEXT-TO-SIGN TEXT SIGNATURE-OF-IT; prints a signature in Base64 and whether the other is right.

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

class Jdk {
  static byte[] der(String file) throws Exception {
    return Base64.getMimeDecoder().decode(Files.readString(Path.of(file)).replaceAll("-----[^-]*-----", ""));
  }

  public static void main(String[] args) throws Exception {
    KeyFactory keys = KeyFactory.getInstance("RSA");
    Signature signer = Signature.getInstance("SHA256withRSA");
    signer.initSign(keys.generatePrivate(new PKCS8EncodedKeySpec(der(args[0]))));
    signer.update(Files.readAllBytes(Path.of(args[2])));
    System.out.println(Base64.getEncoder().encodeToString(signer.sign()));
    Signature verifier = Signature.getInstance("SHA256withRSA");
    verifier.initVerify(keys.generatePublic(new X509EncodedKeySpec(der(args[1]))));
    verifier.update(Files.readAllBytes(Path.of(args[3])));
    System.out.println(verifier.verify(Base64.getDecoder().decode(args[4])));
  }
}
