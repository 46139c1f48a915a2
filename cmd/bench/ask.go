package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// answer is what a server says to one request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask asks once. header are lines as wrk takes them, "Name: value".
func ask(ctx context.Context, method, url, body string, header ...string) (answer, error) {
	var payload io.Reader
	if body != "" {
		payload = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, payload)
	if err != nil {
		return answer{}, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	// Named, even if empty, so that Go does not ask for gzip and unpack it by itself.
	req.Header.Set("Accept-Encoding", "identity")
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, b}, err
}

// The one record that all are asked for, and its roll: 14 for, 1 against.
const (
	recordID = "S-2024-835"
	inFavour = 14
	against  = 1
)

// isTheRecord tells whether an answer holds the whole record, in whatever shape a
// program gives it: the roll of fifteen, who was against, and the tally. Errors
// are answered fast, and measuring those would be worth nothing.
func isTheRecord(a answer) error {
	if a.status != http.StatusOK {
		return fmt.Errorf("status %d: %.300s", a.status, a.body)
	}
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		return err
	}
	var seen struct {
		positions map[string]int
		tally     bool
		usa       any
	}
	seen.positions = map[string]int{}
	walk(v, func(object map[string]any) {
		if position, ok := object["position"].(string); ok {
			seen.positions[position]++
			if object["code"] == "USA" {
				seen.usa = position
			}
		}
		seen.tally = seen.tally || object["yes"] == float64(inFavour)
	})
	switch p := seen.positions; {
	case p["yes"] != inFavour || p["no"] != against || len(p) != 2:
		return fmt.Errorf("its votes are %v: %.300s", p, a.body)
	case seen.usa != "no":
		return errors.New("it does not tell that the United States voted against")
	case !seen.tally:
		return errors.New("it has no tally")
	}
	return nil
}

// walk visits every object of a JSON value.
func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, member := range v {
			walk(member, visit)
		}
	case []any:
		for _, member := range v {
			walk(member, visit)
		}
	}
}
