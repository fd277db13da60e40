/** Benchmarks without HTTP: the path of a command, its parts, and the memory of an entry. */
@NullMarked
package bench.jmh;

import org.jspecify.annotations.NullMarked;
