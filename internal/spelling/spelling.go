// Package spelling compares names for messages about misspelt ones.
package spelling

import "cmp"

// Near returns a function that compares two names by their distances from a name, for [slices.MinFunc] and the like.
func Near(name string) func(a, b string) int {
	return func(a, b string) int { return cmp.Compare(Distance(name, a), Distance(name, b)) }
}

// Similar reports whether a name may be another one, misspelt: whether their distance is at most a quarter of its length and one.
func Similar(name, other string) bool { return Distance(name, other) <= 1+len(name)/4 }

// Distance returns the number of bytes to insert, delete or replace to turn a text into another.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
