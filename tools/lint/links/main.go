// Command links checks the links of Markdown files: that files, folders, pictures and headings that relative links name exist.
// Links to other hosts are not followed.
//
//	links FILE.md...
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

func main() {
	c := checker{pages: map[string]*page{}}
	wrong := 0
	for _, file := range os.Args[1:] {
		problems, err := c.check(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, "links:", err)
			os.Exit(2)
		}
		for _, p := range problems {
			fmt.Fprintf(os.Stderr, "links: %s: %s\n", file, p)
			wrong++
		}
	}
	fmt.Printf("links: %d files, %d links\n", len(os.Args)-1, c.links)
	if wrong > 0 {
		os.Exit(1)
	}
}

// checker checks links, and keeps the pages that they lead to.
type checker struct {
	pages map[string]*page
	links int // relative ones, that were checked
}

// page is what links need of a Markdown file.
type page struct {
	links   []string
	anchors map[string]bool
}

// check returns the problems of the links of a file.
func (c *checker) check(file string) (problems []string, err error) {
	p, err := c.page(file)
	if err != nil {
		return nil, err
	}
	for _, link := range p.links {
		u, err := url.Parse(link)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s is no URL", link))
			continue
		}
		if u.Scheme != "" || u.Host != "" {
			continue
		}
		c.links++
		problem, err := c.target(file, u)
		if err != nil {
			return nil, err
		}
		if problem != "" {
			problems = append(problems, link+": "+problem)
		}
	}
	return problems, nil
}

// target returns what is wrong with the target of a relative link, or "".
func (c *checker) target(file string, u *url.URL) (string, error) {
	to := file
	if u.Path != "" {
		to = filepath.Join(filepath.Dir(file), filepath.FromSlash(u.Path))
	}
	info, err := os.Stat(to)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return to + " does not exist", nil
	case err != nil:
		return "", err
	case u.Fragment == "":
		return "", nil
	case info.IsDir() || filepath.Ext(to) != ".md":
		return "only Markdown files have headings", nil
	}
	p, err := c.page(to)
	if err == nil && !p.anchors[u.Fragment] {
		return fmt.Sprintf("%s has no heading #%s", to, u.Fragment), nil
	}
	return "", err
}

// page reads a Markdown file.
func (c *checker) page(file string) (*page, error) {
	file = filepath.Clean(file)
	if p := c.pages[file]; p != nil {
		return p, nil
	}
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p := parse(source)
	c.pages[file] = p
	return p, nil
}

// parse finds the links and headings of a page.
func parse(source []byte) *page {
	p := &page{anchors: map[string]bool{}}
	seen := map[string]int{}
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	// The walk only fails if the function does.
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			p.links = append(p.links, string(n.Destination))
		case *ast.Image:
			p.links = append(p.links, string(n.Destination))
		case *ast.Heading:
			a := anchor(plain(n, source))
			if k := seen[a]; k > 0 {
				p.anchors[fmt.Sprintf("%s-%d", a, k)] = true
			} else {
				p.anchors[a] = true
			}
			seen[a]++
		}
		return ast.WalkContinue, nil
	})
	return p
}

// plain returns the text of a heading.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(source))
		} else {
			b.WriteString(plain(c, source))
		}
	}
	return b.String()
}

// anchor returns the name that GitHub gives a heading: lower case, blanks as hyphens, without other punctuation.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-':
			return '-'
		case r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}
