// This file implements data sections that stay encoded.

package decode

import (
	"cmp"
	"math"
	"slices"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/corewasm/op"
)

// A data section stays encoded from lateSegments segments on, if it can: see corewasm.LateData. It has at most maxRuns runs.
const (
	lateSegments = 64
	maxRuns      = 16
)

// lateData reads the n segments of a data section that can stay encoded. Of another one it reads nothing, and reports false.
func (d *decoder) lateData(n int) bool {
	if d.n.of[op.SpaceMem] == 0 {
		return false
	}
	in := &segments{b: d.B[d.Pos:], base: d.Offset()}
	late := &corewasm.LateData{N: n}
	var runs []run
	for i := range n {
		at := in.pos
		s, ok := in.next()
		if !ok || len(s.data.Bytes) == 0 || uint64(len(s.data.Bytes)) > math.MaxUint64-s.at || i > 0 && s.is64 != late.Is64 {
			return false
		}
		late.Is64 = s.is64
		if i == 0 || s.at < runs[len(runs)-1].end {
			if runs = append(runs, run{from: at, start: s.at}); len(runs) > maxRuns {
				return false
			}
		}
		last := &runs[len(runs)-1]
		last.to, last.end = in.pos, s.at+uint64(len(s.data.Bytes))
	}
	runs, ok := in.divide(runs)
	if !ok {
		return false
	}
	for _, r := range runs {
		late.Runs = append(late.Runs, in.run(r))
	}
	d.m.LateData = late
	d.Pos += in.pos
	return true
}

// run is a number of successive segments at ascending offsets.
type run struct {
	from, to   int    // positions in the section
	start, end uint64 // in the memory
}

// divide divides runs until none begins within another one, or reports that segments overlap or that there are too many.
func (r *segments) divide(runs []run) ([]run, bool) {
	for len(runs) <= maxRuns {
		sorted := slices.Clone(runs)
		slices.SortStableFunc(sorted, func(a, b run) int { return cmp.Compare(a.start, b.start) })
		k := 1
		for k < len(sorted) && sorted[k-1].end <= sorted[k].start {
			k++
		}
		if k == len(sorted) {
			return runs, true
		}
		long, at := sorted[k-1], sorted[k].start
		head, tail, ok := r.cut(long, at)
		if !ok {
			return nil, false
		}
		i := slices.Index(runs, long)
		runs = slices.Replace(runs, i, i+1, head, tail)
	}
	return nil, false
}

// cut divides a run into the segments that end up to an address and those that begin from there on, or reports that it cannot.
func (r *segments) cut(long run, at uint64) (head, tail run, ok bool) {
	head, tail = run{from: long.from, start: long.start, end: long.start}, long
	again := segments{b: r.b[:long.to], pos: long.from}
	for again.pos < long.to {
		tail.from = again.pos
		s, _ := again.next()
		if s.at >= at {
			tail.start, head.to = s.at, tail.from
			return head, tail, tail.from > head.from && head.end <= at
		}
		head.end = s.at + uint64(len(s.data.Bytes))
	}
	return head, tail, false
}

// run returns how a run is decoded.
func (r *segments) run(of run) corewasm.DataRun {
	in := segments{b: r.b[of.from:of.to:of.to], base: r.base + int64(of.from)}
	return corewasm.DataRun{Bytes: in.b, Start: of.start, End: of.end, All: func(yield func(corewasm.Data) bool) {
		for again := in; again.pos < len(again.b); {
			if s, _ := again.next(); !yield(s.data) {
				return
			}
		}
	}}
}

// segments reads active data segments for memory 0 at constant offsets in their shortest encoding.
type segments struct {
	b    []byte
	pos  int
	base int64 // offset of b in the file
}

type segment struct {
	data corewasm.Data
	at   uint64 // its offset
	is64 bool
}

// next reads a segment, or reports that there is none of this kind.
func (r *segments) next() (s segment, ok bool) {
	b, at := r.b, r.pos+1
	if at >= len(b) || b[r.pos] != 0 {
		return s, false
	}
	code := op.Op(b[at])
	s.is64 = code == op.I64Const
	if code != op.I32Const && !s.is64 {
		return s, false
	}
	v, end, ok := shortest(b, at+1, true)
	if !ok || end >= len(b) || b[end] != byte(op.End) {
		return s, false
	}
	if s.at = v; !s.is64 {
		if int64(v) != int64(int32(v)) {
			return s, false
		}
		s.at = uint64(uint32(v))
	}
	n, from, ok := shortest(b, end+1, false)
	if !ok || n > uint64(len(b)-from) {
		return s, false
	}
	to := from + int(n)
	s.data = corewasm.Data{Offset: corewasm.Expr{Bytes: b[at : end+1 : end+1], Offset: r.base + int64(at)}, Bytes: b[from:to:to]}
	r.pos = to
	return s, true
}

// shortest reads an integer in its shortest encoding of at most nine bytes, and returns its end. The sign of a signed one is
// extended.
func shortest(b []byte, p int, signed bool) (v uint64, end int, ok bool) {
	for shift := 0; shift < 63 && p < len(b); shift += 7 {
		c := b[p]
		p++
		v |= uint64(c&0x7f) << shift
		if c >= 0x80 {
			continue
		}
		if !signed {
			return v, p, c != 0 || shift == 0
		}
		if c&0x40 != 0 {
			v |= ^uint64(0) << (shift + 7)
		}
		// The last byte may not only repeat the sign.
		repeats := shift > 0 && (c == 0 && b[p-2]&0x40 == 0 || c == 0x7f && b[p-2]&0x40 != 0)
		return v, p, !repeats
	}
	return 0, 0, false
}
