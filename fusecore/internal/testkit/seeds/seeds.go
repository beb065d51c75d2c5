// Package seeds has the seeds of random tests.
package seeds

import (
	"fmt"
	"os"
	"strconv"
	"testing"
)

// Of returns the seeds that a random test tries: n from 0, or those in an environment variable, N or FROM:N.
func Of(t testing.TB, variable string, n uint64) (from, to uint64) {
	t.Helper()
	if s := os.Getenv(variable); s != "" {
		if _, err := fmt.Sscanf(s, "%d:%d", &from, &n); err != nil {
			if n, err = strconv.ParseUint(s, 10, 32); err != nil {
				t.Fatalf("%s=%q: want N or FROM:N", variable, s)
			}
		}
	}
	return from, from + n
}
