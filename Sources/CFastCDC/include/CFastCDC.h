// The inner loop of FastCDC 2020: the Gear hash over bytes, until it meets a mask.
#ifndef ASSAY_CFASTCDC_H
#define ASSAY_CFASTCDC_H

#include <stddef.h>
#include <stdint.h>

/// The value of a byte in the Gear hash: the first eight bytes, read big-endian, of the MD5 of that
/// byte 64 times over.
uint64_t assay_gear(uint8_t byte);

/// Rolls `hash` over `count` bytes: doubled, plus the value of the byte. Gives the index of the
/// first byte after which `hash & mask` is 0, or `count`; `hash` is then the one after that byte,
/// or after the last.
size_t assay_fastcdc_scan(uint64_t *hash, const uint8_t *bytes, size_t count, uint64_t mask);

#endif
