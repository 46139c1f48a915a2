//go:build scale && linux

package main

import (
	"fmt"
	"strings"
	"testing"
)

// Instances that start together on an empty database migrate it and load the
// starter record between them, once.
func TestScaleManyStartOnAnEmptyDatabase(t *testing.T) {
	bin, primary := binary(t), newPrimary(t)
	pooled := newBouncer(t, primary, 10)
	for _, many := range []int{2, 6} {
		t.Run(fmt.Sprint(many), func(t *testing.T) {
			database := fmt.Sprintf("many%d", many)
			primary.exec(t, "CREATE DATABASE "+database)
			var instances []*instance
			for n := range many {
				dsn := dsnOf(database, primary)
				if n%2 == 1 {
					dsn = pooled.dsnOf(database)
				}
				instances = append(instances, newInstance(t, fmt.Sprintf("instance %d", n+1), bin, []string{"DATABASE_URL=" + dsn}))
			}
			loaded := make(map[string]int)
			for _, i := range instances {
				i.ready(t)
				for line := range strings.Lines(i.stdout.String()) {
					if strings.HasPrefix(line, "starter record: ") {
						loaded[line]++
					}
				}
			}
			if len(loaded) != 3 {
				t.Errorf("loaded: %v", loaded)
			}
			for line, n := range loaded {
				if n != 1 {
					t.Errorf("%d times: %s", n, line)
				}
			}
			const want = "3 revisions, 2 imports, 427 resolutions"
			got, err := primary.ask(database, `SELECT (SELECT count(*) FROM revisions) || ' revisions, ' || (SELECT count(*) FROM imports)
				|| ' imports, ' || (SELECT count(*) FROM resolutions) || ' resolutions'`)
			if err != nil || got != want {
				t.Errorf("%s, %v; want %s", got, err, want)
			}
			verified(t, bin, dsnOf(database, primary), 0)
		})
	}
}

// Every command works through a PgBouncer in transaction mode, which gives
// each transaction whatever connection is free, of two.
func TestScaleEverythingThroughAPooler(t *testing.T) {
	bin, primary := binary(t), newPrimary(t)
	dsn := newBouncer(t, primary, 2).dsnOf("scvotes")
	one := newInstance(t, "one", bin, []string{"DATABASE_URL=" + dsn})
	two := newInstance(t, "two", bin, []string{"DATABASE_URL=" + dsn})
	one.ready(t)
	two.ready(t)
	mustImport(t, bin, dsn, 1)
	w := newWatch(t, 3, one, two)
	for k := 2; k <= 4; k++ {
		mustImport(t, bin, dsn, k)
	}
	w.goOn(50)
	w.end()
	for _, args := range [][]string{
		{"edit", "S-RES-2333-2016", "topic", "Mali", "--reason", "a test", "--reference", "S/PV.7851"},
		{"edit", "S-RES-2333-2016", "undo", "7", "--reason", "a test", "--reference", "S/PV.7851"},
		{"rebuild"}, {"migrate", "up"}, {"migrate", "status"}, {"show", "S/2016/1110"}, {"export", "--format", "ndjson"},
	} {
		if got := scvotes(t, bin, dsn, args...); got.code != 0 {
			t.Errorf("%v: exit code %d\n%s", args, got.code, got.stderr)
		}
	}
	verified(t, bin, dsn, 4)
}
