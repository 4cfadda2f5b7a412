#pragma once
#include <isa-l.h>

// igzip's checksum leaves the upper halves of the vector registers in use. SSE code that comes
// after, SHA-256 above all, takes half as long again on some processors until they are cleared, as
// the x86-64 ABI asks of every function.
static inline void berth_isal_clear_registers(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx")) __asm__ volatile("vzeroupper" ::: "memory");
#endif
}

static inline int berth_isal_inflate(struct inflate_state *state) {
    int code = isal_inflate(state);
    berth_isal_clear_registers();
    return code;
}

static inline int berth_isal_deflate(struct isal_zstream *stream) {
    int code = isal_deflate(stream);
    berth_isal_clear_registers();
    return code;
}
