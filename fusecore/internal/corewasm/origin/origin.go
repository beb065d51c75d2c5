// Package origin says where in the inputs the instructions of rewritten code come from. A trace of a function lists the
// instructions at which that changes:
//
//	body 3 of source 0               function of the output            trace
//	0  local.get 0                   0  local.get 0                    0: 0 of body 3
//	2  call 1                        2  call 300
//	4  call 2                        5  local.set 1  ;; of body 7,     5: 0 of body 7
//	6  drop                          7  nop          ;; copied here
//	                                 8  drop                           8: 6 of body 3
//
// Between two marks offsets advance together, so most code needs few.
package origin

import "sort"

// Body names a function body of an input: the number of a source, as in draft.Module.Sources, and of the body in it.
type Body struct{ Source, Index int32 }

// Nowhere is in the place of the body of code that no input contains.
var Nowhere = Body{-1, -1}

// Mark says which instruction of an input the instruction at an offset comes from. What follows, up to the next mark, comes
// from what follows there.
type Mark struct {
	At   uint32 // offset in the code, after the declarations of locals
	Body Body
	Of   uint32 // offset in the code of Body
}

// Trace says where the code of one function comes from.
type Trace struct {
	// Body is the one that the function is, or Nowhere. Code of other bodies may have been copied into it.
	Body  Body
	Marks []Mark // in ascending order; the first is at 0. Several can be at one offset: the last one counts.
}

// Of returns the trace of a body as it is.
func Of(b Body) Trace { return Trace{b, []Mark{{Body: b}}} }

// At returns the origin of the instruction at an offset, as a mark there.
func (t *Trace) At(at uint32) Mark {
	i := sort.Search(len(t.Marks), func(i int) bool { return t.Marks[i].At > at })
	if i == 0 {
		return Mark{At: at, Body: Nowhere}
	}
	m := t.Marks[i-1]
	m.Of += at - m.At
	m.At = at
	return m
}

// Append adds a mark that is not before the end of the code so far. Marks after it are of code that has been removed again.
func Append(marks []Mark, m Mark) []Mark {
	n := len(marks)
	for n > 0 && marks[n-1].At > m.At {
		n--
	}
	if n > 1 && marks[n-1].At == m.At && marks[n-2].At == m.At {
		n-- // the first one of several at an offset tells where the code before ends
	}
	marks = marks[:n]
	if n > 0 {
		if last := marks[n-1]; last.Body == m.Body && last.Of+(m.At-last.At) == m.Of {
			return marks
		}
	}
	return append(marks, m)
}

// Move says that the instruction at an offset has moved to another one, and that what follows has moved with it, up to the
// next move.
type Move struct{ Old, New uint32 }

// Moved returns the trace of code of which instructions have moved, in ascending order, the first of them at 0.
func (t *Trace) Moved(moves []Move) Trace {
	out := Trace{Body: t.Body, Marks: make([]Mark, 0, len(t.Marks)+len(moves))}
	rest := t.Marks
	for i, m := range moves {
		for len(rest) > 0 && rest[0].At <= m.Old {
			rest = rest[1:]
		}
		first := t.At(m.Old)
		first.At = m.New
		out.Marks = Append(out.Marks, first)
		for ; len(rest) > 0 && (i+1 == len(moves) || rest[0].At < moves[i+1].Old); rest = rest[1:] {
			next := rest[0]
			next.At += m.New - m.Old
			out.Marks = Append(out.Marks, next)
		}
	}
	return out
}

// End returns where the code that a mark begins ends in the mark's body: at most at that offset.
func (t *Trace) End(i int, codeEnd uint32) uint32 {
	m := t.Marks[i]
	if i+1 == len(t.Marks) {
		return m.Of + (codeEnd - m.At)
	}
	next := t.Marks[i+1]
	end := m.Of + (next.At - m.At)
	if next.Body == m.Body && next.Of >= m.Of {
		end = min(end, next.Of)
	}
	return end
}
