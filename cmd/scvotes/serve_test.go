package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/store/pgtest"
	"scvotes/votes"
)

const serves = "scvotes serves the record at "

// anAdoptedVote is a file with one resolution that the starter record lacks.
const anAdoptedVote = `draft,resolution,meeting,date,yes,abstain
S/2016/1110,S/RES/2334 (2016),S/PV.7853,2016-12-23,AGO;CHN;EGY;ESP;FRA;GBR;JPN;MYS;NZL;RUS;SEN;UKR;URY;VEN,USA
`

func TestServeWithItsOwnPostgres(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	p := start(t, dir, "serve", "--addr", "127.0.0.1:0")
	address := p.stdout.wait(t, serves)
	if lines := strings.Split(strings.TrimSpace(p.stdout.String()), "\n"); !strings.HasPrefix(lines[len(lines)-1], serves) {
		t.Errorf("the last line is %q, not the address", lines[len(lines)-1])
	}
	for _, line := range []string{"427 lines of starter/resolutions.csv", "2 lines of starter/statements.csv", "6 lines of starter/edits.csv"} {
		if !strings.Contains(p.stdout.String(), "starter record: "+line+"\n") {
			t.Errorf("%q is not told of:\n%s", line, p.stdout.String())
		}
	}
	t.Run("a vetoed draft", func(t *testing.T) { checkVetoedDraft(t, address) })
	t.Run("a list", func(t *testing.T) { checkVetoesSince(t, address) })
	t.Run("import beside it", func(t *testing.T) {
		in := start(t, dir, "import", write(t, "votes.csv", anAdoptedVote))
		if code := in.ends(t); code != 0 {
			t.Fatalf("exit code %d", code)
		}
		if strings.Contains(in.stderr.String(), "starting PostgreSQL") {
			t.Error("import started a Postgres of its own")
		}
		r := get[votes.Resolution](t, address+"/v1/resolutions/S/RES/2334%20(2016)")
		if r.ID != "S-RES-2334-2016" || r.Outcome != votes.Adopted || r.Tally.String() != "14-0-1" {
			t.Errorf("%s: %s, %s", r.ID, r.Outcome, r.Tally)
		}
	})
	t.Run("as the roles", func(t *testing.T) {
		if got := start(t, dir, "roles", "show"); got.ends(t) != 0 {
			t.Errorf("%s%s", got.stdout.String(), got.stderr.String())
		}
	})
	t.Run("healthcheck", func(t *testing.T) {
		if got := cli(t, "healthcheck", "--addr", strings.TrimPrefix(address, "http://")); got.code != 0 {
			t.Errorf("exit code %d: %s", got.code, got.stderr)
		}
	})
	p.signal(t, syscall.SIGTERM)
	if code := p.ends(t); code != 0 || postgresRuns(dir) {
		t.Fatalf("exit code %d, Postgres runs: %v", code, postgresRuns(dir))
	}

	p = start(t, dir, "serve", "--addr", "127.0.0.1:0")
	address = p.stdout.wait(t, serves)
	if strings.Contains(p.stdout.String(), "starter") {
		t.Error("the starter record was loaded into a record that is not empty")
	}
	if r := get[votes.Resolution](t, address+"/v1/resolutions/S-RES-2334-2016"); len(r.Votes) != 15 {
		t.Errorf("after a restart there are %d votes", len(r.Votes))
	}
	p.signal(t, syscall.SIGINT)
	if code := p.ends(t); code != 0 || postgresRuns(dir) {
		t.Errorf("exit code %d, Postgres runs: %v", code, postgresRuns(dir))
	}
}

