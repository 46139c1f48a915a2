package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/soak.md has a line for every fault that is made to happen, and names none
// that is not.
func TestThePageOfFaultsHasEach(t *testing.T) {
	top := filepath.Join("..", "..")
	page := read(t, filepath.Join(top, "docs", "soak.md"))
	named := make(map[string]bool)
	for _, m := range regexp.MustCompile("\\| `(\\^TestFault[^`]*)` \\|").FindAllStringSubmatch(page, -1) {
		name := strings.NewReplacer("^", "", "$", "").Replace(m[1])
		named[name] = true
		if test, part, ok := strings.Cut(name, "/"); ok { // of a part of a part the whole is named too
			named[test], named[test+"/"+strings.Split(part, "/")[0]] = true, true
		}
	}
	real := make(map[string]bool)
	for _, pattern := range []string{filepath.Join(top, "store", "fault*_test.go"), "fault_*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			text := read(t, file)
			for _, m := range regexp.MustCompile(`(?m)^func (TestFault\w*)\(`).FindAllStringSubmatch(text, -1) {
				real[m[1]] = true
			}
			if filepath.Base(file) == "fault_all_test.go" {
				for _, m := range regexp.MustCompile(`t\.Run\("([^"]+)"`).FindAllStringSubmatch(text, -1) {
					real["TestFault/"+strings.ReplaceAll(m[1], " ", "_")] = true
				}
			}
		}
	}
	for name := range real {
		if !named[name] {
			t.Errorf("docs/soak.md does not tell of %s", name)
		}
	}
	for name := range named {
		if !real[name] && strings.Count(name, "/") < 2 {
			t.Errorf("docs/soak.md tells of %s, which there is not", name)
		}
	}
	if len(real) < 15 {
		t.Errorf("only %d faults: %v", len(real), real)
	}
}
