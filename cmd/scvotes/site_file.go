package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// questionFolder holds the answers to addresses with a query: a host that cannot
// tell them apart leaves it alone.
const questionFolder = "_query"

// reQuestion is a query that can be the name of a file. It begins with a letter
// or digit and has no slash, so that it leads out of no folder, and with the
// ending has no more than the 255 letters that file systems allow. nginx.conf
// has the same expression.
var reQuestion = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z%&=+._~:,*-]{0,246}$`)

// fileName is where the answer to an address lies, below the folder of the site.
// An address without the ending of a file is a folder with an index in it, for
// other addresses go on behind it.
func (r siteRoute) fileName(path, query, contentType string) (string, error) {
	name, ending := strings.TrimPrefix(path, "/"), ""
	if !r.file {
		switch {
		case strings.HasPrefix(contentType, "text/html"):
			ending = ".html"
		case isJSON(contentType):
			ending = ".json"
		default:
			return "", fmt.Errorf("%s: the export knows no ending for %s", path, contentType)
		}
	}
	switch {
	case query == "" && r.file:
	case query == "":
		name += "/index" + ending
	default:
		name = questionFolder + "/" + name + "/" + query + ending
	}
	name = filepath.ToSlash(filepath.Clean(strings.TrimPrefix(name, "/")))
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("%s: it cannot be the name of a file", path)
	}
	return name, nil
}

// siteAnswer takes one answer of the server, and writes its body into a file as
// it comes.
type siteAnswer struct {
	header  http.Header
	status  int
	place   func(contentType string) (string, error) // the file for an answer of a type
	name    string                                   // of that file
	file    *os.File
	sum     hash.Hash
	bytes   int64
	read    bool // the body is wanted for its links
	body    bytes.Buffer
	problem error
}

func (a *siteAnswer) Header() http.Header { return a.header }

func (a *siteAnswer) WriteHeader(status int) {
	if a.status != 0 {
		return
	}
	a.status = status
	if status != http.StatusOK {
		return
	}
	contentType := a.header.Get("Content-Type")
	a.read, a.sum = holdsLinks(contentType), sha256.New()
	if a.name, a.problem = a.place(contentType); a.problem != nil {
		return
	}
	if a.problem = os.MkdirAll(filepath.Dir(a.name), 0o755); a.problem != nil {
		return
	}
	// O_EXCL: two addresses with one file would be one answer for both.
	a.file, a.problem = os.OpenFile(a.name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
}

func (a *siteAnswer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if a.problem != nil {
		return 0, a.problem
	}
	if a.file == nil { // a fault or a redirect: its body is nothing to keep
		return len(b), nil
	}
	n, err := a.file.Write(b)
	a.bytes += int64(n)
	a.sum.Write(b[:n])
	if a.read {
		a.body.Write(b[:n])
	}
	a.problem = err
	return n, err
}

// end closes the file. An answer that was not written whole is an error, whether
// the handler told so or broke off.
func (a *siteAnswer) end() error {
	if a.file != nil {
		a.problem = errors.Join(a.problem, a.file.Close())
	}
	return a.problem
}

func (a *siteAnswer) sha256() string { return hex.EncodeToString(a.sum.Sum(nil)) }
