package main

import (
	"strings"
	"testing"
	"time"
)

const wrkOutput = `Running 1s test @ http://127.0.0.1:39287/v1/members
  2 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   801.82ms  186.75ms   1.04s    90.48%
    Req/Sec    22.57     22.51    50.00     71.43%
  Latency Distribution
     50%  816.57us
     75%  947.18ms
     90%  967.57ms
     99%    1.04s 
  21 requests in 1.11s, 1.43MB read
Requests/sec:  12018.98
Transfer/sec:      1.29MB
`

func TestParseWrk(t *testing.T) {
	got, err := parseWrk(wrkOutput)
	if want := (sample{12018.98, 816570, 1040 * time.Millisecond}); got != want || err != nil {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for name, out := range map[string]string{
		"errors answered": strings.Replace(wrkOutput, "Requests/sec", "  Non-2xx or 3xx responses: 17\nRequests/sec", 1),
		"answers lost":    strings.Replace(wrkOutput, "Requests/sec", "  Socket errors: connect 0, read 3, write 0, timeout 0\nRequests/sec", 1),
		"no answer":       strings.Replace(wrkOutput, "12018.98", "    0.00", 1),
		"no percentiles":  strings.Replace(wrkOutput, "99%", "98%", 1),
		"nothing":         "unable to connect to 127.0.0.1:1 Connection refused\n",
	} {
		if got, err := parseWrk(out); err == nil {
			t.Errorf("%s: %+v, and no error", name, got)
		}
	}
}

const pgbenchOutput = `pgbench (15.18 (Debian 15.18-0+deb12u1))
transaction type: record.sql
scaling factor: 1
query mode: prepared
number of clients: 32
number of threads: 2
maximum number of tries: 1
duration: 2 s
number of transactions actually processed: 14530
number of failed transactions: 0 (0.000%)
latency average = 4.404 ms
initial connection time = 71.210 ms
tps = 7265.911234 (without initial connection time)
`

func TestParsePgbench(t *testing.T) {
	got, err := parsePgbench(pgbenchOutput)
	if want := (sample{PerSecond: 7265.911234}); got != want || err != nil {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for name, out := range map[string]string{
		"failures": strings.Replace(pgbenchOutput, "failed transactions: 0", "failed transactions: 3", 1),
		"no rate":  strings.Replace(pgbenchOutput, "tps = ", "", 1),
	} {
		if got, err := parsePgbench(out); err == nil {
			t.Errorf("%s: %+v, and no error", name, got)
		}
	}
}

const postgresLog = `2026-11-24 04:19:38.524 UTC [18562] LOG:  execute stmtcache_ed1c: SELECT number FROM revisions
2026-11-24 04:19:38.530 UTC [18563] LOG:  statement: LISTEN scvotes_revision
2026-11-24 04:19:38.534 UTC [18562] LOG:  execute stmtcache_2c6c: SELECT *,
		'it''s :odd' AS word
	  FROM resolutions
	 WHERE id = $1 AND note IS NOT DISTINCT FROM $2 LIMIT $10
2026-11-24 04:19:38.534 UTC [18563] LOG:  execute <unnamed>: SELECT 1
2026-11-24 04:19:38.535 UTC [18562] DETAIL:  parameters: $1 = 'Côte d''Ivoire, $2 = ''x''', $2 = NULL, $3 = '3', $4 = '4', $5 = '5', $6 = '6', $7 = '7', $8 = '8', $9 = '9', $10 = 'two
	lines'
2026-11-24 04:19:38.536 UTC [18562] ERROR:  something else
`

func TestStatementsOfTheLog(t *testing.T) {
	all := parseLog(postgresLog)
	if len(all) != 4 || all[0].sql != "SELECT number FROM revisions" || all[1].sql != "LISTEN scvotes_revision" || all[3].sql != "SELECT 1" {
		t.Fatalf("%+v", all)
	}
	st := all[2]
	if want := "SELECT *,\n\t'it''s :odd' AS word\n  FROM resolutions\n WHERE id = $1 AND note IS NOT DISTINCT FROM $2 LIMIT $10"; st.sql != want {
		t.Errorf("%q, want %q", st.sql, want)
	}
	if len(st.args) != 10 || *st.args[0] != "Côte d'Ivoire, $2 = 'x'" || st.args[1] != nil || *st.args[9] != "two\nlines" {
		t.Errorf("%d values, the first %q and the last %q", len(st.args), *st.args[0], *st.args[len(st.args)-1])
	}
	if len(all[0].args)+len(all[3].args) != 0 {
		t.Error("values were given to a statement of another process, or to one that has none")
	}
	text, variables, err := st.script()
	want := "SELECT *,\n\tU&'it''s \\003Aodd' AS word\n  FROM resolutions\n WHERE id = :p1 AND note IS NOT DISTINCT FROM NULL LIMIT :p10;\n"
	if text != want || err != nil {
		t.Errorf("%q, %v; want %q", text, err, want)
	}
	if len(variables) != 9 || variables[0] != "p1=Côte d'Ivoire, $2 = 'x'" || variables[8] != "p10=two\nlines" {
		t.Errorf("%q", variables)
	}
	if _, _, err := (statement{sql: "SELECT $1"}).script(); err == nil {
		t.Error("a value that is not in the log is no error")
	}
}

func TestParseStatus(t *testing.T) {
	u, err := parseStatus(strings.NewReader("Name:\tscvotes\nVmHWM:\t   51200 kB\nVmRSS:\t   40960 kB\n"))
	if want := (usage{"", 40 * megabyte, 50 * megabyte}); u != want || err != nil {
		t.Errorf("%+v, %v", u, err)
	}
	if u, err := parseStatus(strings.NewReader("Name:\tscvotes\n")); err == nil {
		t.Errorf("%+v, and no error", u)
	}
}

func TestScriptsForWrk(t *testing.T) {
	if got, want := postScript("{\"query\":\"\\\"x\\\"\n\"}"), `wrk.body = "{\"query\":\"\\\"x\\\"\n\"}"`; !strings.Contains(got, want) {
		t.Errorf("%s\nwants %s", got, want)
	}
	if got := anyOfScript([]string{"/a", "/b"}); !strings.Contains(got, "  \"/a\",\n  \"/b\",\n") {
		t.Error(got)
	}
}
