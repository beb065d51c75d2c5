package main

import (
	"fmt"
	"slices"
)

// stats are the ratios of rounds, sorted.
type stats []float64

func newStats(f []float64) stats {
	s := slices.Clone(f)
	slices.Sort(s)
	return s
}

// at returns a quantile: 0 the least, 1 the greatest.
func (s stats) at(q float64) float64 { return s[int(q*float64(len(s)-1)+0.5)] }

func (s stats) median() float64 { return s.at(0.5) }

func (s stats) String() string {
	if len(s) == 1 || s.at(0) == s.at(1) {
		return ratio(s[0])
	}
	return fmt.Sprintf("%s (%s to %s)", ratio(s.median()), ratio(s.at(0)), ratio(s.at(1)))
}

// ratio writes a ratio with two digits or decimals that count.
func ratio(r float64) string {
	switch {
	case r < 0.0095:
		return fmt.Sprintf("%.4f", r)
	case r < 0.095:
		return fmt.Sprintf("%.3f", r)
	}
	return fmt.Sprintf("%.2f", r)
}

// rounded is the ratio as it is written.
func rounded(r float64) (f float64) {
	_, _ = fmt.Sscan(ratio(r), &f) // it is a number
	return f
}

// duration writes nanoseconds.
func duration(ns float64) string {
	switch {
	case ns < 1:
		return fmt.Sprintf("%.2f ns", ns)
	case ns < 100:
		return fmt.Sprintf("%.1f ns", ns)
	case ns < 1e4:
		return fmt.Sprintf("%.0f ns", ns)
	case ns < 1e6:
		return fmt.Sprintf("%.1f us", ns/1e3)
	case ns < 1e9:
		return fmt.Sprintf("%.1f ms", ns/1e6)
	}
	return fmt.Sprintf("%.2f s", ns/1e9)
}

// kilobytes writes a number of bytes.
func kilobytes(n int) string {
	switch {
	case n < 1e4:
		return fmt.Sprintf("%d B", n)
	case n < 1e7:
		return fmt.Sprintf("%.1f KB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
