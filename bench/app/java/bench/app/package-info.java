/** The server under measurement: NebulaStore, and the handlers that its cost is compared with. */
@NullMarked
package bench.app;

import org.jspecify.annotations.NullMarked;
