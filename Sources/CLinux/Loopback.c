#include "Loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int assay_free_loopback_port(void) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    int result = bind(descriptor, (struct sockaddr *)&address, length) == 0
            && getsockname(descriptor, (struct sockaddr *)&address, &length) == 0
        ? ntohs(address.sin_port)
        : -errno;
    close(descriptor);
    return result;
}
