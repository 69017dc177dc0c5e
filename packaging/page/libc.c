/* What the standard library of Rust asks of a C library and Debian's older one for WebAssembly does not have. There are no threads and no
   links in a page, so each says that it is not supported. */
#include <errno.h>
#include <stddef.h>

int *__errno_location(void) { return &errno; }

int pthread_attr_init(void *attributes) { return 0; }
int pthread_attr_destroy(void *attributes) { return 0; }
int pthread_attr_setstacksize(void *attributes, size_t size) { return 0; }
int pthread_create(void *thread, const void *attributes, void *(*start)(void *), void *argument) { return ENOTSUP; }
int pthread_join(void *thread, void **result) { return ENOTSUP; }
int pthread_detach(void *thread) { return ENOTSUP; }

char *realpath(const char *path, char *resolved) {
  errno = ENOSYS;
  return NULL;
}
