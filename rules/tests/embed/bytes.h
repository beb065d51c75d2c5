// The bytes of a module as C sees them.

#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

const unsigned char *given_bytes(void);
size_t given_size(void);

#ifdef __cplusplus
}
#endif
