package taskgen

import (
	"slices"
	"strings"
)

// Shrink returns fewer calls, with shorter programs, that still fail.
func Shrink(calls []Call, fails func([]Call) bool) []Call {
	for again := true; again; {
		again = false
		for i := 0; i < len(calls); {
			if c := slices.Delete(slices.Clone(calls), i, i+1); len(c) > 0 && fails(c) {
				calls, again = c, true
			} else {
				i++
			}
		}
		for i := range calls {
			program, ok := strings.CutPrefix(calls[i].Args[0], "[")
			if !ok {
				continue
			}
			bytes := strings.Split(strings.TrimSuffix(program, "]"), ", ")
			for n := len(bytes) / 2; n > 0; n /= 2 {
				for at := 0; at+n <= len(bytes); {
					shorter, c := slices.Delete(slices.Clone(bytes), at, at+n), slices.Clone(calls)
					c[i].Args = []string{"[" + strings.Join(shorter, ", ") + "]"}
					if fails(c) {
						bytes, calls, again = shorter, c, true
					} else {
						at += n
					}
				}
			}
		}
	}
	return calls
}
