package dev.nebulastore.audit;

import java.util.Optional;

/** What an operator is told of the audit log. */
public interface AuditReport {

  /** Why a line was lost. */
  enum Loss {
    /** No more lines could wait. */
    FULL,
    /** It could not be written. */
    FAILED,
    /** It still waited when the server stopped. */
    STOPPED
  }

  /** The number of lines that were written. */
  long written();

  /** The number of lines that were lost. */
  long lost(Loss loss);

  /** The number of requests that were refused since no more lines could wait. */
  long refused();

  /** The number of lines that wait. */
  int waiting();

  /** Why lines can't be written now; empty if they can. */
  Optional<String> trouble();
}
