package dev.nebulastore.security;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;
import org.springframework.web.util.UriUtils;

/** The spelling of a text that must be one word: percent-encoded UTF-8. */
final class PercentText {

  private PercentText() {}

  /** The text that is spelled like this; empty if none is. */
  static Optional<String> decode(String spelling) {
    try {
      // A character for each byte, so that bytes that are not UTF-8 are refused and not replaced.
      String bytes = new String(spelling.getBytes(UTF_8), ISO_8859_1);
      byte[] utf8 = UriUtils.decode(bytes, ISO_8859_1).getBytes(ISO_8859_1);
      return Optional.of(UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
