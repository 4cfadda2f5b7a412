// An empty package of Unicode tables, in place of the 31 MB that Foundation brings and no part of berth asks for
// (docs/decisions/023-no-unicode-tables.md). The linker takes this one, since it comes before the archive.
//
// The format is ICU's common data (unicode/udata.h: UDataInfo; a table of contents "ToCP" with no entry).

#include "CUnicodeData.h"

#include <stdint.h>

/// UDataInfo with the sizes before it.
struct common_data {
    uint16_t header_bytes;
    uint8_t magic[2];
    uint16_t info_bytes;
    uint16_t reserved;
    uint8_t is_big_endian;
    uint8_t charset_family;
    uint8_t unit_bytes;
    uint8_t reserved_byte;
    uint8_t format[4];
    uint8_t format_version[4];
    uint8_t data_version[4];
    uint8_t padding[8];
    uint32_t entry_count;
    uint32_t reserved_count;
};

_Static_assert(sizeof(struct common_data) == 40, "ICU reads the header as 32 bytes and a count");

const struct common_data icudt76_dat __attribute__((aligned(16))) = {
    .header_bytes = 32,
    .magic = {0xda, 0x27},
    .info_bytes = 20,
    .is_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
    .unit_bytes = 2,
    .format = {'T', 'o', 'C', 'P'},
    .format_version = {1},
};
