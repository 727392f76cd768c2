#include "CSimdjson.h"
#include "scan.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

namespace {

using simdjson::internal::dom_parser_implementation;

constexpr size_t largest_document = size_t(1) << 30;

// An object with more members looks for duplicates by sorting, so that colliding hashes cost
// n log n and not n².
constexpr uint32_t hashing_limit = 1024;

// Blocks of up to so many bytes are kept from one document to the next: smaller ones would go back to the
// heap and not to the system.
constexpr size_t kept_bytes = 4 << 20;

struct frame {
    uint32_t node;
    bool is_object;
};

}  // namespace

struct assay_json_parser {
    uint32_t max_depth;
    size_t max_bytes;
    std::unique_ptr<dom_parser_implementation> index;
    size_t capacity = 0;
    // The document, its padding, then room for as much unescaped text.
    std::unique_ptr<uint8_t[]> memory;
    size_t fault = 0;
    std::vector<assay_json_node> nodes;
    std::vector<frame> open;
    std::vector<uint32_t> scratch;

    assay_json_status reserve(size_t count) {
        if (count <= capacity && index) return ASSAY_JSON_OK;
        size_t wanted = std::max<size_t>(count + count / 2, 4096);
        wanted = std::min(wanted, std::max(count, max_bytes));
        memory.reset(new (std::nothrow) uint8_t[2 * wanted + 2 * simdjson::SIMDJSON_PADDING]);
        capacity = 0;
        if (!memory) return ASSAY_JSON_OUT_OF_MEMORY;
        index.reset();
        auto error = simdjson::get_active_implementation()->create_dom_parser_implementation(
            wanted, 1, index);
        if (error) return ASSAY_JSON_OUT_OF_MEMORY;
        capacity = wanted;
        return ASSAY_JSON_OK;
    }

    void shrink() {
        // The index has four bytes for each of a document.
        if (sizeof(uint32_t) * capacity > kept_bytes) {
            memory.reset();
            index.reset();
            capacity = 0;
        }
        if (nodes.capacity() * sizeof(assay_json_node) > kept_bytes) std::vector<assay_json_node>().swap(nodes);
        if (scratch.capacity() * sizeof(uint32_t) > kept_bytes) std::vector<uint32_t>().swap(scratch);
    }

    assay_json_status has_duplicate(const assay_json_node &object, uint32_t at) {
        uint32_t count = object.count;
        if (count < 2) return ASSAY_JSON_OK;
        const uint8_t *base = memory.get();
        auto same = [&](const assay_json_node &a, const assay_json_node &b) {
            return a.hash == b.hash && a.text_length == b.text_length
                && memcmp(base + a.text, base + b.text, a.text_length) == 0;
        };
        scratch.clear();
        if (count > hashing_limit) {
            for (uint32_t name = at + 1; name < object.next; name = nodes[name + 1].next) {
                scratch.push_back(name);
            }
            std::sort(scratch.begin(), scratch.end(), [&](uint32_t l, uint32_t r) {
                const auto &a = nodes[l], &b = nodes[r];
                if (a.hash != b.hash) return a.hash < b.hash;
                if (a.text_length != b.text_length) return a.text_length < b.text_length;
                return memcmp(base + a.text, base + b.text, a.text_length) < 0;
            });
            for (size_t i = 1; i < scratch.size(); i++) {
                if (same(nodes[scratch[i - 1]], nodes[scratch[i]])) {
                    fault = nodes[scratch[i]].offset;
                    return ASSAY_JSON_DUPLICATE_MEMBER;
                }
            }
            return ASSAY_JSON_OK;
        }
        uint32_t size = 4;
        while (size < 2 * count) size *= 2;
        scratch.assign(size, 0);
        for (uint32_t name = at + 1; name < object.next; name = nodes[name + 1].next) {
            const auto &node = nodes[name];
            uint32_t slot = (node.hash ^ node.hash >> 15) & (size - 1);
            while (scratch[slot] != 0) {
                if (same(nodes[scratch[slot]], node)) {
                    fault = node.offset;
                    return ASSAY_JSON_DUPLICATE_MEMBER;
                }
                slot = (slot + 1) & (size - 1);
            }
            scratch[slot] = name;
        }
        return ASSAY_JSON_OK;
    }

