package dev.nebulastore.api.batch;

import dev.nebulastore.api.answer.ResultJsonWriter;
import dev.nebulastore.api.codec.NestedJson;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Writes the answers of a batch, one line each.
 *
 * <p>Threads: confined to the request's.
 */
final class BatchSender implements Pipeline.ArrivalListener {

  private final ResultJsonWriter answers;
  private final OutputStream out;
  private final TimeSlice slice;
  private boolean unsent;

  BatchSender(ResultJsonWriter answers, OutputStream out, TimeSlice slice) {
    this.answers = answers;
    this.out = slice.over(out);
    this.slice = slice;
  }

  @Override
  public void arrived(Command command, Outcome outcome) throws IOException {
    write(line -> answers.write(line, command, outcome, slice));
  }

  @Override
  public void failed(Exception failure, @Nullable Key key) throws IOException {
    write(line -> answers.write(line, failure, key));
  }

  private void write(Consumer<JsonGenerator> answer) throws IOException {
    slice.check();
    NestedJson.write(out, answer);
    out.write('\n');
    unsent = true;
  }

  /** Flushes, so that an answer is not delayed by the next one. */
  @Override
  public void waits() throws IOException {
    flush();
  }

  void flush() throws IOException {
    if (unsent) {
      out.flush();
      unsent = false;
    }
  }
}
