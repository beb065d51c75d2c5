package export_wit_world

import (
	"fmt"

	"example.com/buckets/app/imports/demo_kv_marker"
	"example.com/buckets/app/imports/demo_kv_store"
	witTypes "go.bytecodealliance.org/pkg/wit/types"
)

// Run does the same in every round.
func Run(rounds uint32) (said []string) {
	for range rounds {
		said = round()
	}
	return said
}

func round() (said []string) {
	say := func(values ...any) { said = append(said, fmt.Sprint(values...)) }
	first := demo_kv_store.MakeBucket()
	first.Set("a", witTypes.Some("1"))
	refused := demo_kv_store.BucketOpen(demo_kv_store.Mode_Read)
	say(refused.Err())
	opened := demo_kv_store.BucketOpen(demo_kv_store.Mode_Read | demo_kv_store.Mode_Write)
	second := opened.Ok()
	second.Set("b", witTypes.Some("2"))
	third := demo_kv_store.MakeBucket()
	third.Set("c", witTypes.None[string]())
	entries, valued := demo_kv_store.Count(first, third)
	say("entries ", entries, ", with a value ", valued)
	outcome := first.Merge(second, third)
	say("size ", outcome.Size())
	outcome = first.Merge(second, demo_kv_store.MakeBucket())
	say("unchanged ", outcome.Tag() == demo_kv_store.Outcome_Unchanged)
	marked := demo_kv_marker.Mark(first, "z")
	first = marked.Some()
	for _, entry := range first.Entries() {
		say(entry.Key, "=", entry.Value.SomeOr("none"))
	}
	kept := demo_kv_marker.Mark(first, "z")
	say("kept ", kept.IsNone())
	second.Drop()
	return said
}
