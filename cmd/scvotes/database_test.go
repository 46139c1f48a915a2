package main

import (
	"slices"
	"strings"
	"testing"
)

func TestReplicaURLs(t *testing.T) {
	const a, b, c = "postgres://u:p@one:1,two:2/db?x=1,2", "postgresql://three/db", "postgres:///db?host=/tmp"
	for given, want := range map[string][]string{
		"":                                nil,
		"  ,":                             nil,
		a:                                 {a},
		a + "," + b:                       {a, b},
		a + ", " + b + "\n" + c:           {a, b, c},
		c + "," + c:                       {c, c},
		"host=one password=secret dbname": {"!"},
		a + " secret":                     {"!"},
	} {
		t.Setenv("DATABASE_REPLICA_URLS", given)
		for _, db := range []database{{url: a}, {url: a, replicas: []string{given}}} {
			got, err := db.replicaURLs()
			if err != nil {
				if exitCode(err) != exitUsage || strings.Contains(err.Error(), "secret") {
					t.Errorf("%q: %v (exit code %d)", given, err, exitCode(err))
				}
				got = []string{"!"}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q gives %q, want %q", given, got, want)
			}
		}
	}
	db := database{url: a, replicas: []string{b, c}}
	t.Setenv("DATABASE_REPLICA_URLS", a)
	if got, err := db.replicaURLs(); err != nil || !slices.Equal(got, []string{b, c}) {
		t.Errorf("the flags give %q (%v)", got, err)
	}
	if _, err := (&database{}).replicaURLs(); exitCode(err) != exitUsage {
		t.Errorf("replicas of a private Postgres: %v", err)
	}
}
