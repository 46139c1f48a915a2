package main

import (
	"encoding/json"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"scvotes/store"
	"scvotes/store/pgtest"
	"scvotes/votes/access"
)

// newTokenOf makes a token on a database as the command does, and returns it.
func newTokenOf(t *testing.T, db string, scopes string, more ...string) string {
	t.Helper()
	made := cli(t, append([]string{"--database-url", db, "token", "create", "--name", "night desk", "--scope", scopes}, more...)...)
	text := strings.TrimSpace(made.stdout)
	if _, err := access.Parse(text); err != nil || made.code != 0 {
		t.Fatalf("%+v: %v", made, err)
	}
	return text
}

func TestTokenCommands(t *testing.T) {
	db := pgtest.New(t)
	text := newTokenOf(t, db, "edit,import")
	id := text[4:16]
	list := cli(t, "--database-url", db, "token", "list")
	if !regexp.MustCompile(`(?m)^`+id+`  night desk  edit,import  \d{4}-\d\d-\d\d \d\d:\d\d  never      expires \d{4}-`).MatchString(list.stdout) ||
		strings.Contains(list.stdout, text[20:]) {
		t.Errorf("%+v", list)
	}
	for _, gone := range []string{id, text} { // a second time by the whole of it
		if r := cli(t, "--database-url", db, "token", "revoke", gone); r.code != 0 || r.stdout != "token "+id+" of night desk is revoked\n" {
			t.Errorf("%+v", r)
		}
	}
	if list := cli(t, "--database-url", db, "token", "list", "--json"); !strings.Contains(list.stdout, `"revoked":"20`) {
		t.Errorf("%+v", list)
	}
	for _, c := range []struct {
		code int
		args []string
	}{
		{exitUnknown, []string{"revoke", "abcdefghijkl"}},
		{exitUsage, []string{"revoke"}},
		{exitUsage, []string{"create", "--scope", "edit"}},
		{exitUsage, []string{"create", "--name", "n"}},
		{exitUsage, []string{"create", "--name", "n", "--scope", "write"}},
		{exitUsage, []string{"create", "--name", "n", "--scope", "edit", "--expires", "soon"}},
		{exitUsage, []string{"create", "--name", "n", "--scope", "edit", "--expires", "-1d"}},
		{exitUsage, []string{"create", "--name", "n", "--scope", "edit", "--expires", "99999999d"}},
		{exitUsage, nil},
		{exitUsage, []string{"make"}},
	} {
		if r := cli(t, append([]string{"--database-url", db, "token"}, c.args...)...); r.code != c.code || r.stdout != "" {
			t.Errorf("token %q: %+v", c.args, r)
		}
	}
}

func TestLives(t *testing.T) {
	for text, want := range map[string]time.Duration{"90d": 90 * 24 * time.Hour, "12h": 12 * time.Hour, "never": 0, "36600d": 36600 * 24 * time.Hour} {
		if got, err := parseLife(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

// Every command that changes something stands in the audit log, with who ran it.
func TestCommandsAreInTheAuditLog(t *testing.T) {
	db := pgtest.New(t)
	at := []string{"--database-url", db}
	file := write(t, "votes.csv", "draft,meeting,date,tally\nS/2014/916,7354,2014-12-30,8-2-5\n")
	edits := write(t, "edits.csv", "id,field,value,reason,reference\nS-2014-916,topic,Palestine,r,S/PV.7354\n")
	for _, args := range [][]string{{"import", file}, {"import", file}, {"import", "--dry-run", file}, {"edit", "S/2014/916", "region", "Middle East", "--reason", "r", "--reference", "d"},
		{"edit", "--file", edits}, {"rebuild"}, {"verify"}, {"export"}, {"token", "create", "--name", "n", "--scope", "read"}} {
		if r := cli(t, append(at, args...)...); r.code != 0 {
			t.Fatalf("%q: %+v", args, r)
		}
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(cli(t, append(at, "audit", "--json")...).stdout) {
		var e struct {
			Who, Client, Method, Route, Outcome string
			Target                              *string
			Token, Status                       *any
			Revision                            *int64
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Who != "cli:"+me.Username || e.Client == "" || e.Method != "CLI" || e.Outcome != "done" || e.Token != nil || e.Status != nil || e.Target == nil {
			t.Errorf("%s", line)
		}
		if e.Route == "scvotes token create" {
			*e.Target = "(an id)"
		}
		got = append(got, e.Route+" "+*e.Target)
	}
	want := []string{"scvotes token create (an id)", "scvotes edit " + filepath.Base(edits), "scvotes edit S/2014/916", "scvotes import votes.csv"}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("%q, want %q", got, want)
	}
	if r := cli(t, append(at, "audit", "--limit", "1")...); strings.Count(r.stdout, "\n") != 1 || !strings.Contains(r.stdout, "CLI scvotes token create") {
		t.Errorf("%+v", r)
	}
	if r := cli(t, append(at, "audit", "--limit", "0")...); r.code != exitUsage {
		t.Errorf("%+v", r)
	}
}

// The audit log tells of a schema that was taken back, as long as it is there itself.
func TestTakingTheSchemaBackTakesTheLogWithIt(t *testing.T) {
	db := pgtest.New(t)
	newTokenOf(t, db, "admin")
	if r := cli(t, "--database-url", db, "migrate", "down", "--yes", "--steps", "0"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if err := store.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if r := cli(t, "--database-url", db, "audit"); r.code != 0 || r.stdout != "" {
		t.Errorf("%+v", r)
	}
}
