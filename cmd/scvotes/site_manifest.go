package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"scvotes/votes"
)

const (
	manifestName   = "site.json"
	manifestFormat = "scvotes-site/1"
)

// siteManifest tells what a site holds: each address with its file, and what is
// not in it. It is written as site.json, and tells an export from any other folder.
type siteManifest struct {
	Format      string            `json:"format"`
	PublicURL   string            `json:"public_url"`
	Version     string            `json:"version"` // of the program
	Exported    time.Time         `json:"exported"`
	Revision    votes.Revision    `json:"revision"`
	Headers     map[string]string `json:"headers"` // of every answer
	Moved       []siteMove        `json:"moved"`
	Questions   map[string]int    `json:"questions"`    // paths, and how many addresses with a filter were linked and left to a server
	NeedsServer map[string]string `json:"needs_server"` // what no file can answer, and why
	LeftOut     int               `json:"left_out"`     // pictures, where they were not wanted
	Dead        map[string]string `json:"dead"`         // links to which the server has no answer
	Others      []string          `json:"others"`       // files that are no answers
	Files       []siteFile        `json:"files"`

	routes map[string]*siteHead // by path, of those that have a file
}

// siteFile is one answer.
type siteFile struct {
	Address     string            `json:"address"`
	File        string            `json:"file"`
	ContentType string            `json:"content_type"`
	ETag        string            `json:"etag,omitempty"` // that the server gives it
	Bytes       int64             `json:"bytes"`
	SHA256      string            `json:"sha256"`
	Headers     map[string]string `json:"headers,omitempty"` // beside those of every answer

	header map[string]string
}

// siteMove is an address that leads to another.
type siteMove struct {
	Address  string `json:"address"`
	Location string `json:"location"`
	Status   int    `json:"status"`
}

// siteHead is what all answers of a route have in common.
type siteHead struct {
	contentTypes map[string]bool
	header       map[string]string
}

func newSiteManifest(publicURL string, rev votes.Revision, now time.Time) *siteManifest {
	return &siteManifest{Format: manifestFormat, PublicURL: publicURL, Version: versionText(), Exported: now.UTC().Truncate(time.Second),
		Revision: rev, Moved: []siteMove{}, Questions: make(map[string]int), NeedsServer: needsServer, Dead: make(map[string]string),
		routes: make(map[string]*siteHead)}
}

func (m *siteManifest) add(route string, f siteFile) {
	m.Files = append(m.Files, f)
	head := m.routes[route]
	if head == nil {
		head = &siteHead{make(map[string]bool), maps.Clone(f.header)}
		m.routes[route] = head
	}
	head.contentTypes[f.ContentType] = true
	head.header = common(head.header, f.header)
}

// common is what two heads both say.
func common(a, b map[string]string) map[string]string {
	both := make(map[string]string)
	for name, value := range a {
		if other, ok := b[name]; ok && other == value {
			both[name] = value
		}
	}
	return both
}

// beyond is what a head says beside another.
func beyond(all, besides map[string]string) map[string]string {
	rest := make(map[string]string)
	for name, value := range all {
		if besides[name] != value {
			rest[name] = value
		}
	}
	return rest
}

// finish puts the manifest in order, so that the same record gives the same one.
func (m *siteManifest) finish(left map[string]bool) error {
	for path, head := range m.routes {
		if len(head.contentTypes) > 1 {
			return fmt.Errorf("GET %s answers with %s: a host of files can be told one", path, strings.Join(slices.Sorted(maps.Keys(head.contentTypes)), " and "))
		}
		if m.Headers == nil {
			m.Headers = head.header
		}
		m.Headers = common(m.Headers, head.header)
	}
	for i, f := range m.Files {
		m.Files[i].Headers = beyond(f.header, m.Headers)
	}
	slices.SortFunc(m.Files, func(a, b siteFile) int { return strings.Compare(a.Address, b.Address) })
	slices.SortFunc(m.Moved, func(a, b siteMove) int { return strings.Compare(a.Address, b.Address) })
	for address := range left {
		path, _, _ := strings.Cut(address, "?")
		m.Questions[path]++
	}
	return nil
}

// write writes the manifest, a line for each file.
func (m *siteManifest) write(name string) error {
	m.Others = append(m.Others, manifestName)
	slices.Sort(m.Others)
	return writeFile(name, func(w io.Writer) error {
		head := *m
		head.Files = []siteFile{}
		b, err := json.MarshalIndent(head, "", " ")
		if err != nil {
			return err
		}
		const end = "[]\n}" // of the list of files, the last of the fields
		out := bufio.NewWriter(w)
		out.Write(b[:len(b)-len(end)]) // Flush tells of what fails
		for i, f := range m.Files {
			line, err := json.Marshal(f)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%s\n  %s", map[bool]string{true: "[", false: ","}[i == 0], line)
		}
		out.WriteString("\n ]\n}\n")
		return out.Flush()
	})
}

// readManifest reads the manifest of an earlier export.
func readManifest(name string) (*siteManifest, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	m := new(siteManifest)
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if m.Format != manifestFormat {
		return nil, fmt.Errorf("%s is not that of an export", name)
	}
	return m, nil
}
