# Sourced by scripts that run Java.

# Prints the path of a JDK 25.
jdk_25() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* "$HOME"/.sdkman/candidates/java/*; do
    if grep -qs '^JAVA_VERSION="25' "$home/release"; then
      echo "$home"
      return
    fi
  done
  echo 'no JDK 25 found: set JAVA_HOME to one' >&2
  return 1
}
