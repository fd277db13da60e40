package dev.nebulastore.storage;

import java.io.IOException;
import java.nio.file.Path;

/** An engine that can be copied while it works. */
public interface Checkpoints {

  /**
   * Makes a consistent copy of all that is committed, from which an engine can be opened.
   *
   * @param folder is made; must not exist
   * @throws IOException if it could not be made whole; what there is of it is of no use
   */
  void checkpoint(Path folder) throws IOException;
}
