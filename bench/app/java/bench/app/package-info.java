/** The server under measurement: NebulaStore, and beside it what its cost is compared with. */
@NullMarked
package bench.app;

import org.jspecify.annotations.NullMarked;
