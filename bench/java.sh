#!/usr/bin/env bash
# Runs a main class of the benchmarks, or of one of their libraries, on a JDK 25.
#   java.sh MAIN_CLASS [ARGUMENT...]
# Settings, from the environment: JAVA_OPTS go to the JVM, CPUS pins it to those processors (unset:
# not pinned), BUILD=0 takes what was compiled before, PROFILES are Maven's (bench).
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,5p' "$0" >&2; exit 2; }
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=jdk.sh
. bench/jdk.sh
java=$(jdk_25)/bin/java
[ "${BUILD:-1}" = 0 ] || ./mvnw -B -q -P"${PROFILES:-bench}" test-compile
pin=()
[ -z "${CPUS:-}" ] || pin=(taskset -c "$CPUS")
# shellcheck disable=SC2086 # split into its options on purpose
exec "${pin[@]}" "$java" ${JAVA_OPTS:-} \
  -cp "target/test-classes:target/classes:$(cat target/bench.classpath)" "$@"
