// This file implements the lexer.

package witsyntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokIdent
	tokKeyword
	tokInteger
	tokString
	tokOp // one of the operators, or `_`
	tokBad
)

// token is a lexical unit. Its text is the source without a leading "%", for a string its value, and for a bad token
// the message.
type token struct {
	kind tokenKind
	text string
	pos  Pos
	end  int      // offset of the byte after it
	docs []string // doc comments before it
}

var keywords = func() map[string]bool {
	m := map[string]bool{}
	for _, k := range strings.Fields(`as async bool borrow char constructor enum error-context export f32 f64 flags from
		func future import include interface list map option own package record resource result s16 s32 s64 s8 static
		stream string tuple type u16 u32 u64 u8 use variant with world`) {
		m[k] = true
	}
	return m
}()

type lexer struct {
	src  string
	off  int
	line int
	// start is the offset of the current line.
	start int
	// document reports whether the text is a WAC document, which has more tokens than WIT.
	document bool
}

func (l *lexer) pos() Pos { return Pos{Offset: l.off, Line: l.line, Col: l.off - l.start + 1} }

// newline records that the byte at i ends a line.
func (l *lexer) newline(i int) { l.line, l.start = l.line+1, i+1 }

// next reads a token. Invalid input becomes a tokBad, and is skipped.
func (l *lexer) next() token {
	docs, bad := l.space()
	if bad != nil {
		bad.docs = docs
		return *bad
	}
	t := token{pos: l.pos(), docs: docs}
	if l.off >= len(l.src) {
		t.end = l.off
		return t
	}
	c := l.src[l.off]
	switch {
	case isLetter(c) || c == '%':
		l.ident(&t)
	case isDigit(c):
		end := l.off
		for end < len(l.src) && isDigit(l.src[end]) {
			end++
		}
		t.kind, t.text, l.off = tokInteger, l.src[l.off:end], end
	case c == '"':
		l.str(&t)
	case c == '-' && strings.HasPrefix(l.src[l.off:], "->"):
		t.kind, t.text = tokOp, "->"
		l.off += 2
	case l.document && strings.HasPrefix(l.src[l.off:], "..."):
		t.kind, t.text = tokOp, "..."
		l.off += 3
	case strings.IndexByte("=,:;(){}<>*/.@_", c) >= 0, l.document && (c == '[' || c == ']'):
		t.kind, t.text = tokOp, l.src[l.off:l.off+1]
		l.off++
	default:
		r, n := utf8.DecodeRuneInString(l.src[l.off:])
		t.kind, t.text = tokBad, fmt.Sprintf("unexpected character %q", r)
		if r == utf8.RuneError && n == 1 {
			t.text = "the file is not valid UTF-8"
		}
		l.off += n
	}
	t.end = l.off
	return t
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// space skips white space and comments, and returns the doc comments.
func (l *lexer) space() (docs []string, bad *token) {
	for l.off < len(l.src) {
		rest := l.src[l.off:]
		switch c := rest[0]; {
		case c == '\n':
			l.newline(l.off)
			l.off++
		case c == ' ' || c == '\t' || c == '\r':
			l.off++
		case strings.HasPrefix(rest, "//"):
			line := rest
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				line = rest[:i]
			}
			at := l.pos()
			l.off += len(line)
			if msg := checkText(line); msg != "" {
				return docs, &token{kind: tokBad, text: msg, pos: at, end: l.off}
			}
			if strings.HasPrefix(line, "///") && !strings.HasPrefix(line, "////") {
				docs = append(docs, strings.TrimSpace(line[3:]))
			}
		case strings.HasPrefix(rest, "/*"):
			at := l.pos()
			text, msg := l.blockComment()
			if msg == "" {
				msg = checkText(text)
			}
			if msg != "" {
				return docs, &token{kind: tokBad, text: msg, pos: at, end: l.off}
			}
			if strings.HasPrefix(text, "/**") && !strings.HasPrefix(text, "/***") && len(text) > len("/**/") {
				for _, line := range strings.Split(strings.TrimSpace(text[3:len(text)-2]), "\n") {
					docs = append(docs, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "*")))
				}
			}
		default:
			return docs, nil
		}
	}
	return docs, nil
}

// blockComment skips a comment, which may be nested, and returns its text.
func (l *lexer) blockComment() (text, msg string) {
	begin := l.off
	depth := 0
	for l.off < len(l.src) {
		switch rest := l.src[l.off:]; {
		case strings.HasPrefix(rest, "/*"):
			depth++
			l.off += 2
		case strings.HasPrefix(rest, "*/"):
			depth--
			l.off += 2
			if depth == 0 {
				return l.src[begin:l.off], ""
			}
		default:
			if rest[0] == '\n' {
				l.newline(l.off)
			}
			l.off++
		}
	}
	return "", "the comment has no end: expected `*/`"
}

