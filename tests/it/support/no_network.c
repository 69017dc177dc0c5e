/* Loaded before the C library: whoever asks for a socket or a host is ended with 99. */
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

int socket(int domain, int type, int protocol) { _exit(99); }

int socketpair(int domain, int type, int protocol, int pair[2]) { _exit(99); }

int connect(int socket, const struct sockaddr *address, socklen_t length) { _exit(99); }

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found) { _exit(99); }
