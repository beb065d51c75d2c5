// The consumer of testdata/dwarf. The tests name its lines.
#include "guest.h"

__attribute__((import_module("demo:debug/ratio@1.0.0"), import_name("divide"))) unsigned divide(unsigned a, unsigned b);
__attribute__((import_module("demo:debug/ratio@1.0.0"), import_name("total"))) unsigned total(unsigned *of, unsigned n);

static unsigned near(unsigned n) { return n - 5; }

__attribute__((export_name("direct"))) unsigned direct(unsigned n) {
  unsigned b = near(n);
  return divide(100, b);  // line 11
}

__attribute__((export_name("listed"))) unsigned listed(unsigned n) {
  unsigned of[2];
  of[0] = 100;
  of[1] = near(n);
  unsigned sum = total(of, 2);  // line 18
  return sum;
}

// Nothing calls it, so that the linker's or fusing's removal of functions is tried.
__attribute__((export_name("unused"))) unsigned unused(unsigned n) { return divide(near(n), near(n)); }
