package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"scvotes/store"
	"scvotes/store/pglocal"
	"scvotes/votes"
)

const (
	oldestTested = 15      // of PostgreSQL
	fewBytes     = 1 << 30 // free, from which on the disk is to be looked at
	noBytes      = 256 << 20
	clocksApart  = 2 * time.Second
	clocksWrong  = 5 * time.Minute
)

// programs tells which programs of PostgreSQL there are. It returns false where
// without them there is nothing to look at.
func (d *diagnosis) programs(db *database) bool {
	dir, version, err := pglocal.FindBinaries(db.binDir)
	switch {
	case err != nil && db.url == "":
		d.add("programs", levelFail, "Install PostgreSQL, name its folder in SCVOTES_PG_BIN, or a running one in DATABASE_URL.", "%s", briefly(err))
		return false
	case err != nil:
		d.add("programs", levelWarn, "They are needed for backups: install PostgreSQL's client programs of the server's version, or make backups elsewhere.", "%s", briefly(err))
		return true
	}
	if _, err := exec.LookPath(filepath.Join(dir, "pg_dump")); err != nil {
		d.add("programs", levelWarn, "Install PostgreSQL's client programs: backups need them.", "PostgreSQL %d in %s, without pg_dump", version, dir)
		return true
	}
	d.add("programs", levelOK, "", "PostgreSQL %d in %s", version, dir)
	return true
}

func (d *diagnosis) database(ctx context.Context, dsn string) (store.Examination, error) {
	e, err := store.Examine(ctx, dsn)
	if err != nil {
		d.add("database", levelFail, "See that the server runs and can be reached from here, and that user, password and database in DATABASE_URL are right.", "%s", briefly(err))
		return e, err
	}
	number, _ := strconv.Atoi(e.Settings["server_version_num"])
	l := levelOK
	if number/10_000 < oldestTested {
		l = levelWarn
	}
	if e.Standby {
		d.add("database", levelFail, "Let DATABASE_URL name the primary; with several hosts, add target_session_attrs=read-write.", "%s is a standby, and cannot be written to", e.Name)
		return e, nil
	}
	d.add("database", l, fmt.Sprintf("Upgrade: scvotes is tested with PostgreSQL %d and newer.", oldestTested),
		"PostgreSQL %s, database %s as %s, %s", e.Settings["server_version"], e.Name, e.User, bytesText(uint64(e.Size)))
	return e, nil
}

// settings tells of those that cannot be mended by the program.
func (d *diagnosis) settings(e store.Examination) {
	before := len(d.Checks)
	if enc := e.Settings["server_encoding"]; enc != "UTF8" {
		d.add("encoding", levelFail, "Make the database anew with ENCODING 'UTF8', and restore into it.", "the database is in %s", enc)
	}
	if c := e.Collation; c != "C" && c != "POSIX" && !strings.HasPrefix(c, "C.") {
		d.add("collation", levelWarn, "Nothing is wrong: all that is sorted names its order. With LOCALE 'C' no upgrade of the system can spoil an index.", "text sorts by %s", c)
	}
	if tz := e.Settings["TimeZone"]; tz != "UTC" && tz != "Etc/UTC" && tz != "GMT" {
		d.add("time zone", levelWarn, "Set timezone = 'UTC' in postgresql.conf, so that its log and scvotes speak of the same hours. The record is in UTC anyway.", "the server's is %s", tz)
	}
	if e.Settings["fsync"] != "on" {
		d.add("fsync", levelFail, "Set fsync = on in postgresql.conf.", "it is off: a power cut can destroy the record")
	}
	if e.Settings["full_page_writes"] != "on" {
		d.add("page writes", levelWarn, "Set full_page_writes = on in postgresql.conf, unless the file system writes pages whole.", "full_page_writes is off: a power cut can spoil a page")
	}
	if len(d.Checks) == before {
		d.add("settings", levelOK, "", "%s, sorted by %s, %s, fsync %s", e.Settings["server_encoding"], e.Collation, e.Settings["TimeZone"], e.Settings["fsync"])
	}
}

func (d *diagnosis) connections(e store.Examination) {
	limit, _ := strconv.Atoi(e.Settings["max_connections"])
	l := levelOK
	if limit > 0 && e.Sessions*5 > limit*4 {
		l = levelWarn
	}
	d.add("connections", l, "Raise max_connections, put PgBouncer before it, or set pool_max_conns in DATABASE_URL (docs/scale.md).", "%d of %d in use", e.Sessions, limit)
}

func (d *diagnosis) schema(e store.Examination) {
	const up = "Run scvotes migrate up; serve does it by itself unless --migrate=false."
	switch {
	case e.Dirty:
		d.add("schema", levelFail, "See what scvotes migrate up says.", "a step to version %d broke off half way", e.Schema)
	case e.Schema == 0:
		d.add("schema", levelFail, up, "there is none yet; the program knows version %d", e.Known)
	case e.Schema < e.Known:
		d.add("schema", levelFail, up, "version %d, and the program needs %d", e.Schema, e.Known)
	case e.Schema > e.Known:
		d.add("schema", levelWarn, "Upgrade this program when the upgrade is meant to stay (docs/upgrade.md).", "version %d, made by a newer scvotes than this one, which knows %d", e.Schema, e.Known)
	case len(e.Unfinished) > 0:
		d.add("schema", levelWarn, up, "version %d, of which is left to do: %s", e.Schema, strings.Join(e.Unfinished, ", "))
	default:
		d.add("schema", levelOK, "", "version %d, the newest", e.Schema)
	}
}

