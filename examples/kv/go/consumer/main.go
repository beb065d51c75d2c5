// Uses every function of demo:kv/store and tells what came of it.
package main

import (
	"encoding/hex"
	"strconv"
	"strings"

	"go.bytecodealliance.org/cm"

	_ "kv/abi"
	"kv/internal/consumer/demo/kv/consumer"
	"kv/internal/consumer/demo/kv/store"
)

func u(n uint64) string { return strconv.FormatUint(n, 10) }

func put(b store.Bucket, k, v string) string {
	r := b.Put(k, cm.ToList([]byte(v)))
	if r.IsErr() {
		return "err(" + *r.Err() + ")"
	}
	return "ok(" + u(uint64(*r.OK())) + ")"
}

func get(b store.Bucket, k string) string {
	l := b.Get(k)
	if e := l.Hit(); e != nil {
		return "hit(" + e.Key + "=" + string(e.Value.Slice()) + "@" + u(uint64(e.Rev)) + ")"
	}
	if s := l.Stale(); s != nil {
		return "stale(" + strconv.FormatUint(*s, 16) + ")"
	}
	return "miss"
}

func init() {
	consumer.Exports.Run = func(input string) string {
		var out []string
		add := func(s ...string) { out = append(out, strings.Join(s, " ")) }
		add(store.Greet(input))
		rev := store.Reverse(cm.ToList([]byte(input)))
		add(hex.EncodeToString(rev.Slice()))
		p := store.Shift(store.Point{X: 10, Y: 20, Label: "pt"}, 3)
		add(p.Label, strconv.Itoa(int(p.X)), strconv.Itoa(int(p.Y)))
		t := store.Paint(store.ColorBlue, store.PermsRead|store.PermsExec)
		add(t.F0.String(), u(uint64(t.F1)))
		add(u(store.Sum(cm.ToList([]uint32{1, 2, 3, 4294967295}))))
		a, b := store.NewBucket("a"), store.NewBucket("b")
		add(put(a, "k", "v1"), put(a, "k", "v2"), put(a, "", "x"), put(b, "é", "ü"))
		add(get(a, "k"), get(a, "nope"), get(b, "stale"), get(b, "é"))
		add(u(uint64(a.CopyInto(b))), u(uint64(store.Count(b))), strings.Join(b.Keys().Slice(), ","))
		add("live", u(uint64(store.Live())))
		m := store.BucketMerge(a, b)
		add(m.Name(), "live", u(uint64(store.Live())))
		add("consumed", u(uint64(store.Consume(m))), "live", u(uint64(store.Live())))
		c := store.NewBucket("c")
		c.ResourceDrop()
		add("live", u(uint64(store.Live())))
		return strings.Join(out, "; ")
	}
}

func main() {}
