// Compares the bytes that the libraries contain, as C and as C++ see them, with the file that is the argument.

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "rules/tests/embed/bytes.h"
#include "rules/tests/embed/cc_named.h"

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bytes_test FILE\n");
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  const std::string want((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (want.compare(0, 4, std::string("\0asm", 4)) != 0) {
    std::fprintf(stderr, "%s is not a module\n", argv[1]);
    return 1;
  }
  if (given_size() != want.size() || std::memcmp(given_bytes(), want.data(), want.size()) != 0) {
    std::fprintf(stderr, "C sees other bytes: %zu, not %zu\n", given_size(), want.size());
    return 1;
  }
  if (other_size != want.size() || std::memcmp(other, want.data(), want.size()) != 0) {
    std::fprintf(stderr, "C++ sees other bytes: %zu, not %zu\n", other_size, want.size());
    return 1;
  }
  return 0;
}
