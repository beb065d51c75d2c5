package handles

import (
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/component"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"
	"github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/plan"
)

// checkReentry refuses graphs in which resource.drop could enter an instance that is already running. Calls of lowered
// functions cannot do that: they go to instances that were complete before the caller existed, and between an
// instance and one that it holds they always trap. A drop can go both ways: from an instance out to the destructor
// of an instance that holds it, and from there back in to a type of one inside. CanonicalABI.md makes the second trap
// if that instance is running (Store.lift in canon_resource_drop), which nothing here keeps track of.
func (t *Tables) checkReentry() error {
	reach := plan.NewReach(t.g)
	for i := range t.g.Builtins {
		b := &t.g.Builtins[i]
		if b.Dropped || b.Op != component.CanonResourceDrop || b.Lower >= 0 {
			continue
		}
		if d := t.resource(b.Resource).Definer; d == b.Inst || d == plan.Host || !plan.Within(t.g, b.Inst, d) {
			continue
		}
		back, err := t.dropsInward(reach, t.resource(b.Resource).Dtor)
		if err == nil && back != nil {
			err = diag.New("resource "+b.Resource.Name, "its destructor could drop a resource of %s, which may be running then; this cannot be checked",
				t.g.Insts[t.resource(back.Resource).Definer].Path).WithHint("use `wasmfuse compose`")
		}
		if err != nil {
			return diag.In(err, "", t.g.Insts[b.Inst].Path, "")
		}
	}
	return nil
}

// dropsInward gives a built-in that a destructor can reach and that drops resources of an instance inside its own, or nil.
func (t *Tables) dropsInward(reach *plan.Reach, dtor plan.CoreRef) (*plan.Builtin, error) {
	seen := map[plan.CoreRef]bool{{}: true} // the zero reference is none
	for work := []plan.CoreRef{dtor}; len(work) > 0; {
		f := work[len(work)-1]
		work = work[:len(work)-1]
		if seen[f] {
			continue
		}
		seen[f] = true
		calls, builtins, err := reach.From(f)
		if err != nil {
			return nil, err
		}
		for _, c := range calls {
			if c := &t.g.Calls[c]; c.Class != plan.ClassTrap {
				work = append(work, c.Target)
			}
		}
		for _, id := range builtins {
			b := &t.g.Builtins[id]
			if b.Op != component.CanonResourceDrop {
				continue
			}
			res := t.resource(b.Resource)
			if res.Definer != plan.Host && res.Definer != b.Inst && plan.Within(t.g, res.Definer, b.Inst) {
				return b, nil
			}
			work = append(work, res.Dtor)
		}
	}
	return nil, nil
}
