/** What is measured without HTTP: the way of a command, its parts, and what an entry takes. */
@NullMarked
package bench.jmh;

import org.jspecify.annotations.NullMarked;
