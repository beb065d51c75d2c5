// demo:kv/store: a handle stands for a number in table.
package main

import (
	"sort"

	"go.bytecodealliance.org/cm"

	_ "kv/abi"
	"kv/internal/provider/demo/kv/store"
)

type bucket struct {
	name string
	data map[string]store.Entry
}

var (
	table   = map[cm.Rep]*bucket{}
	nextRep cm.Rep
)

func newBucket(name string) store.Bucket {
	nextRep++
	table[nextRep] = &bucket{name: name, data: map[string]store.Entry{}}
	return store.BucketResourceNew(nextRep)
}

func clone(s string) string { return string([]byte(s)) }

func init() {
	e := &store.Exports
	e.Bucket.Constructor = func(name string) store.Bucket { return newBucket(clone(name)) }
	e.Bucket.Destructor = func(self cm.Rep) { delete(table, self) }
	e.Bucket.Name = func(self cm.Rep) string { return table[self].name }
	e.Bucket.Put = func(self cm.Rep, key string, value cm.List[uint8]) cm.Result[string, uint32, string] {
		if key == "" {
			return cm.Err[cm.Result[string, uint32, string]]("empty key")
		}
		b := table[self]
		old := b.data[key]
		ent := store.Entry{Key: clone(key), Value: cm.ToList(append([]byte(nil), value.Slice()...)), Rev: old.Rev + 1}
		b.data[ent.Key] = ent
		return cm.OK[cm.Result[string, uint32, string]](ent.Rev)
	}
	e.Bucket.Get = func(self cm.Rep, key string) store.Lookup {
		if key == "stale" {
			return store.LookupStale(0x1122334455667788)
		}
		ent, ok := table[self].data[key]
		if !ok {
			return store.LookupMiss()
		}
		return store.LookupHit(ent)
	}
	e.Bucket.Keys = func(self cm.Rep) cm.List[string] {
		ks := []string{}
		for k := range table[self].data {
			ks = append(ks, k)
		}
		sort.Strings(ks)
		return cm.ToList(ks)
	}
	e.Bucket.Merge = func(a, b store.Bucket) store.Bucket {
		ba, bb := table[a.ResourceRep()], table[b.ResourceRep()]
		h := newBucket(ba.name + "+" + bb.name)
		n := table[h.ResourceRep()]
		for k, v := range ba.data {
			n.data[k] = v
		}
		for k, v := range bb.data {
			n.data[k] = v
		}
		a.ResourceDrop()
		b.ResourceDrop()
		return h
	}
	e.Bucket.CopyInto = func(self, dst cm.Rep) uint32 {
		for k, v := range table[self].data {
			table[dst].data[k] = v
		}
		return uint32(len(table[dst].data))
	}
	e.Count = func(b cm.Rep) uint32 { return uint32(len(table[b].data)) }
	e.Consume = func(b store.Bucket) uint32 {
		n := uint32(len(table[b.ResourceRep()].data))
		b.ResourceDrop()
		return n
	}
	e.Live = func() uint32 { return uint32(len(table)) }
	e.Greet = func(name string) string { return "hello, " + name + "!" }
	e.Reverse = func(data cm.List[uint8]) cm.List[uint8] {
		in := data.Slice()
		out := make([]uint8, len(in))
		for i, c := range in {
			out[len(in)-1-i] = c
		}
		return cm.ToList(out)
	}
	e.Shift = func(p store.Point, by int32) store.Point {
		return store.Point{X: p.X + by, Y: p.Y - by, Label: p.Label + "'"}
	}
	e.Paint = func(c store.Color, p store.Perms) cm.Tuple[store.Color, store.Perms] {
		return cm.Tuple[store.Color, store.Perms]{F0: (c + 1) % 3, F1: p ^ 7}
	}
	e.Sum = func(xs cm.List[uint32]) uint64 {
		var t uint64
		for _, x := range xs.Slice() {
			t += uint64(x)
		}
		return t
	}
}

func main() {}
