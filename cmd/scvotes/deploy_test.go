package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oasdiff/yaml"
)

// expression is one question of the dashboard or of an alert.
type expression struct{ where, text string }

var (
	reMetric   = regexp.MustCompile(`\b(?:scvotes|go|process)_[a-z_]+\b`)
	reSelector = regexp.MustCompile(`\b((?:scvotes|go|process)_[a-z_]+)\{([^}]*)\}`)
	reMatcher  = regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)`)
)

// areUsedWell holds the dashboard and the alerts against the metrics that there
// are: they name no other, no other label, and the dashboard shows each.
func (s series) areUsedWell(t *testing.T) {
	dashboard, alerts := dashboardExpressions(t), alertExpressions(t)
	shown := make(map[string]bool)
	for _, e := range append(dashboard, alerts...) {
		if strings.Count(e.text, "(") != strings.Count(e.text, ")") {
			t.Errorf("%s: brackets in %s", e.where, e.text)
		}
		for _, name := range reMetric.FindAllString(e.text, -1) {
			if base, ok := s.known(name); ok {
				shown[base] = true
			} else {
				t.Errorf("%s: there is no metric %s", e.where, name)
			}
		}
		for _, m := range reSelector.FindAllStringSubmatch(e.text, -1) {
			base, _ := s.known(m[1])
			for _, label := range reMatcher.FindAllStringSubmatch(m[2], -1) {
				if of := append(s.labels[base], "instance", "job"); !slices.Contains(of, label[1]) { // these two are the scraper's
					t.Errorf("%s: %s has no label %s", e.where, m[1], label[1])
				}
			}
		}
	}
	if len(alerts) < 8 || len(dashboard) < 30 {
		t.Fatalf("%d alerts, %d questions of the dashboard", len(alerts), len(dashboard))
	}
	for _, name := range s.names() {
		if !shown[name] {
			t.Errorf("%s is neither on the dashboard nor in an alert", name)
		}
	}
}

// known finds the metric that a name stands for, with or without what a
// histogram puts behind it.
func (s series) known(name string) (string, bool) {
	if s.kinds[name] != "" && s.kinds[name] != "histogram" {
		return name, true
	}
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		if base, ok := strings.CutSuffix(name, suffix); ok && s.kinds[base] == "histogram" {
			return base, true
		}
	}
	return name, false
}

func dashboardExpressions(t *testing.T) (list []expression) {
	t.Helper()
	var d struct {
		UID, Title string
		Panels     []struct {
			ID          int
			Type, Title string
			GridPos     struct{ H, W, X, Y int }
			Targets     []struct{ Expr, RefID string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, filepath.Join("..", "..", "docs", "deploy", "grafana.json"))), &d); err != nil {
		t.Fatal(err)
	}
	ids := make(map[int]bool)
	for _, p := range d.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 || p.GridPos.H < 1 || (p.Type != "row") != (len(p.Targets) > 0) {
			t.Errorf("panel %d, %q: %+v", p.ID, p.Title, p)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			list = append(list, expression{"grafana.json, " + p.Title, target.Expr})
		}
	}
	return list
}

func alertExpressions(t *testing.T) (list []expression) {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	text, err := yaml.YAMLToJSON([]byte(read(t, filepath.Join("..", "..", "docs", "deploy", "alerts.yml"))))
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || r.Annotations["summary"] == "" || r.Annotations["do"] == "" || !slices.Contains([]string{"page", "ticket"}, r.Labels["severity"]) {
				t.Errorf("alert %q does not say what it is and what to do: %+v", r.Alert, r)
			}
			list = append(list, expression{"alerts.yml, " + r.Alert, r.Expr})
		}
	}
	return list
}
