// demo:pair/calc. A string or list that comes in is only the call's: what is kept or given back is copied.
package main

import (
	"encoding/hex"
	"strconv"
	"strings"

	"go.bytecodealliance.org/cm"

	"pair/abi"
	"pair/internal/provider/demo/pair/calc"
)

func describe(l calc.Lookup) string {
	switch {
	case l.Hit() != nil:
		e := l.Hit()
		return "hit(" + e.Key + "=" + hex.EncodeToString(e.Value.Slice()) + "@" + strconv.FormatUint(uint64(e.Rev), 10) + ")"
	case l.Stale() != nil:
		return "stale(" + strconv.FormatUint(*l.Stale(), 16) + ")"
	case l.Rate() != nil:
		return "rate(" + abi.Milli(*l.Rate()) + ")"
	case l.Note() != nil:
		return "note(" + *l.Note() + ")"
	}
	return "miss"
}

func find(key string) calc.Lookup {
	switch key {
	case "":
		return calc.LookupMiss()
	case "stale":
		return calc.LookupStale(0x1122334455667788)
	case "rate":
		return calc.LookupRate(2.5)
	case "note":
		return calc.LookupNote("nöte ✓")
	}
	return calc.LookupHit(calc.Entry{Key: strings.Clone(key), Value: cm.ToList([]byte{1, 0xfe}), Rev: 7})
}

func parse(text string) cm.Result[string, uint32, string] {
	type result = cm.Result[string, uint32, string]
	if text == "boom" {
		panic("boom")
	}
	n := uint32(0)
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return cm.Err[result]("not a number: " + text)
		}
		n = n*10 + uint32(text[i]-'0')
	}
	return cm.OK[result](n)
}

func many(name string, a uint8, b int64, c float32, d float64, p calc.Point, q cm.Option[string], r cm.List[uint16], k calc.Color,
	f calc.Perms, z bool, l calc.Lookup, ch rune) string {
	opt, flag := "-", "0"
	if s := q.Some(); s != nil {
		opt = *s
	}
	if z {
		flag = "1"
	}
	out := []string{name, strconv.Itoa(int(a)), strconv.FormatInt(b, 10), abi.Milli(float64(c)), abi.Milli(d),
		strconv.Itoa(int(p.X)) + "," + strconv.Itoa(int(p.Y)) + "," + p.Label, opt}
	for _, x := range r.Slice() {
		out = append(out, strconv.FormatUint(uint64(x), 16))
	}
	out = append(out, strconv.Itoa(int(k))+strconv.Itoa(int(f))+flag, describe(l), string(ch))
	return strings.Join(out, " ")
}

func nest(x cm.List[cm.List[string]]) cm.List[cm.Tuple3[uint8, cm.Option[cm.Option[uint64]], cm.BoolResult]] {
	var out []cm.Tuple3[uint8, cm.Option[cm.Option[uint64]], cm.BoolResult]
	for _, l := range x.Slice() {
		n := l.Len()
		odd := cm.BoolResult(cm.ResultOK)
		if n&1 != 0 {
			odd = cm.ResultErr
		}
		o := cm.None[cm.Option[uint64]]()
		if n == 1 {
			o = cm.Some(cm.None[uint64]())
		} else if n > 1 {
			o = cm.Some(cm.Some(uint64(n) << 33))
		}
		out = append(out, cm.Tuple3[uint8, cm.Option[cm.Option[uint64]], cm.BoolResult]{F0: uint8(n), F1: o, F2: odd})
	}
	return cm.ToList(out)
}

func init() {
	e := &calc.Exports
	e.Greet = func(name string) string {
		abi.Log("greeting " + name)
		return "hello, " + name + "!"
	}
	e.Reverse = func(data cm.List[uint8]) cm.List[uint8] {
		in := data.Slice()
		out := make([]uint8, len(in))
		for i, c := range in {
			out[len(in)-1-i] = c
		}
		return cm.ToList(out)
	}
	e.Sum = func(xs cm.List[uint32]) (t uint64) {
		for _, x := range xs.Slice() {
			t += uint64(x)
		}
		return t
	}
	e.Join = func(parts cm.List[string], sep rune) string { return strings.Join(parts.Slice(), string(sep)) }
	e.Split = func(text string) cm.List[string] {
		if text == "" {
			return cm.ToList([]string(nil))
		}
		return cm.ToList(strings.Split(strings.Clone(text), " "))
	}
	e.Shift = func(p calc.Point, by int32) calc.Point {
		return calc.Point{X: p.X + by, Y: p.Y - by, Label: p.Label + "'"}
	}
	e.MoveAll = func(ps cm.List[calc.Point], by [2]int32) cm.List[calc.Point] {
		var out []calc.Point
		for _, p := range ps.Slice() {
			out = append(out, calc.Point{X: p.X + by[0], Y: p.Y + by[1], Label: strings.Clone(p.Label)})
		}
		return cm.ToList(out)
	}
	e.Paint = func(c calc.Color, p calc.Perms, m calc.Marks) cm.Tuple3[calc.Color, calc.Perms, calc.Marks] {
		return cm.Tuple3[calc.Color, calc.Perms, calc.Marks]{F0: (c + 1) % 3, F1: p ^ 7, F2: m ^ 0x1ff}
	}
	e.Find = find
	e.Describe = describe
	e.Parse = parse
	e.Check = func(r cm.Result[string, uint32, string]) cm.Result[string, string, struct{}] {
		if n := r.OK(); n != nil {
			return cm.OK[cm.Result[string, string, struct{}]](strconv.FormatUint(uint64(*n), 10))
		}
		return cm.Err[cm.Result[string, string, struct{}]](struct{}{})
	}
	e.Half = func(x cm.Option[float64]) cm.Option[float32] {
		if f := x.Some(); f != nil {
			return cm.Some(float32(*f / 2))
		}
		return cm.None[float32]()
	}
	e.Next = func(c rune) cm.Option[rune] {
		switch c {
		case 0x10ffff:
			return cm.None[rune]()
		case 0xd7ff:
			return cm.Some[rune](0xe000)
		}
		return cm.Some(c + 1)
	}
	e.Widths = func(a uint8, b int8, c uint16, d int16, e uint32, f int32, g uint64, h int64, i float32, j float64, k bool) (
		r cm.Tuple11[uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64, bool]) {
		r.F0, r.F1, r.F2, r.F3, r.F4, r.F5, r.F6, r.F7, r.F8, r.F9, r.F10 = a+1, b+1, c+1, d+1, e+1, f+1, g+1, h+1, i+1, j+1, !k
		return r
	}
	e.Many = many
	e.Nest = nest
	e.Leaks = func() uint32 { return 0 }
}

func main() {}
