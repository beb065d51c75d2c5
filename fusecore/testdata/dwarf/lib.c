// The provider of testdata/dwarf. The tests name its lines.
#include "guest.h"

static unsigned quotient(unsigned a, unsigned b) {
  return a / b;  // line 5: traps if b is 0
}

__attribute__((export_name("demo:debug/ratio@1.0.0#divide"))) unsigned divide(unsigned a, unsigned b) {
  unsigned q = quotient(a, b);
  return q;
}

__attribute__((export_name("demo:debug/ratio@1.0.0#total"))) unsigned total(unsigned *of, unsigned n) {
  unsigned sum = 0;
  for (unsigned i = 1; i < n; i++) {
    sum += quotient(of[i - 1], of[i]);  // line 16
  }
  return sum;
}
