/** The only package that uses Tomcat's internals: its limits, and its link to the fast path. */
@NullMarked
package dev.nebulastore.http.tomcat;

import org.jspecify.annotations.NullMarked;
