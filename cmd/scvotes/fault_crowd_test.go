//go:build linux

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"scvotes/store/pgtest"
	"scvotes/votes"
)

// crowdText is what one of a crowd imports: votes of its own, and one that all
// of them tell of.
func crowdText(n int) string {
	var b strings.Builder
	b.WriteString("draft,meeting,date,tally,title\nS/2013/9999,S/PV.6999,2013-07-01,14-0-1,told by all\n")
	for v := range 10 {
		fmt.Fprintf(&b, "S/2013/%d,S/PV.%d,2013-06-01,15-0-0,told by %d\n", 10000+100*n+v, 50000+100*n+v, n)
	}
	return b.String()
}

func crowdFile(t *testing.T, n int) string {
	t.Helper()
	return write(t, "crowd.csv", crowdText(n))
}

// Imports that all begin at once land one after the other, each in a revision
// of its own, or are refused in plain words and land when they are tried again.
func testCrowd(t *testing.T, s *site) {
	dsn := s.database(t, "crowd")
	n := pgtest.Times(6, 64)
	var all []*task
	begun := time.Now()
	for k := range n {
		all = append(all, launch(t, fmt.Sprintf("import %d", k), nil, []string{"DATABASE_URL=" + dsn}, s.bin,
			"import", "--source", fmt.Sprintf("Source %d", k), crowdFile(t, k)))
	}
	refused := 0
	for k, in := range all {
		if code := in.code(t); code == 0 {
			continue
		} else if said := in.stderr.String(); code != exitFailed || !strings.Contains(said, votes.ErrUnavailable.Error()) {
			t.Errorf("import %d: exit code %d\n%s", k, code, said)
		}
		refused++
		until(t, 30*time.Second, "it lands when it is tried again", func() error {
			if got := cli(t, "import", "--database-url", dsn, "--source", fmt.Sprintf("Source %d", k), crowdFile(t, k)); got.code != 0 {
				return fmt.Errorf("exit code %d: %s", got.code, got.stderr)
			}
			return nil
		})
	}
	t.Logf("figure: %d programs imported at once: %d landed, %d were refused and landed when tried again, in %v", n, n-refused, refused, round(time.Since(begun)))
	want := fmt.Sprintf("%d revisions, %d imports, %d accounts of the vote told by all, %d votes of their own", sceneBase+n, 2+n, n, 10*n)
	got, err := s.ask("crowd", `SELECT (SELECT count(*) FROM revisions) || ' revisions, ' || (SELECT count(*) FROM imports) || ' imports, '
		|| (SELECT count(*) FROM accounts WHERE resolution_id = 'S-2013-9999') || ' accounts of the vote told by all, '
		|| (SELECT count(*) FROM resolutions WHERE title LIKE 'told by %' AND title <> 'told by all') || ' votes of their own'`)
	if err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	clean(t, dsn, "a crowd of imports")
}
