package pairs

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// answers.json holds outcomes by Graph.Answers, as wasmtime gave them for compositions.
//
//go:embed testdata/answers.json
var answers []byte

// Want gives the graph's frozen outcome.
func (g Graph) Want() (*Outcome, error) {
	var all map[string]*Outcome
	if err := json.Unmarshal(answers, &all); err != nil {
		return nil, err
	}
	if all[g.key()] == nil {
		return nil, fmt.Errorf("testdata/answers.json has no outcome of %s", g.key())
	}
	return all[g.key()], nil
}

func (g Graph) key() string {
	if g.Answers != "" {
		return g.Answers
	}
	return g.Name
}

// Freeze writes outcomes, by graph name, to the answers.json of this package, found from the repository's root folder.
// Of graphs that share one it takes the last.
func Freeze(repository string, byName map[string]*Outcome) error {
	all := map[string]*Outcome{}
	for _, g := range All() {
		if byName[g.Name] == nil {
			return fmt.Errorf("no outcome of %s: freeze all graphs at once", g.Name)
		}
		all[g.key()] = byName[g.Name]
	}
	b, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return err
	}
	path := filepath.Join(repository, "fusecore", "internal", "testkit", "pairs", "testdata", "answers.json")
	return os.WriteFile(path, append(b, '\n'), 0o644)
}
