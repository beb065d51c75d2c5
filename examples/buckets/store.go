package export_demo_kv_store

import (
	"maps"
	"runtime"
	"slices"

	"example.com/buckets/library/imports/demo_kv_store"
	witTypes "go.bytecodealliance.org/pkg/wit/types"
)

// Bucket is the resource. The generated code uses its first two fields.
type Bucket struct {
	pinner runtime.Pinner
	handle int32
	values map[string]witTypes.Option[string]
}

func MakeBucket() *Bucket { return &Bucket{values: map[string]witTypes.Option[string]{}} }

func BucketOpen(mode demo_kv_store.Mode) witTypes.Result[*Bucket, string] {
	if mode&demo_kv_store.Mode_Write == 0 {
		return witTypes.Err[*Bucket, string]("a bucket is there to write to")
	}
	return witTypes.Ok[*Bucket, string](MakeBucket())
}

func (b *Bucket) Set(key string, value witTypes.Option[string]) { b.values[key] = value }

func (b *Bucket) Entries() (out []demo_kv_store.Entry) {
	for _, key := range slices.Sorted(maps.Keys(b.values)) {
		out = append(out, demo_kv_store.Entry{Key: key, Value: b.values[key]})
	}
	return out
}

func (b *Bucket) Merge(other, rest *Bucket) demo_kv_store.Outcome {
	before := len(b.values)
	maps.Copy(b.values, other.values)
	maps.Copy(b.values, rest.values)
	rest.Drop()
	if len(b.values) == before {
		return demo_kv_store.MakeOutcomeUnchanged()
	}
	return demo_kv_store.MakeOutcomeSize(uint32(len(b.values)))
}

// OnDrop is called when the last handle is dropped.
func (b *Bucket) OnDrop() { b.values = nil }

func Count(a, b *Bucket) (entries, valued uint32) {
	for _, bucket := range []*Bucket{a, b} {
		for _, value := range bucket.values {
			entries++
			if value.IsSome() {
				valued++
			}
		}
	}
	return entries, valued
}
