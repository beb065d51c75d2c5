// This file implements the reading of strings and characters.

package wave

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// text reads a string in either form.
func (p *parser) text() (string, error) {
	p.peek()
	if strings.HasPrefix(p.s[p.i:], `"""`) {
		return p.lines()
	}
	return p.quoted('"')
}

// quoted reads text between quotes on one line.
func (p *parser) quoted(q byte) (string, error) {
	if !p.take(q) {
		return "", p.errorf("text between " + map[byte]string{'"': "double quotes", '\'': "single quotes"}[q])
	}
	var b []byte
	for p.i < len(p.s) {
		if p.s[p.i] == q {
			p.i++
			return string(b), nil
		}
		r, err := p.char()
		if err != nil {
			return "", err
		}
		b = utf8.AppendRune(b, r)
	}
	return "", p.errorf("a closing " + string(q))
}

// lines reads text between """ on lines of their own. The indentation of the closing one is not part of the lines.
func (p *parser) lines() (string, error) {
	start := p.i
	p.i += 3
	if p.i == len(p.s) || p.s[p.i] != '\n' {
		return "", p.errorf(`the end of the line that begins with """`)
	}
	p.i++
	body := p.i
	end := -1
	for at := body; ; {
		line, _, more := strings.Cut(p.s[at:], "\n")
		if text := strings.TrimLeft(line, " "); strings.HasPrefix(text, `"""`) {
			end = at + len(line) - len(text)
			break
		}
		if !more {
			p.i = start
			return "", p.errorf(`a closing """ on a line of its own`)
		}
		at += len(line) + 1
	}
	from := strings.LastIndexByte(p.s[:end], '\n') + 1
	indent := p.s[from:end]
	var b []byte
	for first := true; p.i < from; first = false {
		if !first {
			b = append(b, '\n')
		}
		line, _, _ := strings.Cut(p.s[p.i:], "\n")
		next := p.i + len(line) + 1
		if strings.TrimLeft(line, " ") == "" && len(line) < len(indent) {
			p.i = next
			continue
		}
		if !strings.HasPrefix(line, indent) {
			return "", p.errorf(`at least as many blanks as before the closing """`)
		}
		for p.i += len(indent); p.i < next-1; {
			r, err := p.char()
			if err != nil {
				return "", err
			}
			b = utf8.AppendRune(b, r)
		}
		p.i = next
	}
	p.i = end + 3
	return string(b), nil
}

// char reads a character, which may be written as an escape sequence.
func (p *parser) char() (rune, error) {
	if p.s[p.i] == '\\' {
		return p.escape()
	}
	r, n := utf8.DecodeRuneInString(p.s[p.i:])
	if r == utf8.RuneError && n == 1 {
		return 0, p.errorf("text in UTF-8")
	}
	p.i += n
	return r, nil
}

// escape reads an escape sequence.
func (p *parser) escape() (rune, error) {
	if p.i+1 < len(p.s) {
		rest := p.s[p.i+1:]
		switch rest[0] {
		case 'n', 't', 'r', '\\', '"', '\'':
			p.i += 2
			return map[byte]rune{'n': '\n', 't': '\t', 'r': '\r', '\\': '\\', '"': '"', '\'': '\''}[rest[0]], nil
		case 'u':
			end := strings.IndexByte(rest, '}')
			if end > 2 && rest[1] == '{' {
				n, err := strconv.ParseUint(rest[2:end], 16, 21)
				if err == nil && utf8.ValidRune(rune(n)) {
					p.i += 1 + end + 1
					return rune(n), nil
				}
			}
		}
	}
	return 0, p.errorf(`an escape (\n \t \r \\ \" \' \u{hex})`)
}
