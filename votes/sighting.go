package votes

import "time"

// Sighting is what one look at the database told of the record's revision.
type Sighting struct {
	Revision Revision  // the newest known; where Err is set, that of an earlier look
	Seen     time.Time // when the look began: the revision was this one then, or a later
	Err      error     // why there was nothing to be seen
}
