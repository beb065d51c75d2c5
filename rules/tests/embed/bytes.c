#include "rules/tests/embed/bytes.h"

#include "rules/tests/embed/cc-given.h"

const unsigned char *given_bytes(void) { return cc_given; }
size_t given_size(void) { return cc_given_size; }
