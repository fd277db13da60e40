package dev.nebulastore.storage;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A folder is no whole checkpoint of this engine: it was not finished, or it is damaged. */
public final class CheckpointRefused extends RuntimeException {

  /**
   * Says which checkpoint can't be read, and why.
   *
   * @param reason as the end of a sentence
   */
  public CheckpointRefused(Path folder, String reason, @Nullable Throwable cause) {
    super("The checkpoint %s can't be read: %s.".formatted(folder, reason), cause);
  }
}
