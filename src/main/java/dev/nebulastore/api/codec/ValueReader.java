package dev.nebulastore.api.codec;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
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
 * Reads the body of a request as a value.
 *
 * <p>Threads: safe for all.
 */
public final class ValueReader {

  static final int MAX_CONTENT_TYPE = 256;

  private static final int MAX_SHARED_TYPES = 256;

  private final int maxSize;
  private final Map<String, String> sharedTypes = new ConcurrentHashMap<>();

  /** Creates a reader of values up to this size. */
  public ValueReader(DataSize maxSize) {
    this.maxSize = Math.toIntExact(maxSize.toBytes());
  }

  /** Refuses any content coding. */
  public static void refuseCodings(Enumeration<String> codings) {
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
   * Reads the body of a PUT.
   *
   * @param share the memory of the request
   * @param slice the slice of the current thread
   * @throws ApiException if the body is too large
   * @throws Overloaded if there is no memory for it
   * @throws IOException if it ends before its announced length
   */
  public byte[] read(HttpServletRequest request, Share share, TimeSlice slice) throws IOException {
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

  /** Refuses a value that exceeds the maximum size. */
  public void refuseLarger(long size) {
    if (size > maxSize) {
      throw new ApiException(
          Problem.VALUE_TOO_LARGE, "A value is limited to " + maxSize + " bytes.");
    }
  }

  /** The maximum size of a value, in bytes. */
  public int maxSize() {
    return maxSize;
  }

  /**
   * The media type to store, which is the default if a request has none.
   *
   * @throws ApiException if it is too long
   */
  public String contentType(@Nullable String type) {
    if (type == null || type.isBlank()) {
      return Value.DEFAULT_CONTENT_TYPE;
    }
    if (type.length() > MAX_CONTENT_TYPE) {
      throw new ApiException(
          Problem.INVALID_REQUEST,
          "A Content-Type is limited to " + MAX_CONTENT_TYPE + " characters.");
    }
    return shared(type);
  }

  /** Returns an equal, shared string: many entries have few media types. */
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
