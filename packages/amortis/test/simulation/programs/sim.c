/* The sum of a parameter and the low bits of the seed: lines in, lines out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double after(const char *line, const char *key) {
  const char *at = strstr(line, key);
  return at ? strtod(at + strlen(key), NULL) : 0;
}

int main(void) {
  char line[4096];
  while (fgets(line, sizeof line, stdin)) {
    double mean = after(line, "\"mean\":");
    unsigned long long seed = (unsigned long long)after(line, "\"seed\":");
    if (mean > 1) abort();
    printf("{\"id\":%.0f,\"data\":{\"x\":[%.17g,%llu,0]}}\n", after(line, "\"id\":"), mean, seed % 1024);
    fflush(stdout);
  }
  return 0;
}
