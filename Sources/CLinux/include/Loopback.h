// Ports on the loopback interface.
#ifndef ASSAY_LOOPBACK_H
#define ASSAY_LOOPBACK_H

/// A TCP port of 127.0.0.1 that nothing listens on right now, or the negative error number.
int assay_free_loopback_port(void);

#endif
