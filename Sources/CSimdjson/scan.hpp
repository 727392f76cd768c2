// Strings and numbers of JSON, byte by byte.
#ifndef ASSAY_CSIMDJSON_SCAN_HPP
#define ASSAY_CSIMDJSON_SCAN_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

inline bool is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

inline bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

inline bool ends_scalar(uint8_t c) {
    return is_space(c) || c == ',' || c == ']' || c == '}';
}

// How many bytes NaN, Infinity or -Infinity take here; 0 for anything else. Padding follows the text.
inline size_t not_finite(const uint8_t *from) {
    if (memcmp(from, "NaN", 3) == 0) return 3;
    if (memcmp(from, "Infinity", 8) == 0) return 8;
    return memcmp(from, "-Infinity", 9) == 0 ? 9 : 0;
}

inline int hex_digit(uint8_t c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

inline bool code_unit(const uint8_t *from, const uint8_t *end, uint32_t &unit) {
    if (end - from < 4) return false;
    unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(from[i]);
        if (digit < 0) return false;
        unit = unit << 4 | uint32_t(digit);
    }
    return true;
}

inline uint8_t *put_scalar(uint8_t *to, uint32_t scalar) {
    if (scalar < 0x80) {
        *to++ = uint8_t(scalar);
    } else if (scalar < 0x800) {
        *to++ = uint8_t(0xC0 | scalar >> 6);
        *to++ = uint8_t(0x80 | (scalar & 0x3F));
    } else if (scalar < 0x10000) {
        *to++ = uint8_t(0xE0 | scalar >> 12);
        *to++ = uint8_t(0x80 | (scalar >> 6 & 0x3F));
        *to++ = uint8_t(0x80 | (scalar & 0x3F));
    } else {
        *to++ = uint8_t(0xF0 | scalar >> 18);
        *to++ = uint8_t(0x80 | (scalar >> 12 & 0x3F));
        *to++ = uint8_t(0x80 | (scalar >> 6 & 0x3F));
        *to++ = uint8_t(0x80 | (scalar & 0x3F));
    }
    return to;
}

// Writes the text of a string without its escapes; never longer than the escaped text. A surrogate
// that stands alone, which JSON's grammar allows, is written like any other scalar (WTF-8), so that
// it stays different from every other text. Gives NULL for an escape that JSON does not have.
inline uint8_t *unescape(const uint8_t *from, const uint8_t *end, uint8_t *to) {
    while (from < end) {
        if (*from != '\\') {
            *to++ = *from++;
            continue;
        }
        if (end - from < 2) return nullptr;
        uint8_t c = from[1];
        from += 2;
        switch (c) {
        case '"': case '\\': case '/': *to++ = c; break;
        case 'b': *to++ = '\b'; break;
        case 'f': *to++ = '\f'; break;
        case 'n': *to++ = '\n'; break;
        case 'r': *to++ = '\r'; break;
        case 't': *to++ = '\t'; break;
        case 'u': {
            uint32_t scalar;
            if (!code_unit(from, end, scalar)) return nullptr;
            from += 4;
            uint32_t low;
            if (scalar >= 0xD800 && scalar < 0xDC00 && end - from >= 6 && from[0] == '\\'
                && from[1] == 'u' && code_unit(from + 2, end, low) && low >= 0xDC00
                && low < 0xE000) {
                scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00);
                from += 6;
            }
            to = put_scalar(to, scalar);
            break;
        }
        default: return nullptr;
        }
    }
    return to;
}

// The end of the number that starts at `from`, or NULL. The memory is padded with zeros.
inline const uint8_t *number_end(const uint8_t *from) {
    if (*from == '-') from++;
    if (*from == '0') {
        from++;
    } else {
        if (!is_digit(*from)) return nullptr;
        while (is_digit(*from)) from++;
    }
    if (*from == '.') {
        from++;
        if (!is_digit(*from)) return nullptr;
        while (is_digit(*from)) from++;
    }
    if (*from == 'e' || *from == 'E') {
        from++;
        if (*from == '+' || *from == '-') from++;
        if (!is_digit(*from)) return nullptr;
        while (is_digit(*from)) from++;
    }
    return from;
}

}  // namespace

#endif
