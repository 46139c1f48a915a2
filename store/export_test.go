package store

import (
	"context"
	"encoding/base64"
	"strings"
	"time"
)

// PollEvery sets how often a follower looks without being told.
func (s *Store) PollEvery(d time.Duration) { s.nodes.poll = d }

// ReadWrongly asks for anything by the connection that is read with, as code
// that is wrong would.
func (s *Store) ReadWrongly(ctx context.Context, sql string) error {
	var any string
	return s.db.QueryRow(ctx, sql).Scan(&any)
}

// VerifierLike is the verifier of a password with the salt of another.
func VerifierLike(other, password string) (string, error) {
	text, _, _ := strings.Cut(strings.TrimPrefix(other, "SCRAM-SHA-256$4096:"), "$")
	salt, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", err
	}
	return scramOf(password, salt, scramRounds)
}

// ImportLock is the lock that whoever writes to the record holds.
const ImportLock = importLock

// TellOne writes the messages of one webhook.
func TellOne(ctx context.Context, s *Store, id int64) (bool, error) { return s.tellOne(ctx, id, "") }

// RunJob does a worker's work on a job.
func RunJob(ctx context.Context, s *Store, id string, take ImportFile) error {
	_, err := s.runJob(ctx, id, take)
	return err
}

// ForgetLines is what a record that went back makes of the lines and events that are
// kept.
func (s *Store) ForgetLines() { s.nodes.back() }

// KeepEvents bounds the memory for events that are kept, and forgets them.
func (s *Store) KeepEvents(bytes int) {
	s.chronicles.most = bytes
	s.chronicles.forget()
}
