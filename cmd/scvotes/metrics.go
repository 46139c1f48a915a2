package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"scvotes/api"
	"scvotes/store"
	"scvotes/votes"
)

// importMetrics count the imports that this server ran. Those of commands beside
// it are in the record's own numbers.
type importMetrics struct {
	seconds *prometheus.HistogramVec
	rows    *prometheus.CounterVec
}

func newImportMetrics() importMetrics {
	return importMetrics{
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "scvotes_import_seconds",
			Help:    "Time that imports of this server took, by what came of them: landed, unchanged, refused or failed.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300}}, []string{"result"}),
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "scvotes_import_rows_total",
			Help: "Rows of imports of this server, landed or refused."}, []string{"result"}),
	}
}

func (m importMetrics) register(all *api.Metrics) {
	for _, result := range []string{"landed", "unchanged", "refused", "failed"} {
		m.seconds.WithLabelValues(result)
	}
	all.Register(m.seconds, m.rows)
	m.rows.WithLabelValues("landed")
	m.rows.WithLabelValues("refused")
}

func (m importMetrics) count(rep votes.ImportReport, took time.Duration, err error) {
	result := "unchanged"
	switch {
	case errors.Is(err, votes.ErrInvalid):
		result = "refused"
	case err != nil:
		result = "failed"
	case rep.Landed:
		result = "landed"
		m.rows.WithLabelValues("landed").Add(float64(rep.RowsLanded))
	}
	m.rows.WithLabelValues("refused").Add(float64(rep.RowsRefused))
	m.seconds.WithLabelValues(result).Observe(took.Seconds())
}

// description is one metric of the databases or the record.
type description struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func describe(name, help string, labels ...string) description {
	return description{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue}
}

func describeTotal(name, help string, labels ...string) description {
	return description{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue}
}

func (d description) of(value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d.desc, d.kind, value, labels...)
}

// The metrics of the databases. A node is the primary or a replica by its number.
var (
	databaseReachable = describe("scvotes_database_reachable", "Whether the last look at the record found a database that could answer.")
	databaseSeen      = describe("scvotes_database_seen_timestamp_seconds", "When the last look that found one began.")
	nodeUp            = describe("scvotes_database_up", "Whether the last look at this database found it there.", "node")
	nodeReadFrom      = describe("scvotes_database_read_from", "Whether it stands at the newest revision, so that reads may go to it.", "node")
	nodeRevision      = describe("scvotes_database_revision", "The revision that it stood at.", "node")
	nodeBehind        = describe("scvotes_database_behind_seconds", "Time since it was last seen at the newest revision, 0 where it is there.", "node")
	nodeReads         = describeTotal("scvotes_database_reads_total", "Reads sent to it.", "node")
	nodeFailures      = describeTotal("scvotes_database_read_failures_total", "Reads that it did not answer, so that another was asked or the request failed.", "node")

	poolConnections = describe("scvotes_pool_connections", "Connections to a database, idle, used or opening.", "node", "pool", "state")
	poolLimit       = describe("scvotes_pool_limit", "The most connections there may be (pool_max_conns).", "node", "pool")
	poolAcquired    = describeTotal("scvotes_pool_acquired_total", "How often a connection was taken.", "node", "pool")
	poolWaits       = describeTotal("scvotes_pool_waits_total", "How often none was free.", "node", "pool")
	poolWaitSeconds = describeTotal("scvotes_pool_wait_seconds_total", "Time spent waiting for one.", "node", "pool")
	poolOpened      = describeTotal("scvotes_pool_opened_total", "Connections opened.", "node", "pool")

	schemaVersion   = describe("scvotes_schema_version", "The version of the database's schema.")
	schemaKnown     = describe("scvotes_schema_version_known", "The newest version that the program knows.")
	recordRevision  = describe("scvotes_record_revision", "The revision of the record.")
	recordCommitted = describe("scvotes_record_committed_timestamp_seconds", "When it was committed.")
	recordSize      = describe("scvotes_record_resolutions", "Proposals in the record.")
	recordNewest    = describe("scvotes_record_newest_vote_timestamp_seconds", "The day of the newest vote in the record.")
	recordImports   = describe("scvotes_record_imports", "Files taken into the record, by whatever program.")
	recordImported  = describe("scvotes_record_last_import_timestamp_seconds", "When the last of them was taken in.")
)

