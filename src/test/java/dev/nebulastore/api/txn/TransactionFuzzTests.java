package dev.nebulastore.api.txn;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.nebulastore.api.codec.OperationParser;
import dev.nebulastore.api.codec.RequestLimits;
import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.kv.KvException.InvalidKey;
import java.time.Instant;
import java.time.InstantSource;
import org.springframework.util.unit.DataSize;

/**
 * The parser of transactions accepts any bytes: it returns a result, or throws the exception that
 * becomes a 400 or 413, and nothing else. Without {@code JAZZER_FUZZ} only the stored inputs are
 * run.
 */
class TransactionFuzzTests {

  private static final RequestLimits LIMITS =
      new RequestLimits(DataSize.ofBytes(1_000), DataSize.ofMegabytes(1), 100, false);

  private final TransactionReader transactions =
      new TransactionReader(
          new OperationParser(LIMITS, InstantSource.fixed(Instant.EPOCH)),
          LIMITS.transactionKeys());

  @FuzzTest(maxDuration = "12s")
  void aTransactionIsReadOrRefused(byte[] input) {
    try {
      assertThat(transactions.read(input).keys()).hasSizeLessThanOrEqualTo(100);
    } catch (ApiException | InvalidKey e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
