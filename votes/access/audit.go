package access

import (
	"crypto/sha256"
	"encoding/json"
	"time"
)

// Caller is who asks for something, and from where.
type Caller struct {
	Token   string // its id; empty at the command line
	Who     string // the name of the token, or cli: and the user of the machine
	Client  string // the address, or the name of the machine
	Request string // X-Request-Id of the answer; empty at the command line
}

// Call is one thing that was asked for.
type Call struct {
	Caller
	Method string // of HTTP, or CLI
	Route  string // as the contract writes it, or the command
	Target string // what it was done to, where the route does not say
	// Key is the Idempotency-Key, empty where there is none, and Fingerprint
	// what the key stands for.
	Key         string
	Fingerprint [sha256.Size]byte
}

// With is the call with a file that came with it, by its SHA-256: its key stands
// for both.
func (c Call) With(file [sha256.Size]byte) Call {
	c.Fingerprint = sha256.Sum256(append(c.Fingerprint[:], file[:]...))
	return c
}

// Outcome is what became of a call.
type Outcome string

// A Refused call was at fault itself; a Failed one was not. Neither changed
// anything.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused"
	Failed  Outcome = "failed"
)

// Entry is one call as the audit log has it.
type Entry struct {
	Number int64
	At     time.Time
	Call
	Outcome  Outcome
	Status   int   // of the answer; 0 at the command line
	Revision int64 // that it made; 0 where it made none
}

// MarshalJSON tells what an entry does not have as null.
func (e Entry) MarshalJSON() ([]byte, error) {
	type shape struct {
		Number   int64     `json:"number"`
		At       time.Time `json:"at"`
		Token    *string   `json:"token"`
		Who      string    `json:"who"`
		Client   string    `json:"client"`
		Request  *string   `json:"request"`
		Method   string    `json:"method"`
		Route    string    `json:"route"`
		Target   *string   `json:"target"`
		Outcome  Outcome   `json:"outcome"`
		Status   *int      `json:"status"`
		Revision *int64    `json:"revision"`
	}
	return json.Marshal(shape{e.Number, e.At, orNull(e.Token), e.Who, e.Client, orNull(e.Request), e.Method, e.Route, orNull(e.Target),
		e.Outcome, orNull(e.Status), orNull(e.Revision)})
}

func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// Log is some of the audit log, the newest first. Next is the number behind
// which the next page begins, 0 on the last one.
type Log struct {
	Data  []Entry
	Total int
	Next  int64
}

// Reply is what a call is answered with.
type Reply struct {
	Status int
	Header map[string]string
	Body   []byte
	Again  bool // it was given before, to the same call
}
