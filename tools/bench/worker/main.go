// Command worker measures in one process, for tools/bench: it reads a job as JSON from standard input and writes what it
// measured to standard output. It is built once for each engine.
//
// All times are processor time, and the two sides of a job alternate, so that the ratio of a round holds when the machine's
// speed drifts.
package main

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/wasmfuse/rules_wasm_fuse/internal/wasmtime"
	"github.com/wasmfuse/rules_wasm_fuse/tools/bench/internal/job"
)

func main() {
	debug.SetGCPercent(400)
	runtime.LockOSThread()
	var j job.Job
	err := json.NewDecoder(os.Stdin).Decode(&j)
	var r any
	if err == nil {
		r, err = run(&j)
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(r)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

// side is one of the two files of a job.
type side struct {
	e    *wasmtime.Engine
	wasm []byte
}

func run(j *job.Job) (any, error) {
	var sides [2]*side
	for i, file := range j.Files {
		wasm, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		o := wasmtime.Options{Timeout: -1, Pooling: j.Pooling, NoConcurrency: j.NoConcurrency}
		if j.WASI {
			o.WASI = &wasmtime.WASI{}
		}
		sides[i] = &side{wasmtime.New(o), wasm}
	}
	switch j.Kind {
	case job.Calls:
		return calls(j, sides)
	case job.Instantiate:
		r, err := instantiate(j, sides)
		return []job.Result{r}, err
	case job.Compile:
		return compiled(sides)
	}
	return nil, fmt.Errorf("no job is %q", j.Kind)
}

// calls measures each case alternately. On each side it makes as many calls as take the job's time.
func calls(j *job.Job, sides [2]*side) (out []job.Result, err error) {
	for _, c := range j.Cases {
		var in [2]*wasmtime.Instance
		var n [2]int
		for i, s := range sides {
			if in[i], err = s.e.Load(s.wasm); err != nil {
				return nil, err
			}
			if n[i], err = calibrate(in[i], c, j.Target, j.Process); err != nil {
				return nil, fmt.Errorf("%s: %w", c.Func, err)
			}
		}
		r := job.Result{Case: c}
		for range j.Rounds {
			var per [2]float64
			for i := range in {
				if j.Fresh {
					in[i].Close()
					if in[i], err = sides[i].e.Load(sides[i].wasm); err != nil {
						return nil, err
					}
				}
				d, err := timed(in[i], c, n[i], j.Process)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", c.Func, err)
				}
				per[i] = float64(d.Nanoseconds()) / float64(n[i])
			}
			r.Add(per)
		}
		for _, x := range in {
			x.Close()
		}
		out = append(out, r)
	}
	return out, nil
}

// timed returns the time of one call of an export that makes n calls.
func timed(in *wasmtime.Instance, c job.Case, n int, process bool) (time.Duration, error) {
	args := []string{fmt.Sprint(n), fmt.Sprint(c.Size)}
	start := cpu(process)
	_, err := in.Call(c.Func, args...)
	return cpu(process) - start, err
}

// calibrate returns the number of calls that take about the target. A first call takes longer than others, so a number holds only if a
// second try with it takes as long.
func calibrate(in *wasmtime.Instance, c job.Case, target time.Duration, process bool) (int, error) {
	const most = 1 << 30
	for n := 1; ; {
		d, err := timed(in, c, n, process)
		if err != nil || d >= target/2 && n > 1 || n == most {
			return n, err
		}
		n = min(most, n*int(max(2, min(16, target/max(d, 1)))))
	}
}

// instantiate measures instantiation, in a new store each round.
func instantiate(j *job.Job, sides [2]*side) (r job.Result, err error) {
	const times = 25
	for round := range j.Rounds + 1 {
		var per [2]float64
		for i, s := range sides {
			in, err := s.e.Load(s.wasm)
			if err != nil {
				return r, err
			}
			start := cpu(false)
			for range times {
				if err := in.Again(); err != nil {
					return r, err
				}
			}
			per[i] = float64((cpu(false) - start).Nanoseconds()) / times
			in.Close()
		}
		if round > 0 { // the first one warms up
			r.Add(per)
		}
	}
	return r, nil
}

// compiled returns what the engine makes of the files: bytes of the whole, and of the code in it.
func compiled(sides [2]*side) (r [2]job.Compiled, err error) {
	for i, s := range sides {
		bin, err := s.e.Serialize(s.wasm)
		if err != nil {
			return r, err
		}
		r[i].All = len(bin)
		f, err := elf.NewFile(bytes.NewReader(bin))
		if err != nil {
			return r, err
		}
		for _, sec := range f.Sections {
			r[i].Used += int(sec.Size)
			if strings.HasPrefix(sec.Name, ".text") {
				r[i].Code += int(sec.Size)
			}
		}
	}
	return r, nil
}

// cpu is the processor time of the process, or of this thread alone.
func cpu(process bool) time.Duration {
	clock := uintptr(3) // CLOCK_THREAD_CPUTIME_ID
	if process {
		clock = 2 // CLOCK_PROCESS_CPUTIME_ID
	}
	var ts syscall.Timespec
	if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&ts)), 0); err != 0 {
		panic(err)
	}
	return time.Duration(ts.Nano())
}
