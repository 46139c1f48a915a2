package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the program, its tests and its containers are made of is named exactly.
func TestEverythingFetchedIsNamedExactly(t *testing.T) {
	list, err := exec.Command("git", "-C", repository, "ls-files").Output()
	if err != nil {
		t.Fatalf("the files are listed by git: %v", err)
	}
	exact := regexp.MustCompile(`^[0-9]+(\.[0-9]+)+$`)
	checked := map[string]int{}
	for path := range strings.FieldsSeq(string(list)) {
		text := read(t, filepath.Join(repository, path))
		switch filepath.Base(path) {
		case "package.json":
			checked["package.json"]++
			var p struct{ Dependencies map[string]string }
			if err := json.Unmarshal([]byte(text), &p); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			for name, version := range p.Dependencies {
				if !exact.MatchString(version) {
					t.Errorf("%s: %s %s", path, name, version)
				}
			}
		case "package-lock.json":
			checked["package-lock.json"]++
			if strings.Contains(text, `"resolved"`) || strings.Count(text, `"integrity"`) < 10 {
				t.Errorf("%s names where things are fetched from, or not what", path)
			}
		case "requirements.txt":
			checked["requirements.txt"]++
			for line := range strings.Lines(text) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") && !strings.Contains(line, "==") {
					t.Errorf("%s: %s", path, line)
				}
			}
		case "go.mod":
			checked["go.mod"]++
			if _, err := os.Stat(filepath.Join(repository, filepath.Dir(path), "go.sum")); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			if strings.Contains(text, "\nreplace ") || strings.Contains(text, "latest") {
				t.Errorf("%s replaces a module, or takes whatever is newest", path)
			}
		case "Dockerfile":
			checked["Dockerfile"]++
			for _, m := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(text, -1) {
				if m[1] != "scratch" && !regexp.MustCompile(`:[0-9]+\.[0-9]+\.[0-9]+$`).MatchString(m[1]) {
					t.Errorf("%s: %s", path, m[1])
				}
			}
		}
	}
	for name, least := range map[string]int{"package.json": 2, "package-lock.json": 1, "requirements.txt": 2, "go.mod": 3, "Dockerfile": 1} {
		if checked[name] < least {
			t.Errorf("%d files %s were read, want %d", checked[name], name, least)
		}
	}
}
