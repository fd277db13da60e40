/** The ring: says which member a key belongs to, by consistent hashing, and sees no other room. */
@NullMarked
package dev.nebulastore.ring;

import org.jspecify.annotations.NullMarked;
