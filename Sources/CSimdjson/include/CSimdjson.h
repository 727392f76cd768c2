// A C face over simdjson for reading answers: structural indexing by simdjson (UTF-8 validation and
// quote pairing with SIMD), then a pass of ours that checks the grammar and lays the document out as
// a flat array of nodes. simdjson's own second pass is not used because it turns numbers into 64-bit
// values and refuses those that do not fit; here a number is the digits that stand in the document.
#ifndef ASSAY_CSIMDJSON_H
#define ASSAY_CSIMDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a node is.
typedef enum {
    ASSAY_JSON_NULL = 0,
    ASSAY_JSON_FALSE = 1,
    ASSAY_JSON_TRUE = 2,
    ASSAY_JSON_NUMBER = 3,
    ASSAY_JSON_STRING = 4,
    ASSAY_JSON_ARRAY = 5,
    ASSAY_JSON_OBJECT = 6,
    /// NaN, Infinity or -Infinity, which JSON does not have and Python's json module writes.
    ASSAY_JSON_NOT_FINITE = 7,
} assay_json_kind;

/// One value, or one member's name, in the order of the document. An object's nodes are followed by
/// name, value, name, value; an array's by its elements.
typedef struct {
    /// An assay_json_kind.
    uint32_t kind;
    /// The index of the first node that is neither this one nor beneath it.
    uint32_t next;
    /// Where the value stands in the document, quotes and brackets included.
    uint32_t offset, length;
    /// For strings: where the unescaped text stands in the parser's memory.
    uint32_t text, text_length;
    /// For names of members: assay_json_hash of the text.
    uint32_t hash;
    /// For objects and arrays: how many members or elements.
    uint32_t count;
} assay_json_node;

/// Why a document was refused.
typedef enum {
    ASSAY_JSON_OK = 0,
    ASSAY_JSON_EMPTY,
    ASSAY_JSON_TOO_LARGE,
    ASSAY_JSON_TOO_DEEP,
    ASSAY_JSON_INVALID_UTF8,
    ASSAY_JSON_UNCLOSED_STRING,
    ASSAY_JSON_CONTROL_CHARACTER,
    ASSAY_JSON_INVALID_ESCAPE,
    ASSAY_JSON_INVALID_NUMBER,
    ASSAY_JSON_INVALID_LITERAL,
    ASSAY_JSON_UNEXPECTED,
    ASSAY_JSON_ENDS_EARLY,
    ASSAY_JSON_TRAILING,
    ASSAY_JSON_DUPLICATE_MEMBER,
    ASSAY_JSON_OUT_OF_MEMORY,
} assay_json_status;

/// A parser with memory of its own that is used again for every document. One thread at a time.
typedef struct assay_json_parser assay_json_parser;

/// Makes a parser; NULL without memory. `max_bytes` is at most 1 GiB.
assay_json_parser *assay_json_create(uint32_t max_depth, size_t max_bytes);

/// Frees a parser and all that it lent.
void assay_json_destroy(assay_json_parser *parser);

/// Gives back what large documents took, so that at most about 14 MiB stay; nothing that was lent is
/// valid after it.
void assay_json_shrink(assay_json_parser *parser);

/// Reads a document, which is copied. What an earlier call lent is void from here on.
assay_json_status assay_json_parse(assay_json_parser *parser, const uint8_t *bytes, size_t count);

/// The nodes of the last document that was read; valid until the next parse.
const assay_json_node *assay_json_nodes(const assay_json_parser *parser, size_t *count);

/// The memory into which `offset` and `text` of nodes point; valid until the next parse.
const uint8_t *assay_json_memory(const assay_json_parser *parser);

/// Where in the document the last parse failed.
size_t assay_json_fault(const assay_json_parser *parser);

/// What a status means, as the end of a sentence.
const char *assay_json_reason(assay_json_status status);

/// The hash of a member's name (FNV-1a, 32 bits).
uint32_t assay_json_hash(const uint8_t *bytes, size_t count);

/// The double nearest to a number that follows JSON's grammar, whatever the locale; an infinity
/// beyond the range of doubles, a zero below it.
double assay_json_double(const uint8_t *bytes, size_t count);

#ifdef __cplusplus
}
#endif

#endif
