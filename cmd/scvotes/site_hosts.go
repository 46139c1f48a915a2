package main

import (
	_ "embed"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

//go:embed site_nginx.conf.tmpl
var nginxText string

var nginxTemplate = template.Must(template.New("").Parse(nginxText))

// notFoundPage and notFoundProblem are what a host answers to an address that
// has no file. They are not the server's: the copy knows less than it does.
const (
	notFoundPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not in this copy · scvotes</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main id="content">
<h1>Not in this copy</h1>
<p>This is the voting record as files. It has a page for every vote and every member, and the lists and figures that
those lead to. It has no answer to this address: searches and most filters need a server.</p>
<p><a href="/">All that is here</a> · <a href="/data">The whole record to download</a></p>
</main>
</body>
</html>
`
	notFoundProblem = `{"type":"about:blank","title":"Not in this copy","status":404,"detail":"this is the record as files, which holds no answer to this address: searches and most filters need a server; site.json lists every address there is"}
`
)

// hostRoute is one route as the configuration of a host has it.
type hostRoute struct {
	siteRoute
	ContentType string
	Headers     map[string]string // beside those of every answer
	Ending      string            // of the file of an address that has none itself
}

// hostRoutes are the routes that have files, in the order in which they are tried.
func (m *siteManifest) hostRoutes(routes []siteRoute) (list []hostRoute) {
	for _, r := range routes {
		head := m.routes[r.path]
		if head == nil {
			continue
		}
		h := hostRoute{siteRoute: r, Headers: beyond(head.header, m.Headers)}
		for h.ContentType = range head.contentTypes { // there is one
		}
		if !r.file {
			h.Ending = ".json"
			if strings.HasPrefix(h.ContentType, "text/html") {
				h.Ending = ".html"
			}
		}
		list = append(list, h)
	}
	return list
}

// writeHostFiles writes what tells hosts how to serve the site that will be in dir.
func (m *siteManifest) writeHostFiles(staging, dir string, routes []siteRoute) error {
	hosted := m.hostRoutes(routes)
	for name, write := range map[string]func(io.Writer) error{
		"404.html":   text(notFoundPage),
		"404.json":   text(notFoundProblem),
		"_headers":   func(w io.Writer) error { return m.writeHeaders(w, hosted) },
		"_redirects": func(w io.Writer) error { return m.writeRedirects(w, hosted) },
		"nginx.conf": func(w io.Writer) error {
			return nginxTemplate.Execute(w, nginxSite{siteManifest: m, Root: dir, Routes: hosted})
		},
	} {
		m.Others = append(m.Others, name)
		if _, err := os.Stat(filepath.Join(staging, name)); err == nil {
			return fmt.Errorf("/%s is an answer of the server, and would be overwritten", name)
		}
		if err := writeFile(filepath.Join(staging, name), write); err != nil {
			return err
		}
	}
	return nil
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// nginxSite is what nginx.conf is made of.
type nginxSite struct {
	*siteManifest
	Root   string
	Routes []hostRoute
}

// Host is the name of the site.
func (s nginxSite) Host() string {
	u, err := url.Parse(s.PublicURL)
	if err != nil {
		return "_"
	}
	return u.Hostname()
}

// Question is the expression for queries that may name a file, as nginx has it.
func (nginxSite) Question() string { return "~" + reQuestion.String() }

// QuestionFolder and ManifestName are names of the layout.
func (nginxSite) QuestionFolder() string { return questionFolder }
func (nginxSite) ManifestName() string   { return manifestName }

// Quoted is a text as nginx reads it.
func (nginxSite) Quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// Everywhere are the headers of every answer, with more, as fields of nginx: one
// place that sets any header of its own inherits none.
func (s nginxSite) Everywhere(more map[string]string) []string {
	all := maps.Clone(s.Headers)
	maps.Copy(all, more)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, name+" "+s.Quoted(all[name]))
	}
	return list
}

// Location is how nginx finds the route.
func (r hostRoute) Location() string {
	if !r.several() {
		return "= " + r.path
	}
	return `~ "` + r.match.String() + `"`
}

// File is the file of an address of the route, as nginx works it out.
func (r hostRoute) File() string {
	if r.file {
		return "$scvotes_folder$uri$scvotes_question"
	}
	return "$scvotes_folder$uri$scvotes_index" + r.Ending
}

// Leads lists the moves of a status as nginx compares them: the path as it is
// read, not as it is spelled.
func (s nginxSite) Leads(status int) (list []string) {
	for _, move := range s.Moved {
		if move.Status == status {
			path, query, asked := strings.Cut(move.Address, "?")
			if read, err := url.PathUnescape(path); err == nil {
				path = read
			}
			if asked {
				path += "?" + query
			}
			list = append(list, s.Quoted(path)+" "+s.Quoted(move.Location))
		}
	}
	return list
}

// writeHeaders writes _headers as Netlify and Cloudflare Pages read it.
func (m *siteManifest) writeHeaders(w io.Writer, routes []hostRoute) error {
	var b strings.Builder
	rule := func(path string, header map[string]string) {
		fmt.Fprintln(&b, path)
		for _, name := range slices.Sorted(maps.Keys(header)) {
			fmt.Fprintf(&b, "  %s: %s\n", name, header[name])
		}
	}
	rule("/*", m.Headers)
	for _, r := range routes {
		header := maps.Clone(r.Headers)
		if r.file { // of others the ending of the file tells the type
			header["Content-Type"] = r.ContentType
		}
		if len(header) > 0 {
			rule(placeholders(r.path), header)
		}
	}
	return text(b.String())(w)
}

var reBraces = regexp.MustCompile(`\{(\w+)\}`)

// placeholders writes {id} as :id.
func placeholders(path string) string { return reBraces.ReplaceAllString(path, ":$1") }

// writeRedirects writes _redirects as the same two read it: what leads elsewhere,
// the newest first where a host reads only so many, then the answers in JSON that
// no query can change. A list is not among them: whoever follows its next on a
// host that drops the query would be given the first page for ever.
func (m *siteManifest) writeRedirects(w io.Writer, routes []hostRoute) error {
	var b strings.Builder
	moves := slices.Clone(m.Moved)
	slices.SortStableFunc(moves, func(a, b siteMove) int { return strings.Compare(b.Location, a.Location) })
	for _, move := range moves {
		if !strings.Contains(move.Address, "?") {
			fmt.Fprintln(&b, move.Address, move.Location, move.Status)
		}
	}
	for _, r := range routes {
		if r.Ending == ".json" && !r.asks {
			path := placeholders(r.path)
			fmt.Fprintln(&b, path, path+"/index.json", 200)
		}
	}
	return text(b.String())(w)
}
