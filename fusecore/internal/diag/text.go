// This file implements positions in text files.

package diag

import (
	"fmt"
	"strings"
)

// Text is a position in a text file.
type Text struct {
	Line, Column int    // from 1, the column in bytes
	Source       string // the line
}

// maxExcerpt limits the width of an excerpt, in characters.
const maxExcerpt = 120

// excerpt returns the line with its number, and a mark below the column.
func (t *Text) excerpt() string {
	before := t.Source[:min(max(t.Column-1, 0), len(t.Source))]
	line := []rune(strings.ReplaceAll(strings.TrimRight(t.Source, "\r\n"), "\t", " "))
	at := len([]rune(before))
	if from := at - maxExcerpt/2; len(line) > maxExcerpt && from > 0 {
		from = min(from, len(line)-maxExcerpt)
		line, at = line[from:], at-from
	}
	line = line[:min(len(line), maxExcerpt)]
	for i, r := range line {
		if Clean(string(r)) != string(r) {
			line[i] = '\ufffd' // its escape would be wider than the character
		}
	}
	number := fmt.Sprintf("%d", t.Line)
	return fmt.Sprintf("  %s | %s\n  %s | %s^", number, string(line), strings.Repeat(" ", len(number)), strings.Repeat(" ", at))
}
