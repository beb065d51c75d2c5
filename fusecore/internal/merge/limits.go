package merge

import "github.com/wasmfuse/rules_wasm_fuse/fusecore/internal/diag"

// What engines and validators accept in one module: limits that the core specification leaves to implementations
// ("Appendix / Implementation Limitations") and that most share with the JavaScript embedding.
const (
	maxMemories = 100
	maxTables   = 100
	maxSegments = 100_000
	maxItems    = 1_000_000 // of any other kind
)

// within refuses a fused module with more items of a kind than engines accept.
func within(what string, n, max uint64) error {
	if n <= max {
		return nil
	}
	return diag.New("", "the fused module would have %d %s, and engines accept %d", n, what, max).
		WithHint("fuse fewer components into one module, or use `wasmfuse compose`")
}
