package link

import (
	"cmp"

	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/extname"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/world"
)

// fullVersion is the version of an interface name with the suffix that a versionsuffix attribute adds.
func fullVersion(n extname.Name, it *world.Item) string {
	for _, a := range it.Attributes {
		if a.Kind == component.AttrVersionSuffix {
			return n.Version + a.Value
		}
	}
	return n.Version
}

// newer says whether version a comes after b on the same compatibility track, where only the numbers can differ
// ([extname.Track]). A version that is none comes before all others.
func newer(a, b string) bool {
	v, errA := extname.ParseVersion(a)
	w, errB := extname.ParseVersion(b)
	if errA != nil || errB != nil {
		return errA == nil && errB != nil
	}
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor), cmp.Compare(v.Patch, w.Patch)) > 0
}
