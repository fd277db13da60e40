package dev.nebulastore.api.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
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
 * Writes the bytes of a value as a member of a JSON object: as {@code value} if they are valid
 * UTF-8, else as {@code base64}. A large value is written in pieces, in little memory, and other
 * threads run in between. Also writes its media type.
 *
 * <p>Threads: immutable.
 */
public final class ValueJson {

  private static final char REPLACEMENT = '\ufffd';
  private static final int PIECE = 8_192;

  private ValueJson() {}

  /**
   * Writes the media type of a value as a member. Each of its characters stands for a byte of a
   * header. Other letters than those of ASCII are UTF-8 in most clients, and are written as what
   * they look like there.
   */
  public static void writeType(JsonGenerator json, String type) {
    json.writeStringProperty("contentType", shown(type));
  }

  /** The media type to store for one that looks like this: see {@link #writeType}. */
  static String storedType(String shown) {
    return new String(shown.getBytes(UTF_8), ISO_8859_1);
  }

  private static String shown(String type) {
    for (int i = 0; i < type.length(); i++) {
      if (type.charAt(i) >= 0x80) {
        String text = text(type.getBytes(ISO_8859_1));
        return text == null ? type : text;
      }
    }
    return type;
  }

  /**
   * Writes a member.
   *
   * @param slice the slice of the current thread; the output of the generator has to check it, too
   */
  public static void write(JsonGenerator json, byte[] bytes, TimeSlice slice) {
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

  /** The text of these bytes, or null if they are not UTF-8. */
  private static @Nullable String text(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    if (text.indexOf(REPLACEMENT) < 0) {
      return text;
    }
    // The character was sent, or stands for malformed input.
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

  /** Reads UTF-8 text and never splits a character. */
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
