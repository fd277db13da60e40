package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.TimeSlice;
import java.io.ByteArrayInputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Writes the bytes of a value as a member of a JSON object: as {@code value} if they are text in
 * strict UTF-8, else as {@code base64}. A large value is written piece by piece, in little memory;
 * between two pieces others get their turn.
 *
 * <p>Threads: immutable.
 */
final class ValueJson {

  private static final char REPLACEMENT = '\ufffd';
  private static final int PIECE = 8_192;

  private ValueJson() {}

  /**
   * Writes a member.
   *
   * @param slice of the current thread; the output of the generator is to check it, too
   */
  static void write(JsonGenerator json, byte[] bytes, TimeSlice slice) {
    if (bytes.length <= ComputeThreads.SMALL) {
      writeSmall(json, bytes);
    } else if (isText(bytes, slice)) {
      json.writeName("value");
      json.writeString(new Utf8Reader(bytes), -1);
    } else {
      json.writeName("base64");
      json.writeBinary(new ByteArrayInputStream(bytes), bytes.length);
    }
  }

  private static void writeSmall(JsonGenerator json, byte[] bytes) {
    String text = text(bytes);
    if (text == null) {
      json.writeName("base64");
      json.writeBinary(bytes);
    } else {
      json.writeStringProperty("value", text);
    }
  }

  /** The text whose UTF-8 these bytes are, or null if there is none. */
  private static @Nullable String text(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    if (text.indexOf(REPLACEMENT) < 0) {
      return text;
    }
    // It was sent, or stands for what could not be decoded.
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static boolean isText(byte[] bytes, TimeSlice slice) {
    CharsetDecoder decoder = UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer piece = CharBuffer.allocate(PIECE);
    CoderResult result = CoderResult.OVERFLOW;
    while (result.isOverflow()) {
      result = decoder.decode(in, piece.clear(), true);
      slice.check();
    }
    return !result.isError();
  }

  /** Reads text in UTF-8, and never ends within a character. */
  private static final class Utf8Reader extends Reader {
    private final CharsetDecoder decoder = UTF_8.newDecoder();
    private final ByteBuffer in;

    Utf8Reader(byte[] bytes) {
      this.in = ByteBuffer.wrap(bytes);
    }

    @Override
    public int read(char[] chars, int from, int length) throws CharacterCodingException {
      CharBuffer out = CharBuffer.wrap(chars, from, length);
      CoderResult result = decoder.decode(in, out, true);
      if (result.isError()) {
        result.throwException();
      }
      int read = length - out.remaining();
      return read == 0 ? -1 : read;
    }

    @Override
    public void close() {}
  }
}
