// This file implements the lexing of strings.

package witsyntax

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// str reads a string literal, which has the form of a name in the core WebAssembly text format.
func (l *lexer) str(t *token) {
	var b strings.Builder
	l.off++
	for l.off < len(l.src) {
		switch c := l.src[l.off]; {
		case c == '"':
			l.off++
			t.kind, t.text = tokString, b.String()
			if !utf8.ValidString(t.text) {
				t.kind, t.text = tokBad, "the string is not valid UTF-8"
			}
			return
		case c == '\\':
			if msg := l.escape(&b); msg != "" {
				t.kind, t.text = tokBad, msg
				l.skipString()
				return
			}
		case c < ' ' || c == 0x7f:
			t.kind, t.text = tokBad, "the string has no end on its line: expected `\"`"
			return
		default:
			r, n := utf8.DecodeRuneInString(l.src[l.off:])
			text := l.src[l.off : l.off+n]
			if msg := checkText(text); msg != "" {
				t.kind, t.text = tokBad, msg
				l.skipString()
				return
			}
			b.WriteRune(r)
			l.off += n
		}
	}
	t.kind, t.text = tokBad, "the string has no end: expected `\"`"
}

// skipString skips the rest of an invalid string.
func (l *lexer) skipString() {
	for l.off < len(l.src) && l.src[l.off] != '\n' {
		l.off++
		if l.src[l.off-1] == '"' {
			return
		}
	}
}

// escape reads `\t`, `\n`, `\r`, `\"`, `\'`, `\\`, two hexadecimal digits of a byte, or `\u{...}`.
func (l *lexer) escape(b *strings.Builder) string {
	rest := l.src[l.off+1:]
	if rest == "" {
		return "the string has no end: expected `\"`"
	}
	if i := strings.IndexByte(`tnr"'\`, rest[0]); i >= 0 {
		b.WriteByte("\t\n\r\"'\\"[i])
		l.off += 2
		return ""
	}
	if strings.HasPrefix(rest, "u{") {
		digits, _, ok := strings.Cut(rest[2:], "}")
		hex := strings.ReplaceAll(digits, "_", "")
		v, err := strconv.ParseUint(hex, 16, 32)
		separated := strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") || strings.Contains(digits, "__")
		if !ok || err != nil || separated || !utf8.ValidRune(rune(v)) || v > utf8.MaxRune {
			return "expected a Unicode scalar value in `\\u{...}`"
		}
		b.WriteRune(rune(v))
		l.off += len(`\u{}`) + len(digits)
		return ""
	}
	if len(rest) >= 2 {
		if v, err := strconv.ParseUint(rest[:2], 16, 8); err == nil && rest[0] != '+' && rest[0] != '-' {
			b.WriteByte(byte(v))
			l.off += 3
			return ""
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return fmt.Sprintf("unknown escape `\\%c` in the string", r)
}
