// This file implements files without comments.

package witsyntax

import "strings"

// Plain returns a WIT file without comments, and with a line break or a blank wherever there were any. So files that only differ in
// comments, blank lines and indentation become one. A file with an invalid comment or string is returned as it is.
func Plain(src []byte) []byte {
	l := lexer{src: strings.TrimPrefix(string(src), "\ufeff"), line: 1}
	var out strings.Builder
	for {
		begin := l.off
		if _, bad := l.space(); bad != nil {
			return src
		}
		gap := l.src[begin:l.off]
		if l.off >= len(l.src) {
			break
		}
		switch {
		case gap == "" || out.Len() == 0:
		case strings.Contains(gap, "\n"):
			out.WriteByte('\n')
		default:
			out.WriteByte(' ')
		}
		begin = l.off
		if l.src[begin] == '"' {
			var t token
			if l.str(&t); t.kind == tokBad {
				return src
			}
		} else {
			l.off++
		}
		out.WriteString(l.src[begin:l.off])
	}
	if out.Len() > 0 {
		out.WriteByte('\n')
	}
	return []byte(out.String())
}