func checkVetoedDraft(t *testing.T, address string) {
	r := get[votes.Resolution](t, address+"/v1/resolutions/S-2024-835")
	var sponsors []votes.Code
	for _, s := range r.Sponsors {
		sponsors = append(sponsors, s.Code)
	}
	var against []string
	for _, v := range r.Votes {
		if v.Position != votes.Yes || v.Veto {
			against = append(against, fmt.Sprintf("%s %s, veto %v, permanent %v", v.Code, v.Position, v.Veto, v.Permanent))
		}
	}
	got := map[string]any{
		"names": []any{r.Draft, r.Resolution, r.Meeting, r.Date, r.Kind}, "outcome": r.Outcome, "reason": r.Reason,
		"tally": *r.Tally, "vetoed by": r.VetoedBy, "carried but for the veto": r.CarriedButForVeto, "roll call": r.RollCall,
		"sponsors": sponsors, "as": r.SponsoredAs, "votes": len(r.Votes), "against": against,
		"statements": len(r.Statements), "discrepancies": len(r.Discrepancies), "text": r.Links.Draft,
	}
	want := map[string]any{
		"names":   []any{votes.Symbol("S/2024/835"), votes.Symbol(""), votes.Symbol("S/PV.9790"), votes.Date("2024-11-20"), votes.DraftResolution},
		"outcome": votes.Vetoed, "reason": "14 in favour, 9 required; a permanent member voted against: United States",
		"tally":     votes.Tally{Yes: 14, No: 1, Members: 15, Required: 9},
		"vetoed by": []votes.Code{"USA"}, "carried but for the veto": true, "roll call": votes.RollComplete,
		"sponsors": []votes.Code{"DZA", "ECU", "GUY", "JPN", "MLT", "MOZ", "KOR", "SLE", "SVN", "CHE"}, "as": votes.Text("E10"),
		"votes": 15, "against": []string{"USA no, veto true, permanent true"},
		"statements": 2, "discrepancies": 0, "text": "https://undocs.org/S/2024/835",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// checkVetoesSince asks for what the United States has vetoed since 7 October
// 2023, all of it on Gaza and on Palestine's membership.
func checkVetoesSince(t *testing.T, address string) {
	page := get[struct {
		Data  []votes.Resolution `json:"data"`
		Total int                `json:"total"`
	}](t, address+"/v1/resolutions?vetoed_by=USA&from=2023-10-07")
	got := make([]string, len(page.Data))
	for i, r := range page.Data {
		got[i] = fmt.Sprintf("%s %s %s", r.Date, r.ID, r.Tally)
	}
	want := []string{
		"2025-06-04 S-2025-353 14-1-0",
		"2024-11-20 S-2024-835 14-1-0",
		"2024-04-18 S-2024-312 12-1-2",
		"2024-02-20 S-2024-173 13-1-1",
		"2023-12-22 S-PV.9520-oral-amendment 10-1-4",
		"2023-12-08 S-2023-970 13-1-1",
		"2023-10-18 S-2023-773 12-1-2",
	}
	if diff := cmp.Diff(want, got); diff != "" || page.Total != len(want) {
		t.Errorf("total %d: %s", page.Total, diff)
	}
}

func TestKilledServerLeavesNoPostgresAndLosesNothing(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	p := start(t, dir, "serve", "--addr", "127.0.0.1:0")
	p.stderr.wait(t, "making a data folder") // half way into its first start
	p.signal(t, syscall.SIGKILL)
	p.ends(t)

	p = start(t, dir, "serve", "--addr", "127.0.0.1:0")
	p.stdout.wait(t, serves)
	p.signal(t, syscall.SIGKILL)
	p.ends(t)
	waitGone(t, dir)

	p = start(t, dir, "serve", "--addr", "127.0.0.1:0")
	checkVetoedDraft(t, p.stdout.wait(t, serves))
	p.signal(t, syscall.SIGTERM)
	if code := p.ends(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestLastOneOutStopsPostgres(t *testing.T) {
	t.Parallel()
	dir := newFolder(t)
	server := start(t, dir, "serve", "--addr", "127.0.0.1:0", "--starter=false")
	server.stdout.wait(t, serves)
	in := start(t, dir, "import", "-")
	// More than a pipe holds: once it is taken, import is past the database.
	// Rows of commas alone, as a sheet has them below its last row, are no rows.
	if _, err := io.WriteString(in.stdin, anAdoptedVote+strings.Repeat(",,,,,\n", 50_000)); err != nil {
		t.Fatal(err)
	}
	server.signal(t, syscall.SIGTERM)
	if code := server.ends(t); code != 0 {
		t.Fatalf("serve: exit code %d", code)
	}
	if !postgresRuns(dir) {
		t.Fatal("serve stopped the Postgres that import uses")
	}
	in.stdin.Close()
	if code := in.ends(t); code != 0 || !strings.Contains(in.stdout.String(), "resolutions: 1 new") {
		t.Fatalf("import: exit code %d", code)
	}
	if postgresRuns(dir) {
		t.Error("the last one out left Postgres running")
	}
}

func TestServeOnADatabaseThatIsGiven(t *testing.T) {
	t.Setenv("DATABASE_URL", pgtest.New(t))
	t.Setenv("SCVOTES_ADDR", "127.0.0.1:1") // the flag goes before it
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var stdout, stderr output
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--addr", "127.0.0.1:0", "--starter=false"}, &stdout, &stderr)
	}()
	address := stdout.wait(t, serves)
	page := get[struct{ Total int }](t, address+"/v1/resolutions")
	if page.Total != 0 || strings.Contains(stdout.String(), "starter") {
		t.Errorf("--starter=false: %d resolutions\n%s", page.Total, stdout.String())
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("after a signal: %v", err)
	}
	if _, err := http.Get(address + "/healthz"); err == nil {
		t.Error("it still answers")
	}
}

func TestServeTellsAtOnceWhatIsWrong(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for addr, says := range map[string]string{
		taken.Addr().String(): "address already in use",
		"8080":                "missing port in address",
		"127.0.0.1:99999":     "invalid port",
	} {
		// The database is not even asked for: there is none at this address.
		got := cli(t, "serve", "--addr", addr, "--database-url", "postgres://127.0.0.1:1/x")
		if got.code != exitFailed || !strings.Contains(got.stderr, "cannot serve on "+addr) || !strings.Contains(got.stderr, says) {
			t.Errorf("%s: exit code %d, %s", addr, got.code, got.stderr)
		}
	}
}

func TestHealthcheckTellsWhatIsNotReady(t *testing.T) {
	t.Setenv("SCVOTES_ADDR", "127.0.0.1:1")
	for want, args := range map[int][]string{
		exitFailed: {"healthcheck"},
		exitUsage:  {"healthcheck", "--addr", "nowhere"},
	} {
		if got := cli(t, args...); got.code != want || got.stderr == "" {
			t.Errorf("%v: exit code %d, %s", args, got.code, got.stderr)
		}
	}
}

func get[T any](t *testing.T, url string) T {
	t.Helper()
	var v T
	client := http.Client{Timeout: 20 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", url, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(&v); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return v
}
