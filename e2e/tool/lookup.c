// A WASI 0.2 command: translates words by a table with a word and its meaning on each line.
//
//   lookup [-o OUT] TABLE [WORD...]
//
// The words are the arguments, or without any, the lines of standard input. The translations are written to OUT or to standard
// output, each behind the variable PREFIX of the environment. The exit status is 1 if a word is missing or a file cannot be opened.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *opened(const char *name, const char *mode) {
  FILE *f = fopen(name, mode);
  if (f) return f;
  fprintf(stderr, "lookup: %s: %s\n", name, strerror(errno));
  exit(1);
}

static int translate(FILE *out, const char *table, const char *word) {
  const char *prefix = getenv("PREFIX");
  char line[128], *meaning;
  FILE *f = opened(table, "r");
  int found = 0;
  while (!found && fgets(line, sizeof line, f)) {
    if ((meaning = strchr(line, ' '))) {
      *meaning++ = 0;
      if (!strcmp(line, word)) found = fprintf(out, "%s%s", prefix ? prefix : "", meaning);
    }
  }
  fclose(f);
  if (!found) fprintf(stderr, "lookup: %s is not in %s\n", word, table);
  return found;
}

int main(int argc, char **argv) {
  FILE *out = stdout;
  char word[128];
  int found = 1, i = 1;
  if (i + 1 < argc && !strcmp(argv[i], "-o")) {
    out = opened(argv[i + 1], "w");
    i += 2;
  }
  if (i == argc) {
    fprintf(stderr, "usage: lookup [-o OUT] TABLE [WORD...]\n");
    return 1;
  }
  const char *table = argv[i++];
  if (i < argc) {
    for (; i < argc; i++) found &= translate(out, table, argv[i]) > 0;
  } else {
    while (fgets(word, sizeof word, stdin)) {
      word[strcspn(word, "\n")] = 0;
      found &= translate(out, table, word) > 0;
      fflush(out);
    }
  }
  if (fclose(out)) return 1;
  return !found;
}
