// Calls functions of demo:pair/calc and tells what came of it.
package main

import (
	"encoding/hex"
	"strconv"
	"strings"

	"go.bytecodealliance.org/cm"

	"pair/abi"
	"pair/internal/consumer/demo/pair/calc"
	"pair/internal/consumer/demo/pair/consumer"
)

func u(n uint64) string { return strconv.FormatUint(n, 10) }

func parsed(text string) string {
	r := calc.Parse(text)
	k := calc.Check(r)
	s := "err"
	if k.IsOK() {
		s = "ok " + *k.OK()
	}
	if r.IsErr() {
		return "err(" + *r.Err() + "):" + s
	}
	return "ok(" + u(uint64(*r.OK())) + "):" + s
}

func point(p calc.Point) string {
	return strconv.Itoa(int(p.X)) + "," + strconv.Itoa(int(p.Y)) + "," + p.Label
}

func run(input string) string {
	var out []string
	line := func(s ...string) { out = append(out, strings.Join(s, " ")) }
	abi.Log("run")
	line(calc.Greet(input))
	rev := calc.Reverse(cm.ToList([]byte{0, 0x7f, 0xff}))
	line(hex.EncodeToString(rev.Slice()), u(calc.Sum(cm.ToList([]uint32{1, 2, 3, 1<<32 - 1}))))
	parts := calc.Split(input)
	line("split", u(uint64(parts.Len())), strings.Join(parts.Slice(), "|"), calc.Join(parts, '😀'))
	ps := calc.MoveAll(cm.ToList([]calc.Point{{X: 1, Y: -2, Label: input}, {X: 5, Y: 6, Label: ""}}), [2]int32{-1, 1})
	line("points", point(calc.Shift(calc.Point{X: 10, Y: 20, Label: input}, 3)), point(ps.Slice()[0]), point(ps.Slice()[1]))
	t := calc.Paint(calc.ColorBlue, calc.PermsRead|calc.PermsExec, 0x155)
	line("paint", t.F0.String(), u(uint64(t.F1)), strconv.FormatUint(uint64(t.F2), 16))
	for _, key := range []string{"", input, "stale", "rate", "note"} {
		line("find", calc.Describe(calc.Find(key)))
	}
	line("parse", parsed("4096"), parsed(input))
	if f := calc.Half(cm.Some(-7.5)); f.Some() != nil {
		line("half", abi.Milli(float64(*f.Some())))
	}
	for _, c := range []rune{'a', 0xd7ff, 0x1f600, 0x10ffff} {
		if n := calc.Next(c); n.Some() != nil {
			line("next", strconv.FormatInt(int64(*n.Some()), 16))
		} else {
			line("next none")
		}
	}
	w := calc.Widths(255, -128, 65535, -32768, 1<<32-2, -1<<31, 1<<64-2, -1<<63, 0.5, -1e9, true)
	line("widths", u(uint64(w.F0)), strconv.Itoa(int(w.F1)), u(uint64(w.F2)), strconv.Itoa(int(w.F3)), u(uint64(w.F4)),
		strconv.Itoa(int(w.F5)), u(w.F6), strconv.FormatInt(w.F7, 10), abi.Milli(float64(w.F8)), abi.Milli(w.F9), strconv.FormatBool(w.F10))
	line("many", calc.Many(input, 200, -5000000000, 1.25, -0.125, calc.Point{X: -1, Y: 1, Label: "pt"}, cm.Some(input),
		cm.ToList([]uint16{0, 0xabcd, 0xffff}), calc.ColorGreen, 6, true, calc.LookupNote(input), 'λ'))
	x := cm.ToList([]cm.List[string]{cm.ToList([]string{input, "x", ""}), {}, cm.ToList([]string{"y"})})
	n := calc.Nest(x)
	for _, e := range n.Slice() {
		s := "none"
		if o := e.F1.Some(); o != nil {
			s = "some(none)"
			if p := o.Some(); p != nil {
				s = strconv.FormatUint(*p, 16)
			}
		}
		line("nest", u(uint64(e.F0)), s, strconv.FormatBool(e.F2 == cm.ResultErr))
	}
	line("leaks", u(uint64(calc.Leaks())))
	return strings.Join(out, "\n")
}

func init() {
	consumer.Exports.Run = run
	consumer.Exports.Leaks = func() uint32 { return 0 }
}

func main() {}
