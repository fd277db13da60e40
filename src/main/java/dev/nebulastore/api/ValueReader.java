package dev.nebulastore.api;

import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.Value;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Enumeration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * Reads the body of a request as a value, whole or not at all.
 *
 * <p>Threads: safe for all.
 */
final class ValueReader {

  static final int MAX_CONTENT_TYPE = 256;

  private static final int MAX_SHARED_TYPES = 256;

  private final int maxSize;
  private final Map<String, String> sharedTypes = new ConcurrentHashMap<>();

  ValueReader(DataSize maxSize) {
    this.maxSize = Math.toIntExact(maxSize.toBytes());
  }

  /** Refuses any coding of a body: what is sent is what is meant. */
  static void refuseCodings(Enumeration<String> codings) {
    while (codings.hasMoreElements()) {
      String coding = codings.nextElement();
      if (!coding.strip().equalsIgnoreCase("identity")) {
        throw new ApiException(
            Problem.UNSUPPORTED_CODING,
            "The Content-Encoding \"" + coding + "\" is not supported.");
      }
    }
  }

  /**
   * The body of a PUT.
   *
   * @param share of the request, of which the body is a part
   * @param slice of the current thread
   * @throws ApiException if it is too large
   * @throws Overloaded if there is no room for it
   * @throws IOException if it ends before the length that was announced
   */
  byte[] read(HttpServletRequest request, Share share, TimeSlice slice) throws IOException {
    long length = request.getContentLengthLong();
    InputStream in = request.getInputStream();
    if (length >= 0 && length <= ContentMemory.FREE) {
      byte[] bytes = new byte[(int) length];
      if (in.readNBytes(bytes, 0, bytes.length) < length) {
        throw new IOException("The body ended early");
      }
      return bytes;
    }
    byte[] bytes = share.read(in, length, maxSize, slice);
    refuseLarger(bytes.length);
    if (bytes.length < length) {
      throw new IOException("The body ended early");
    }
    return bytes;
  }

  /** Refuses a value that has more bytes than one may have. */
  void refuseLarger(long size) {
    if (size > maxSize) {
      throw tooLarge();
    }
  }

  /** How many bytes a value may have. */
  int maxSize() {
    return maxSize;
  }

  private ApiException tooLarge() {
    return new ApiException(
        Problem.VALUE_TOO_LARGE, "A value has at most " + maxSize + " bytes here.");
  }

  /**
   * The media type to be stored for what a request says, if it does.
   *
   * @throws ApiException if it is too long
   */
  String contentType(@Nullable String type) {
    if (type == null || type.isBlank()) {
      return Value.DEFAULT_CONTENT_TYPE;
    }
    if (type.length() > MAX_CONTENT_TYPE) {
      throw new ApiException(
          Problem.INVALID_REQUEST,
          "A Content-Type has at most " + MAX_CONTENT_TYPE + " characters here.");
    }
    return shared(type);
  }

  /** The same media type; many entries share few of them, so one copy of each will do. */
  String shared(String type) {
    String shared = sharedTypes.get(type);
    if (shared != null) {
      return shared;
    }
    if (sharedTypes.size() < MAX_SHARED_TYPES) {
      sharedTypes.putIfAbsent(type, type);
    }
    return type;
  }
}