    assay_json_status parse(const uint8_t *bytes, size_t count) {
        nodes.clear();
        open.clear();
        fault = 0;
        if (count > max_bytes) return ASSAY_JSON_TOO_LARGE;
        if (count == 0) return ASSAY_JSON_EMPTY;
        if (auto status = reserve(count)) return status;
        uint8_t *base = memory.get();
        memcpy(base, bytes, count);
        memset(base + count, 0, simdjson::SIMDJSON_PADDING);
        uint8_t *text_end = base + count + simdjson::SIMDJSON_PADDING;

        switch (index->stage1(base, count, simdjson::stage1_mode::regular)) {
        case simdjson::SUCCESS: break;
        case simdjson::EMPTY: return ASSAY_JSON_EMPTY;
        case simdjson::UTF8_ERROR: return ASSAY_JSON_INVALID_UTF8;
        case simdjson::UNCLOSED_STRING: return ASSAY_JSON_UNCLOSED_STRING;
        case simdjson::UNESCAPED_CHARS: return ASSAY_JSON_CONTROL_CHARACTER;
        default: return ASSAY_JSON_UNEXPECTED;
        }
        const uint32_t *marks = index->structural_indexes.get();
        const uint32_t n = index->n_structural_indexes;
        if (n == 0) return ASSAY_JSON_EMPTY;
        // As many as there will be, but for a hostile document: what grows by doubling takes thrice its size meanwhile.
        size_t values = 0;
        for (uint32_t k = 0; k < n; k++) {
            const uint8_t c = base[marks[k]];
            values += c != ',' && c != ':' && c != '}' && c != ']';
        }
        nodes.reserve(std::min<size_t>(values, 1 << 22));

        enum { value, name, after } state = value;
        uint32_t i = 0;
        auto close = [&](uint32_t at) -> assay_json_status {
            uint32_t node = open.back().node;
            bool is_object = open.back().is_object;
            open.pop_back();
            nodes[node].next = uint32_t(nodes.size());
            nodes[node].length = at + 1 - nodes[node].offset;
            return is_object ? has_duplicate(nodes[node], node) : ASSAY_JSON_OK;
        };
        auto add_string = [&](bool is_name) -> assay_json_status {
            uint32_t start = marks[i];
            // The last quote before the next structural character closes the string.
            uint32_t last = (i + 1 < n ? marks[i + 1] : uint32_t(count)) - 1;
            while (last > start && is_space(base[last])) last--;
            if (last == start || base[last] != '"') return ASSAY_JSON_UNCLOSED_STRING;
            assay_json_node node{};
            node.kind = ASSAY_JSON_STRING;
            node.next = uint32_t(nodes.size()) + 1;
            node.offset = start;
            node.length = last + 1 - start;
            node.text = start + 1;
            node.text_length = last - start - 1;
            if (memchr(base + node.text, '\\', node.text_length)) {
                uint8_t *end = unescape(base + node.text, base + last, text_end);
                if (!end) return ASSAY_JSON_INVALID_ESCAPE;
                node.text = uint32_t(text_end - base);
                node.text_length = uint32_t(end - text_end);
                text_end = end;
            }
            if (is_name) node.hash = assay_json_hash(base + node.text, node.text_length);
            nodes.push_back(node);
            i++;
            return ASSAY_JSON_OK;
        };

        while (true) {
            if (i < n) fault = marks[i];
            switch (state) {
            case value: {
                if (i >= n) return ASSAY_JSON_ENDS_EARLY;
                uint32_t at = marks[i];
                uint8_t c = base[at];
                if (!open.empty() && !open.back().is_object) nodes[open.back().node].count++;
                if (c == '"') {
                    if (auto status = add_string(false)) return status;
                    state = after;
                    break;
                }
                assay_json_node node{};
                node.offset = at;
                node.next = uint32_t(nodes.size()) + 1;
                if (c == '{' || c == '[') {
                    if (open.size() >= max_depth) return ASSAY_JSON_TOO_DEEP;
                    bool is_object = c == '{';
                    node.kind = is_object ? ASSAY_JSON_OBJECT : ASSAY_JSON_ARRAY;
                    open.push_back({uint32_t(nodes.size()), is_object});
                    nodes.push_back(node);
                    i++;
                    if (i < n && base[marks[i]] == (is_object ? '}' : ']')) {
                        close(marks[i]);
                        i++;
                        state = after;
                    } else {
                        state = is_object ? name : value;
                    }
                    break;
                }
                const uint8_t *end = nullptr;
                size_t words = not_finite(base + at);
                if (words > 0) {
                    node.kind = ASSAY_JSON_NOT_FINITE;
                    end = base + at + words;
                } else if (c == '-' || is_digit(c)) {
                    node.kind = ASSAY_JSON_NUMBER;
                    end = number_end(base + at);
                    if (!end) return ASSAY_JSON_INVALID_NUMBER;
                } else if (memcmp(base + at, "true", 4) == 0) {
                    node.kind = ASSAY_JSON_TRUE;
                    end = base + at + 4;
                } else if (memcmp(base + at, "false", 5) == 0) {
                    node.kind = ASSAY_JSON_FALSE;
                    end = base + at + 5;
                } else if (memcmp(base + at, "null", 4) == 0) {
                    node.kind = ASSAY_JSON_NULL;
                    end = base + at + 4;
                } else {
                    return c == ',' || c == ':' || c == ']' || c == '}'
                        ? ASSAY_JSON_UNEXPECTED : ASSAY_JSON_INVALID_LITERAL;
                }
                if (end > base + count || (end != base + count && !ends_scalar(*end))) {
                    return node.kind == ASSAY_JSON_NUMBER ? ASSAY_JSON_INVALID_NUMBER
                                                          : ASSAY_JSON_INVALID_LITERAL;
                }
                node.length = uint32_t(end - base) - at;
                nodes.push_back(node);
                i++;
                state = after;
                break;
            }
            case name: {
                if (i >= n) return ASSAY_JSON_ENDS_EARLY;
                if (base[marks[i]] != '"') return ASSAY_JSON_UNEXPECTED;
                if (auto status = add_string(true)) return status;
                if (i >= n) return ASSAY_JSON_ENDS_EARLY;
                fault = marks[i];
                if (base[marks[i]] != ':') return ASSAY_JSON_UNEXPECTED;
                i++;
                nodes[open.back().node].count++;
                state = value;
                break;
            }
            case after: {
                if (open.empty()) return i == n ? ASSAY_JSON_OK : ASSAY_JSON_TRAILING;
                if (i >= n) return ASSAY_JSON_ENDS_EARLY;
                uint8_t c = base[marks[i]];
                bool is_object = open.back().is_object;
                if (c == ',') {
                    i++;
                    state = is_object ? name : value;
                } else if (c == (is_object ? '}' : ']')) {
                    if (auto status = close(marks[i])) return status;
                    i++;
                } else {
                    return ASSAY_JSON_UNEXPECTED;
                }
                break;
            }
            }
        }
    }
};

