package dev.nebulastore.storage;

import dev.nebulastore.kv.KvException.BackupFailed;
import dev.nebulastore.kv.KvException.BackupNoRoom;
import dev.nebulastore.kv.KvException.BackupRunning;
import java.time.Instant;
import java.util.List;

/**
 * Backups of a store, made while it serves requests. There is a bean of this type only if the
 * engine supports it.
 *
 * <p>Threads: safe for all. Disk I/O is done on platform threads.
 */
public interface Backups {

  /**
   * A complete backup.
   *
   * @param name the name of its folder; later backups have greater names
   * @param created it holds all writes that were acknowledged before this time
   * @param bytes the total size of its files
   */
  record Backup(String name, Instant created, long bytes) {}

  /**
   * All complete backups on which no server was started, the newest first.
   *
   * @throws BackupFailed if their folder can't be read
   */
  List<Backup> list();

  /**
   * Makes a backup and waits until it is on disk. Nothing is left of a backup that fails.
   *
   * @throws BackupRunning if another one is being made
   * @throws BackupNoRoom if a disk is full
   * @throws BackupFailed if it could not be made for another reason
   */
  Backup make();
}
