package dev.nebulastore.client;

import java.io.EOFException;
import org.jspecify.annotations.Nullable;

/**
 * An event of an event stream, as the HTML standard defines it.
 *
 * @param id the last id that the server has sent, or null if it has sent none yet
 * @param data empty if the event only tells a position
 */
record ServerSentEvent(String name, @Nullable String id, String data) {

  /** Reads the next event; throws if the stream ends before the event is complete. */
  static ServerSentEvent read(LineStream lines, @Nullable String lastId) {
    String name = "message";
    String id = lastId;
    StringBuilder data = new StringBuilder();
    for (String line = lines.next(); line != null; line = lines.next()) {
      if (line.isEmpty()) {
        return new ServerSentEvent(name, id, data.toString());
      }
      int colon = line.indexOf(':');
      String field = colon < 0 ? line : line.substring(0, colon);
      String rest = colon < 0 ? "" : line.substring(colon + 1);
      String text = rest.startsWith(" ") ? rest.substring(1) : rest;
      switch (field) {
        case "event" -> name = text;
        case "id" -> id = text;
        case "data" -> data.append(data.isEmpty() ? "" : "\n").append(text);
        default -> {}
      }
    }
    throw NebulaStoreException.noAnswer(new EOFException("the response ended"), null);
  }
}
