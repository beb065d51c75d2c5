// This file implements the escaping and shortening of texts from inputs.

package diag

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits on the length of a text in a message: of one word, and in total.
const (
	maxWord = 300
	maxText = 4000
)

// Clean makes a text printable: on one line, without control characters, and of limited length.
func Clean(s string) string {
	if len(s) <= maxWord && plain(s) {
		return s
	}
	words := strings.Split(shorten(s, maxText), " ")
	for i, w := range words {
		words[i] = escape(shorten(w, maxWord))
	}
	return strings.Join(words, " ")
}

func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// shorten omits the middle of a text of more than n bytes.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	head, tail := n*2/3, len(s)-n/4
	for head > 0 && !utf8.RuneStart(s[head]) {
		head--
	}
	for tail < len(s) && !utf8.RuneStart(s[tail]) {
		tail++
	}
	return s[:head] + "[... " + strconv.Itoa(tail-head) + " bytes ...]" + s[tail:]
}

// escape escapes non-printable characters, including those that change the direction of text, as in Go strings.
func escape(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r != utf8.RuneError && strconv.IsPrint(r) {
			b.WriteString(s[i : i+n])
		} else {
			q := strconv.QuoteToASCII(s[i : i+n])
			b.WriteString(q[1 : len(q)-1])
		}
		i += n
	}
	return b.String()
}
