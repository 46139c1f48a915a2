package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fuzz asks whatever the contract makes possible: what it allows, what it nearly
// allows, and what somebody asks who means ill. Whatever it is, the answer is
// one that the contract describes, and none is a fault of the server's.
//
// SCVOTES_FUZZ is the number of requests, SCVOTES_FUZZ_SEED another course; both
// are told where a request fails, and lead to it again.
func (w *whole) fuzz(t *testing.T) {
	requests, seed := number(t, "SCVOTES_FUZZ", 500), number(t, "SCVOTES_FUZZ_SEED", 1)
	t.Logf("SCVOTES_FUZZ=%d SCVOTES_FUZZ_SEED=%d", requests, seed)
	revision := w.ask(t, http.MethodGet, "/readyz").body
	w.askAgain(t)
	g := newGenerator(t, w.contract, uint64(seed))
	statuses, failed := make(map[int]int), 0
	for i := range requests {
		r := g.request()
		got, err := w.fuzzed(r)
		if err != nil {
			failed++
			t.Errorf("request %d: %.3000s\n%.2000v\n%.500s", i, r, err, got.body)
		}
		g.hear(r, got)
		statuses[got.status]++
		if failed == 20 { // one fault may fail thousands of requests
			t.Fatal("enough")
		}
	}
	t.Logf("answers by status: %v", statuses)
	for _, status := range []int{200, 304, 308, 400, 404, 406} {
		if statuses[status] == 0 {
			t.Errorf("no request was answered %d: the course is not what it should be (%v)", status, statuses)
		}
	}
	if now := w.ask(t, http.MethodGet, "/readyz").body; !bytes.Equal(now, revision) {
		t.Errorf("the record is another: %s was %s", now, revision)
	}
}

// askAgain asks what the server once fell over, so that it stays found.
func (w *whole) askAgain(t *testing.T) {
	for _, address := range []string{"/v1/discrepancies?source=%FF", "/v1/discrepancies.csv?source=a%00b"} {
		if got := w.ask(t, http.MethodGet, address); got.status != http.StatusBadRequest {
			t.Errorf("%s: status %d\n%.500s", address, got.status, got.body)
		}
	}
}

// fuzzed asks and tells what is wrong with the answer.
func (w *whole) fuzzed(r fuzzRequest) (got answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	req, err := http.NewRequest(r.method, r.address, strings.NewReader(r.body))
	if err != nil {
		return got, fmt.Errorf("the generator: %w", err)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	got = w.serve(req)
	if r.method == http.MethodHead {
		got.body = nil
	}
	if err := harmless(got); err != nil {
		return got, err
	}
	if got.status >= 500 {
		return got, fmt.Errorf("status %d", got.status)
	}
	if r.again && got.status != http.StatusNotModified {
		return got, fmt.Errorf("status %d to one who has the answer by its tag", got.status)
	}
	return got, w.contract.Check(r.operation, got.status, got.header, got.body)
}

// harmless tells whether words of the request came back where they do harm: as
// a header, as a way to another host, or as markup.
func harmless(got answer) error {
	for name, values := range got.header {
		if slices.ContainsFunc(values, func(v string) bool { return strings.ContainsAny(v, "\r\n\x00") }) || name == "X-Injected" {
			return fmt.Errorf("header %s: %q", name, values)
		}
	}
	if to := got.header.Get("Location"); to != "" && !strings.HasPrefix(to, "/v1/") {
		return fmt.Errorf("it leads to %q", to)
	}
	if strings.HasPrefix(got.header.Get("Content-Type"), "text/html") && bytes.Contains(got.body, []byte("<script>alert")) {
		return fmt.Errorf("markup of the request is in the page")
	}
	return nil
}

func number(t *testing.T, variable string, absent int) int {
	t.Helper()
	v := os.Getenv(variable)
	if v == "" {
		return absent
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q is not a number", variable, v)
	}
	return n
}
