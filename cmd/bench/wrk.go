package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// connections is how many clients ask at the same time, of scvotes, of its peers
// and of Postgres.
const connections = 32

// sample is what one measurement gave.
type sample struct {
	PerSecond float64
	P50, P99  time.Duration // zero where it is not known
}

// load is what wrk asks, again and again.
type load struct {
	url     string
	header  []string
	script  string // Lua; where it is set it makes the requests
	threads int    // loadThreads where it is 0
}

// loadThreads is how many threads of wrk ask, where nothing else is said.
const loadThreads = 2

// wrk loads a server for some time.
func (s *site) wrk(ctx context.Context, l load, d time.Duration) (sample, error) {
	args := []string{"-t" + strconv.Itoa(cmp.Or(l.threads, loadThreads)), "-c" + strconv.Itoa(connections), fmt.Sprintf("-d%ds", max(1, int(d.Seconds()))), "--timeout", "10s", "--latency"}
	for _, h := range l.header {
		args = append(args, "-H", h)
	}
	if l.script != "" {
		args = append(args, "-s", l.script)
	}
	out, err := s.output(ctx, nil, "wrk", append(args, l.url)...)
	if err != nil {
		return sample{}, err
	}
	return parseWrk(out)
}

var (
	wrkRate    = regexp.MustCompile(`(?m)^Requests/sec:\s+([0-9.]+)[ \t]*$`)
	wrkPart    = regexp.MustCompile(`(?m)^\s+(50|99)%\s+([0-9.]+)(us|ms|s|m)[ \t]*$`)
	wrkRefused = regexp.MustCompile(`(?m)^\s*(Non-2xx or 3xx responses: .*|Socket errors: .*)$`)
)

var wrkUnits = map[string]time.Duration{"us": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "m": time.Minute}

// parseWrk reads what wrk --latency prints. Answers that are errors make it an
// error: how fast a server refuses is not what is asked.
func parseWrk(out string) (sample, error) {
	if bad := wrkRefused.FindStringSubmatch(out); bad != nil {
		return sample{}, fmt.Errorf("wrk: %s", bad[1])
	}
	var r sample
	rate := wrkRate.FindStringSubmatch(out)
	parts := wrkPart.FindAllStringSubmatch(out, -1)
	if rate == nil || len(parts) != 2 {
		return r, fmt.Errorf("wrk printed no rate or no percentiles:\n%s", out)
	}
	var err error
	if r.PerSecond, err = strconv.ParseFloat(rate[1], 64); err != nil {
		return r, err
	}
	if r.PerSecond == 0 {
		return r, errors.New("wrk: not one answer")
	}
	for _, p := range parts {
		n, err := strconv.ParseFloat(p[2], 64)
		if err != nil {
			return r, err
		}
		d := time.Duration(n * float64(wrkUnits[p[3]]))
		if p[1] == "50" {
			r.P50 = d
		} else {
			r.P99 = d
		}
	}
	return r, nil
}

// postScript asks by POST with a body of JSON.
func postScript(body string) string {
	return fmt.Sprintf("wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = %s\n", luaString(body))
}

// anyOfScript asks for one of many paths each time, by chance. The requests are
// put together beforehand, or wrk would take much of the machine for it.
func anyOfScript(paths []string) string {
	var b strings.Builder
	b.WriteString("local paths = {\n")
	for _, p := range paths {
		b.WriteString("  " + luaString(p) + ",\n")
	}
	b.WriteString(`}
local requests = {}
function init(args)
  math.randomseed(tonumber(tostring({}):match("0x(%x+)"), 16) % 2147483647)
  for i, path in ipairs(paths) do requests[i] = wrk.format("GET", path) end
end
function request() return requests[math.random(#requests)] end
`)
	return b.String()
}

var luaQuote = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`)

func luaString(s string) string { return `"` + luaQuote.Replace(s) + `"` }

func (s *site) script(name, text string) (string, error) {
	path := s.path(name)
	return path, os.WriteFile(path, []byte(text), 0o644)
}
