// This file implements the report of progress.

package fusecore

// The stages of the work, as words for users.
const (
	validating = "validating"
	linking    = "linking"
	fusing     = "fusing"
	optimising = "optimising"
	writing    = "writing"
)

// progress is told each stage that begins. It may be nil.
type progress func(stage string)

// changes returns what calls f, which may be nil, when another stage begins.
func changes(f func(stage string)) progress {
	if f == nil {
		return nil
	}
	last := ""
	return func(stage string) {
		if stage != last {
			last = stage
			f(stage)
		}
	}
}

func (p progress) enter(stage string) {
	if p != nil {
		p(stage)
	}
}
