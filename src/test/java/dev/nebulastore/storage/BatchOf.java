package dev.nebulastore.storage;

import dev.nebulastore.kv.KvException.ShardFailure;
import java.util.List;

/** The writes of one batch, whose outcome is reported to another batch. */
public record BatchOf(List<Write> writes, Batch told) implements Batch {

  @Override
  public void accepted() {
    told.accepted();
  }

  @Override
  public void committed() {
    told.committed();
  }

  @Override
  public void failed(ShardFailure failure) {
    told.failed(failure);
  }

  @Override
  public void uncertain() {
    told.uncertain();
  }
}
