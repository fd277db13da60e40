import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WALRecoveryMode;

/**
 * The planted bug for controls in which logs are truncated or missing: the database is recovered by
 * a RocksDB that does not track its logs, and the rest of their content is in tables afterwards.
 * The argument is the folder.
 */
public final class Untracked {

  private Untracked() {}

  public static void main(String[] arguments) throws RocksDBException {
    RocksDB.loadLibrary();
    List<ColumnFamilyDescriptor> families = new ArrayList<>();
    try (Options options = new Options()) {
      for (byte[] name : RocksDB.listColumnFamilies(options, arguments[0])) {
        families.add(new ColumnFamilyDescriptor(name));
      }
    }
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (DBOptions options =
            new DBOptions().setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords);
        RocksDB _ = RocksDB.open(options, arguments[0], families, handles)) {
      handles.forEach(ColumnFamilyHandle::close);
    }
  }
}
