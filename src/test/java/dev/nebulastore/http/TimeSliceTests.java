package dev.nebulastore.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TimeSliceTests {

  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger pauses = new AtomicInteger();
  private final TimeSlice slice =
      new TimeSlice(
          now::get, _ -> pauses.incrementAndGet(), new LoopBudget(1, SpareCarrier.none()));

  private void run(long nanos) {
    now.addAndGet(nanos);
    slice.check();
  }

  @Test
  void pausesWhenTheSliceIsUsedUp() {
    run(TimeSlice.NANOS - 1);
    assertThat(pauses).hasValue(0);
    run(1);
    assertThat(pauses).hasValue(1);
    run(TimeSlice.NANOS - 1);
    assertThat(pauses).hasValue(1);
    run(1);
    assertThat(pauses).hasValue(2);
  }

  @Test
  void renewBeginsANewSlice() {
    now.addAndGet(TimeSlice.NANOS - 1);
    slice.renew();
    run(TimeSlice.NANOS - 1);
    assertThat(pauses).hasValue(0);
  }

  @Test
  void outputIsCheckedAfterEachPiece() throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    OutputStream slow =
        new OutputStream() {
          @Override
          public void write(int b) {
            target.write(b);
          }

          @Override
          public void write(byte[] bytes, int from, int length) {
            assertThat(length).isLessThanOrEqualTo(SlicedOutput.PIECE);
            target.write(bytes, from, length);
            now.addAndGet(TimeSlice.NANOS);
          }
        };
    byte[] bytes = new byte[3 * SlicedOutput.PIECE + 1];
    bytes[bytes.length - 1] = 7;
    slice.over(slow).write(bytes, 0, bytes.length);
    assertThat(target.toByteArray()).isEqualTo(bytes);
    assertThat(pauses).hasValue(4);
  }
}
