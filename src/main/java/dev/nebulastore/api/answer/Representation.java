package dev.nebulastore.api.answer;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** The form of a listing, chosen by the {@code Accept} header (RFC 9110, section 12.5.1). */
public enum Representation {
  /** A page, one JSON object. */
  JSON("application/json"),
  /** A line for each item. */
  LINES("application/x-ndjson");

  private final String contentType;

  Representation(String contentType) {
    this.contentType = contentType;
  }

  /** The media type. */
  public String contentType() {
    return contentType;
  }

  /** The quality of a form, and how specific the media range is that gives it. */
  private record Wish(double quality, int closeness) {
    private static final Wish NONE = new Wish(0, -1);

    boolean beats(Wish other) {
      return quality > other.quality || (quality == other.quality && closeness > other.closeness);
    }
  }

  /** The preferred form; JSON if both have the same quality, a 406 if neither is acceptable. */
  public static Representation of(Enumeration<String> accept) {
    List<MediaType> ranges = ranges(Collections.list(accept));
    if (ranges.isEmpty()) {
      return JSON;
    }
    Wish json = wish(ranges, JSON);
    Wish lines = wish(ranges, LINES);
    if (json.quality() == 0 && lines.quality() == 0) {
      throw new ApiException(
          Problem.NOT_ACCEPTABLE,
          "A listing is available as application/json, or with a line for each key as"
              + " application/x-ndjson.");
    }
    return lines.beats(json) ? LINES : JSON;
  }

  /** Requires that JSON is acceptable, for what has no other form; else a 406. */
  public static void requireJson(Enumeration<String> accept) {
    List<MediaType> ranges = ranges(Collections.list(accept));
    if (!ranges.isEmpty() && wish(ranges, JSON).quality() == 0) {
      throw new ApiException(
          Problem.NOT_ACCEPTABLE, "A count is available as application/json alone.");
    }
  }

  private static List<MediaType> ranges(List<String> accept) {
    try {
      List<MediaType> ranges = new ArrayList<>();
      accept.forEach(header -> ranges.addAll(MediaType.parseMediaTypes(header)));
      return ranges;
    } catch (InvalidMediaTypeException e) {
      throw new ApiException(Problem.INVALID_REQUEST, "The Accept header is malformed.");
    }
  }

  /** The most specific media range decides. */
  private static Wish wish(List<MediaType> ranges, Representation form) {
    MediaType type = MediaType.parseMediaType(form.contentType);
    Wish wish = Wish.NONE;
    for (MediaType range : ranges) {
      int closeness = range.isWildcardType() ? 0 : range.isWildcardSubtype() ? 1 : 2;
      if (range.includes(type) && closeness > wish.closeness()) {
        wish = new Wish(range.getQualityValue(), closeness);
      }
    }
    return wish;
  }
}
