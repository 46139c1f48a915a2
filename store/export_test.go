package store

import "time"

// PollEvery sets how often a follower looks without being told.
func (s *Store) PollEvery(d time.Duration) { s.nodes.poll = d }
