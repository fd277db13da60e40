package dev.nebulastore.audit;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.nebulastore.LogRecorder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is logged of lines that are lost. */
class AuditWatchTests {

  /** A report whose numbers a test sets. */
  private static final class Report implements AuditReport {
    private long full;
    private long failed;
    private long refused;
    private @Nullable String trouble;

    @Override
    public long written() {
      return 0;
    }

    @Override
    public long lost(Loss loss) {
      return switch (loss) {
        case FULL -> full;
        case FAILED -> failed;
        case STOPPED -> 0;
      };
    }

    @Override
    public long refused() {
      return refused;
    }

    @Override
    public int waiting() {
      return 0;
    }

    @Override
    public Optional<String> trouble() {
      return Optional.ofNullable(trouble);
    }
  }

  @RegisterExtension final LogRecorder log = new LogRecorder(AuditWatch.class);
  private final Report report = new Report();
  private final AuditWatch watch = new AuditWatch(report);

  private void look(int times) {
    for (int i = 0; i < times; i++) {
      watch.look();
    }
  }

  @Test
  void fullQueueIsLoggedOncePerEpisode() {
    look(20);
    assertThat(log.lines()).isEmpty();
    for (int episode = 1; episode <= 2; episode++) {
      report.full += 5;
      look(1);
      report.refused += 2;
      look(AuditWatch.QUIET);
      assertThat(log.levels()).hasSize(2 * episode - 1).last().isEqualTo(Level.WARN);
      look(2);
      assertThat(log.levels()).hasSize(2 * episode).last().isEqualTo(Level.INFO);
      assertThat(log.lines().getLast().getFormattedMessage()).endsWith("lost or refused: 7");
    }
  }

  @Test
  void failureIsLoggedWhenItBeginsAndEnds() {
    report.trouble = "No space left on device";
    look(5);
    report.failed = 3;
    report.trouble = null;
    look(5);
    assertThat(log.levels()).containsExactly(Level.WARN, Level.INFO);
    assertThat(log.lines().getFirst().getFormattedMessage()).contains("No space left on device");
    assertThat(log.lines().getLast().getFormattedMessage()).endsWith(": 3");
  }
}
