/** Who may do what: modes, tokens, roles and prefixes. See docs/security.md. */
@NullMarked
package dev.nebulastore.security;

import org.jspecify.annotations.NullMarked;
