package dev.nebulastore.simulation;

/** A bug that the model of the store can have, for the simulation to find. */
enum Slip {
  /** What a replaced worker submits is accepted. */
  DOES_NOT_FENCE,
  /** A batch that was decided on top of a lost one is accepted. */
  IGNORES_LOSSES,
  /** A look-up for a write does not see what is submitted and not settled. */
  FORGETS_WHAT_IS_UNDER_WAY,
  /** A batch is told to be committed before it is. */
  ACKNOWLEDGES_TOO_EARLY,
  /** Of what was in flight when the disk broke each part turns up or not by itself. */
  SPLITS_TRANSACTIONS,
  /** The next generation begins at the first revision. */
  FORGETS_THE_REVISION,
  /** When keys move their new shard goes on from its own revision. */
  DOES_NOT_RAISE
}