// checkText reports what a WIT file must not contain: invalid UTF-8, control codes, bidirectional overrides and code
// points that Unicode discourages.
func checkText(s string) string {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t' {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == utf8.RuneError && n == 1:
			return "the file is not valid UTF-8"
		case r < ' ' || 0x7f <= r && r < 0xa0:
			return fmt.Sprintf("control code %U is not allowed", r)
		case 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069:
			return fmt.Sprintf("bidirectional override %U is not allowed", r)
		case discouraged[r]:
			return fmt.Sprintf("code point %U is deprecated by Unicode and not allowed", r)
		}
	}
	return ""
}

// discouraged are the code points that Unicode deprecates or strongly discourages.
var discouraged = map[rune]bool{
	0x149: true, 0x673: true, 0xf77: true, 0xf79: true, 0x17a3: true, 0x17a4: true, 0x17b4: true, 0x17b5: true,
	0xe0001: true,
}

// ident reads an identifier or keyword: a kebab-case label, or an identifier after "%".
func (l *lexer) ident(t *token) {
	explicit := l.src[l.off] == '%'
	if explicit {
		l.off++
	}
	end := l.off
	for end < len(l.src) {
		c := l.src[end]
		if !isLetter(c) && !isDigit(c) && !(c == '-' && !strings.HasPrefix(l.src[end:], "->")) {
			break
		}
		end++
	}
	t.text = l.src[l.off:end]
	l.off = end
	switch {
	case !explicit && (keywords[t.text] || l.document && docKeywords[t.text]):
		t.kind = tokKeyword
	case kebab(t.text):
		t.kind = tokIdent
	case t.text == "":
		t.kind, t.text = tokBad, "expected an identifier after `%`"
	default:
		t.kind, t.text = tokBad, fmt.Sprintf("`%s` is not in kebab case: expected words of letters and digits, all of one case, joined by `-`", t.text)
	}
}

// kebab checks the label production of the component model.
func kebab(s string) bool {
	for i, word := range strings.Split(s, "-") {
		var lower, upper bool
		for j := 0; j < len(word); j++ {
			switch c := word[j]; {
			case 'a' <= c && c <= 'z':
				lower = true
			case 'A' <= c && c <= 'Z':
				upper = true
			case i == 0 && j == 0:
				return false
			}
		}
		if word == "" || lower && upper {
			return false
		}
	}
	return true
}

// version reads a version from the current offset, after the "@" or "=". A "." belongs to the version only if another
// part follows.
func (l *lexer) version() token {
	if _, bad := l.space(); bad != nil {
		return *bad
	}
	t := token{kind: tokBad, pos: l.pos()}
	end := l.off
	for end < len(l.src) {
		c := l.src[end]
		dot := c == '.' && end+1 < len(l.src) && (isLetter(l.src[end+1]) || isDigit(l.src[end+1]) || l.src[end+1] == '-')
		if !isLetter(c) && !isDigit(c) && c != '-' && c != '+' && !dot {
			break
		}
		end++
	}
	t.text, l.off, t.end = l.src[l.off:end], end, end
	if err := checkVersion(t.text); err != "" {
		t.text = err
		return t
	}
	t.kind = tokString
	return t
}

// checkVersion checks Semantic Versioning 2.0.0.
func checkVersion(s string) string {
	core, build, hasBuild := strings.Cut(s, "+")
	core, pre, hasPre := strings.Cut(core, "-")
	parts := strings.Split(core, ".")
	ok := len(parts) == 3
	for _, p := range parts {
		ok = ok && number(p)
	}
	if hasPre {
		for _, p := range strings.Split(pre, ".") {
			ok = ok && word(p) && (strings.Trim(p, "0123456789") != "" || number(p))
		}
	}
	if hasBuild {
		for _, p := range strings.Split(build, ".") {
			ok = ok && word(p)
		}
	}
	if !ok {
		return fmt.Sprintf("`%s` is not a semantic version: expected major.minor.patch", s)
	}
	return ""
}

// number checks a decimal number without leading zeros that fits in 64 bits.
func number(s string) bool {
	if s == "" || strings.Trim(s, "0123456789") != "" || len(s) > 1 && s[0] == '0' {
		return false
	}
	return len(s) < 20 || len(s) == 20 && s <= "18446744073709551615"
}

func word(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isLetter(s[i]) && !isDigit(s[i]) && s[i] != '-' {
			return false
		}
	}
	return s != ""
}
