package dev.nebulastore.storage;

import dev.nebulastore.kv.KvException.BackupFailed;
import dev.nebulastore.kv.KvException.BackupNoRoom;
import dev.nebulastore.kv.KvException.BackupRunning;
import java.time.Instant;
import java.util.List;

/**
 * The copies of a store that its engine makes while it works. There is a bean of this only if the
 * engine can.
 *
 * <p>Threads: safe for all; what waits for a disk does so on a platform thread.
 */
public interface Backups {

  /**
   * A whole copy.
   *
   * @param name of its folder; later ones have greater names
   * @param created it holds all that was acknowledged before
   * @param bytes of all its files
   */
  record Backup(String name, Instant created, long bytes) {}

  /**
   * All that are whole and were never started on, the newest first.
   *
   * @throws BackupFailed if their folder can't be read
   */
  List<Backup> list();

  /**
   * Makes one and waits until it is on disk.
   *
   * @throws BackupRunning if one is being made
   * @throws BackupNoRoom if a disk is full; nothing is left of it
   * @throws BackupFailed if it could not be made for another reason; nothing is left of it
   */
  Backup make();
}
