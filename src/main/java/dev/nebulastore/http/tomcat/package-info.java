/** The one place that sees the insides of Tomcat: it is bounded, and meets the fast path here. */
@NullMarked
package dev.nebulastore.http.tomcat;

import org.jspecify.annotations.NullMarked;
