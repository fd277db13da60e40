package dev.nebulastore.http.tomcat;

import java.lang.reflect.Field;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.http11.Http11InputBuffer;
import org.apache.tomcat.util.http.parser.HttpHeaderParser;

/**
 * Gives Tomcat's processors a {@link StrictHeaderParser}. Tomcat has no setting and no method for
 * it, so a private field is set. If a version of Tomcat lacks it, the server does not start.
 *
 * <p>Threads: immutable.
 */
final class StrictHeads {

  private final Field parser;

  StrictHeads() {
    try {
      parser = Http11InputBuffer.class.getDeclaredField("httpHeaderParser");
      if (parser.getType() != HttpHeaderParser.class) {
        throw new NoSuchFieldException(parser.toString());
      }
      parser.setAccessible(true);
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("This version of Tomcat parses headers elsewhere", e);
    }
  }

  /**
   * Changes a processor that has served no request yet.
   *
   * @param max the limit of Tomcat for the length of a head
   */
  Processor in(Processor made, int max) {
    Request request = made.getRequest();
    if (!(request.getInputBuffer() instanceof Http11InputBuffer input)) {
      throw new IllegalStateException("This version of Tomcat reads requests elsewhere");
    }
    try {
      HeadBytes bytes = new HeadBytes(input, max);
      parser.set(input, new StrictHeaderParser(bytes, request.getMimeHeaders()));
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("The parser of headers can't be replaced", e);
    }
    return made;
  }
}
