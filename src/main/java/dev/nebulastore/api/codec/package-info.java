/** How requests and answers are spelled: paths, headers, queries, JSON. */
@NullMarked
package dev.nebulastore.api.codec;

import org.jspecify.annotations.NullMarked;