extern "C" {

assay_json_parser *assay_json_create(uint32_t max_depth, size_t max_bytes) {
    if (max_bytes > largest_document) max_bytes = largest_document;
    return new (std::nothrow) assay_json_parser{max_depth, max_bytes};
}

void assay_json_destroy(assay_json_parser *parser) { delete parser; }

void assay_json_shrink(assay_json_parser *parser) { parser->shrink(); }

assay_json_status assay_json_parse(assay_json_parser *parser, const uint8_t *bytes, size_t count) {
    try {
        return parser->parse(bytes, count);
    } catch (const std::bad_alloc &) {
        return ASSAY_JSON_OUT_OF_MEMORY;
    }
}

const assay_json_node *assay_json_nodes(const assay_json_parser *parser, size_t *count) {
    *count = parser->nodes.size();
    return parser->nodes.data();
}

const uint8_t *assay_json_memory(const assay_json_parser *parser) { return parser->memory.get(); }

size_t assay_json_fault(const assay_json_parser *parser) { return parser->fault; }

const char *assay_json_reason(assay_json_status status) {
    switch (status) {
    case ASSAY_JSON_OK: return "is JSON";
    case ASSAY_JSON_EMPTY: return "is empty";
    case ASSAY_JSON_TOO_LARGE: return "is larger than the limit";
    case ASSAY_JSON_TOO_DEEP: return "nests deeper than the limit";
    case ASSAY_JSON_INVALID_UTF8: return "is not valid UTF-8";
    case ASSAY_JSON_UNCLOSED_STRING: return "has a string that is not closed";
    case ASSAY_JSON_CONTROL_CHARACTER: return "has a bare control character in a string";
    case ASSAY_JSON_INVALID_ESCAPE: return "has an escape that JSON does not have";
    case ASSAY_JSON_INVALID_NUMBER: return "has a number that is not JSON's";
    case ASSAY_JSON_INVALID_LITERAL: return "has a word that is not JSON's";
    case ASSAY_JSON_UNEXPECTED: return "has an unexpected character";
    case ASSAY_JSON_ENDS_EARLY: return "ends too early";
    case ASSAY_JSON_TRAILING: return "goes on after its end";
    case ASSAY_JSON_DUPLICATE_MEMBER: return "has a member twice";
    case ASSAY_JSON_OUT_OF_MEMORY: return "does not fit into memory";
    }
    return "could not be read";
}

uint32_t assay_json_hash(const uint8_t *bytes, size_t count) {
    uint32_t hash = 0x811C9DC5;
    for (size_t i = 0; i < count; i++) hash = (hash ^ bytes[i]) * 0x01000193;
    return hash;
}

double assay_json_double(const uint8_t *bytes, size_t count) {
    const char *from = reinterpret_cast<const char *>(bytes);
    double number = 0;
    auto result = std::from_chars(from, from + count, number);
    if (result.ec != std::errc::result_out_of_range) return number;
    // Out of range: an exponent, or a great many digits before the point, tells which way.
    auto is_mark = [](char c) { return c == 'e' || c == 'E'; };
    const char *mark = std::find_if(from, from + count, is_mark);
    bool is_small = mark != from + count ? mark + 1 < from + count && mark[1] == '-'
                                         : from[*from == '-'] == '0';
    double magnitude = is_small ? 0.0 : HUGE_VAL;
    return *from == '-' ? -magnitude : magnitude;
}

}