func (d *diagnosis) work(e store.Examination) {
	switch {
	case e.Overdue > 0:
		d.add("work", levelWarn, "Let one serve at least run with --workers above 0, and look at its log.", "%s of the queue waiting for over five minutes", counted(e.Overdue, "task"))
	case e.GivenUp > 0:
		d.add("work", levelWarn, "scvotes webhook deliveries tells of messages; the log tells of the rest.", "nothing waits; %s given up", counted(e.GivenUp, "task"))
	default:
		d.add("work", levelOK, "", "nothing waits")
	}
}

func (d *diagnosis) roles(ctx context.Context, db *database, dsn string) {
	const apply = "Run scvotes roles apply (docs/security.md)."
	roles, err := store.Roles(ctx, dsn)
	if err != nil {
		d.add("roles", levelWarn, "Ask as the owner of the database.", "%s", briefly(err))
		return
	}
	missing, faults := 0, []string{}
	for _, r := range roles {
		if !r.There {
			missing++
			continue
		}
		for _, f := range r.Faults {
			faults = append(faults, r.Name+" "+f)
		}
	}
	switch {
	case missing == len(roles):
		d.add("roles", levelWarn, apply, "there are none: serve reads and writes as the owner of the tables")
	case missing > 0 || len(faults) > 0:
		d.add("roles", levelFail, apply, "not as they should be: %s", strings.Join(append(faults, counted(missing, "role")+" missing"), "; "))
	case db.url != "" && (db.readURL == "" || db.writeURL == ""):
		d.add("roles", levelWarn, "Give serve DATABASE_READ_URL and DATABASE_WRITE_URL.", "as they should be, and not used: serve is given the owner's address alone")
	default:
		d.add("roles", levelOK, "", "as they should be")
	}
}

func (d *diagnosis) replicas(ctx context.Context, primary store.Examination, urls []string) {
	for i, url := range urls {
		name := fmt.Sprint("replica ", i+1)
		e, err := store.Examine(ctx, url)
		if err != nil {
			d.add(name, levelFail, "See that it runs and can be reached from here. Reads go to the primary meanwhile.", "%s", briefly(err))
			continue
		}
		behind, err := e.Lag(primary)
		switch {
		case errors.Is(err, votes.ErrInvalid):
			d.add(name, levelFail, "Let DATABASE_REPLICA_URLS name streaming standbys of the primary.", "it can be written to: it is no standby")
		case err != nil:
			d.add(name, levelWarn, "Bring the primary's schema up first; the replica follows.", "%v", err)
		case behind != 0:
			d.add(name, levelWarn, "Look at pg_stat_replication on the primary. Nothing old is answered meanwhile.", "at revision %d, %d behind the primary", e.Record.Revision, behind)
		default:
			d.add(name, levelOK, "", "at revision %d, as the primary", e.Record.Revision)
		}
	}
}

// disk tells of the disk of the private Postgres. That of another server cannot
// be seen by asking it.
func (d *diagnosis) disk(db *database, e store.Examination) {
	if db.url != "" {
		d.add("disk", levelOK, "", "of another server: not to be seen from here; the database has %s", bytesText(uint64(e.Size)))
		return
	}
	folder, err := db.folder()
	var free, size uint64
	if err == nil {
		free, size, err = diskSpace(folder)
	}
	l := levelOK
	switch {
	case err != nil:
		d.add("disk", levelWarn, "Look at it by other means.", "%v", err)
		return
	case free < noBytes:
		l = levelFail
	case free < fewBytes:
		l = levelWarn
	}
	d.add("disk", l, "Make room: where the disk is full, imports are refused and nothing is lost.", "%s free of %s in %s", bytesText(free), bytesText(size), folder)
}

func (d *diagnosis) clock(e store.Examination) {
	apart := max(e.Ahead.Abs()-e.Unsure, 0).Round(time.Millisecond)
	l := levelOK
	switch {
	case apart > clocksWrong:
		l = levelFail
	case apart > clocksApart:
		l = levelWarn
	}
	d.add("clock", l, "Set both by NTP: what the record tells of when it changed comes from the database's.", "%v apart from the database's", apart)
}

func (d *diagnosis) record(e store.Examination) {
	switch {
	case e.Record == nil:
		d.add("record", levelFail, "Put the schema right first.", "it cannot be read")
	case e.Record.Resolutions == 0:
		d.add("record", levelWarn, "serve loads the starter record into an empty database; scvotes import takes in files.", "it is empty")
	default:
		d.add("record", levelOK, "", "revision %d, %s, the newest vote of %s", e.Record.Revision, counted(int(e.Record.Resolutions), "proposal"), e.Record.NewestVote)
	}
}

func (d *diagnosis) verify(ctx context.Context, dsn string) {
	s, err := store.Open(ctx, dsn)
	if err != nil {
		d.add("verify", levelFail, "Run scvotes verify.", "%s", briefly(err))
		return
	}
	defer s.Close()
	rep, err := s.Verify(ctx)
	switch {
	case err != nil:
		d.add("verify", levelFail, "Run scvotes verify.", "%s", briefly(err))
	case len(rep.Differences) > 0:
		d.add("verify", levelFail, "scvotes verify names each. scvotes rebuild puts back what the accounts give; or restore a backup (docs/backup.md).",
			"the record differs from its accounts in %s", counted(len(rep.Differences), "place"))
	default:
		d.add("verify", levelOK, "", "%s and %s give the record as it is", counted(rep.Accounts, "account"), counted(rep.Edits, "edit"))
	}
}

// bytesText is a size as people read it.
func bytesText(n uint64) string {
	for _, unit := range []string{"bytes", "KiB", "MiB"} {
		if n < 10<<10 {
			return fmt.Sprintf("%d %s", n, unit)
		}
		n >>= 10
	}
	return fmt.Sprintf("%d GiB", n)
}
