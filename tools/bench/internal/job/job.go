// Package job is what tools/bench and its workers pass to each other.
package job

import "time"

// Kinds of jobs.
const (
	Calls       = "calls"       // of exports that call in a loop
	Instantiate = "instantiate" // of components
	Compile     = "compile"     // sizes of what the engine makes
)

// Case is an export NAME(n, size) that does something n times.
type Case struct {
	Func string
	Size int
}

// Job compares two files.
type Job struct {
	Kind          string
	Files         [2]string // of which the first is the base
	Cases         []Case
	Rounds        int
	Target        time.Duration // of one side of a round
	Process       bool          // count all threads of the process
	Fresh         bool          // instantiate again in each round
	Pooling       bool
	NoConcurrency bool
	WASI          bool
}

// Result is a case with a ratio for each round, and the times of both sides in nanoseconds for one call.
type Result struct {
	Case   Case
	Ratios []float64
	Ns     [2][]float64
}

// Add adds a round.
func (r *Result) Add(ns [2]float64) {
	r.Ratios = append(r.Ratios, ns[1]/ns[0])
	for i := range ns {
		r.Ns[i] = append(r.Ns[i], ns[i])
	}
}

// Compiled is sizes in bytes of a compiled component: the file, its sections without padding, and the machine code.
type Compiled struct{ All, Used, Code int }