// recordMetrics tells of the databases and the record at the moment it is asked.
// Only where the record has changed does it ask the database: a scrape is no load.
type recordMetrics struct {
	store *store.Store
	tele  *telemetry

	mu     sync.Mutex
	totals store.Totals
	of     votes.Revision
}

// watch adds the metrics of a store.
func (t *telemetry) watch(s *store.Store) {
	t.metrics.Register(&recordMetrics{store: s, tele: t})
	if s.Writes() { // whoever reads the record may not see what waits
		t.metrics.Register(&backlogMetrics{store: s, tele: t})
	}
}

// Describe says nothing: what there is depends on the databases.
func (m *recordMetrics) Describe(chan<- *prometheus.Desc) {}

// Collect gives the metrics of this moment.
func (m *recordMetrics) Collect(to chan<- prometheus.Metric) {
	for _, nd := range m.store.Nodes() {
		collectNode(to, nd)
	}
	to <- schemaKnown.of(float64(m.store.SchemaKnown()))
	seen := m.tele.seen.Load()
	if seen == nil {
		to <- databaseReachable.of(0)
		return
	}
	to <- databaseReachable.of(truth(seen.Err == nil))
	if last := m.tele.good.Load(); last != nil {
		to <- databaseSeen.of(seconds(last.Seen))
	}
	to <- recordRevision.of(float64(seen.Revision.Number))
	to <- recordCommitted.of(seconds(seen.Revision.Committed))
	if t, ok := m.total(seen); ok {
		to <- schemaVersion.of(float64(t.Schema))
		to <- recordSize.of(float64(t.Resolutions))
		to <- recordImports.of(float64(t.Imports))
		if t.NewestVote != "" {
			to <- recordNewest.of(seconds(t.NewestVote.Time()))
		}
		if !t.LastImport.IsZero() {
			to <- recordImported.of(seconds(t.LastImport))
		}
	}
}

func collectNode(to chan<- prometheus.Metric, nd store.NodeStats) {
	to <- nodeUp.of(truth(nd.Up), nd.Name)
	to <- nodeReadFrom.of(truth(nd.ReadFrom), nd.Name)
	to <- nodeRevision.of(float64(nd.Revision), nd.Name)
	to <- nodeBehind.of(nd.Behind.Seconds(), nd.Name)
	to <- nodeReads.of(float64(nd.Asked), nd.Name)
	to <- nodeFailures.of(float64(nd.Failed), nd.Name)
	collectPool(to, nd.Pool, nd.Name, "read")
	if nd.Writes != nil {
		collectPool(to, *nd.Writes, nd.Name, "write")
	}
}

func collectPool(to chan<- prometheus.Metric, p store.PoolStats, node, pool string) {
	for state, n := range map[string]int32{"idle": p.Idle, "used": p.Used, "opening": p.Opening} {
		to <- poolConnections.of(float64(n), node, pool, state)
	}
	to <- poolLimit.of(float64(p.Limit), node, pool)
	to <- poolAcquired.of(float64(p.Acquired), node, pool)
	to <- poolWaits.of(float64(p.Waited), node, pool)
	to <- poolWaitSeconds.of(p.WaitTime.Seconds(), node, pool)
	to <- poolOpened.of(float64(p.Opened), node, pool)
}

// total counts the record, anew where it has changed. While the database is
// away, what was counted last still stands.
func (m *recordMetrics) total(seen *votes.Sighting) (store.Totals, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if counted := !m.of.Committed.IsZero(); counted && (m.of == seen.Revision || seen.Err != nil) {
		return m.totals, true
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	t, err := m.store.Totals(ctx)
	if err != nil {
		m.tele.log.Warn("the record could not be counted for the metrics", "error", err)
		return m.totals, !m.of.Committed.IsZero()
	}
	m.totals, m.of = t, seen.Revision
	return t, true
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / float64(time.Second) }
