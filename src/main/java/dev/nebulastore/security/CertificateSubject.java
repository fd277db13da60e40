package dev.nebulastore.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.springframework.web.util.UriUtils;

/**
 * The spelling of a certificate's subject in the tokens file and on the command line: a
 * distinguished name by RFC 2253, percent-encoded so that it is one word.
 */
final class CertificateSubject {

  /** Completes the sentence "The subject must be …". */
  static final String EXPECTED =
      "that of a certificate by RFC 2253, with blanks as %20, such as CN=ci,O=Acme%20Inc";

  private CertificateSubject() {}

  /** The subject that is spelled like this; empty if none is, or it is that of nobody. */
  static Optional<X500Principal> parse(String spelling) {
    return PercentText.decode(spelling).flatMap(CertificateSubject::named);
  }

  private static Optional<X500Principal> named(String name) {
    try {
      return Optional.of(new X500Principal(name)).filter(subject -> !isEmpty(subject));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** A certificate may name its owner elsewhere, and has an empty subject then. */
  private static boolean isEmpty(X500Principal subject) {
    return subject.getName().isEmpty();
  }

  /** What {@link #parse} reads. */
  static String format(X500Principal subject) {
    return UriUtils.encodePath(subject.getName(), UTF_8);
  }
}
