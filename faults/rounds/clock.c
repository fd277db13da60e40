/* Moves what a process takes for the time of day: LD_PRELOAD=clock.so, CLOCK_OFFSET=FILE of eight bytes, the number of
 * milliseconds, which may be changed while it runs. What measures time that passes is left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int (*real)(clockid_t, struct timespec *);
static volatile const int64_t *offset;

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("CLOCK_OFFSET");
  int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  void *bytes = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
  if (bytes == MAP_FAILED) _exit(96);
  close(file);
  real = dlsym(RTLD_NEXT, "clock_gettime");
  offset = bytes;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, time);
  if (result == 0 && clock == CLOCK_REALTIME && offset) {
    int64_t by = *offset;
    time->tv_sec += by / 1000;
    time->tv_nsec += by % 1000 * 1000000;
    if (time->tv_nsec < 0) time->tv_sec--, time->tv_nsec += 1000000000;
    if (time->tv_nsec >= 1000000000) time->tv_sec++, time->tv_nsec -= 1000000000;
  }
  return result;
}
