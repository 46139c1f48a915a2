package main

import (
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oasdiff/yaml"
)

// composed is what docker-compose.yml says, as far as its parts have to fit each
// other. No Docker is needed to hold it to that.
type composed struct {
	Services map[string]composedService
	Configs  map[string]struct{ File string }
	Volumes  map[string]any
}

type composedService struct {
	Build       any
	Image       string
	Profiles    []string
	Environment map[string]string
	Ports       []string
	Configs     []struct{ Source, Target string }
	Volumes     []string
	Entrypoint  []string
	Command     []string
	DependsOn   any      `json:"depends_on"`
	ReadOnly    bool     `json:"read_only"`
	SecurityOpt []string `json:"security_opt"`
	CapDrop     []string `json:"cap_drop"`
}

const repository = "../.."

func readCompose(t *testing.T) composed {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repository, "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var c composed
	if _, err := yaml.Unmarshal(b, &c, yaml.DecodeOpts{}); err != nil {
		t.Fatal(err)
	}
	return c
}

// of lists the services that a profile adds; "" are those that always run.
func (c composed) of(profile string) []string {
	var list []string
	for name, s := range c.Services {
		if profile == "" && len(s.Profiles) == 0 || slices.Contains(s.Profiles, profile) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

func TestComposeWithoutAProfileIsOneOfEach(t *testing.T) {
	c := readCompose(t)
	if got := c.of(""); !slices.Equal(got, []string{"api", "postgres", "roles"}) {
		t.Errorf("services %q", got)
	}
	api := c.Services["api"]
	for variable, want := range map[string]string{"DATABASE_READ_URL": "scvotes_reader", "DATABASE_WRITE_URL": "scvotes_writer"} {
		if got := api.Environment[variable]; got != "postgres://"+want+"@postgres:5432/scvotes?sslmode=disable" {
			t.Errorf("%s is %s", variable, got)
		}
	}
	if got := c.Services["roles"].Environment["DATABASE_URL"]; got != "postgres://scvotes@postgres:5432/scvotes?sslmode=disable" {
		t.Errorf("DATABASE_URL is %s", got)
	}
	if _, ok := api.Environment["DATABASE_REPLICA_URLS"]; ok {
		t.Error("a replica is named that does not run")
	}
	if !slices.Equal(api.Ports, []string{"127.0.0.1:${SCVOTES_PORT:-8080}:8080"}) || len(c.Services["postgres"].Ports) > 0 {
		t.Errorf("ports %q, %q", api.Ports, c.Services["postgres"].Ports)
	}
}

func TestComposeIsWhole(t *testing.T) {
	c := readCompose(t)
	if got := c.of("scale"); !slices.Equal(got, []string{"api-1", "api-2", "balancer", "pgbouncer", "replica", "replication"}) {
		t.Errorf("services of the profile: %q", got)
	}
	tagged := regexp.MustCompile(`:[^:/]*[0-9]`)
	for name, s := range c.Services {
		if (s.Build == nil) == (s.Image == "") || s.Image != "" && !tagged.MatchString(s.Image) {
			t.Errorf("%s: build %v, image %q", name, s.Build, s.Image)
		}
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) {
			t.Errorf("%s may do more than it has to", name)
		}
		for _, on := range names(s.DependsOn) {
			if other, ok := c.Services[on]; !ok || len(other.Profiles) > 0 && !slices.Equal(other.Profiles, s.Profiles) {
				t.Errorf("%s waits for %s, which does not run beside it", name, on)
			}
		}
		for _, use := range s.Configs {
			if _, err := os.Stat(filepath.Join(repository, c.Configs[use.Source].File)); err != nil || c.Configs[use.Source].File == "" {
				t.Errorf("%s: configuration %s: %v", name, use.Source, err)
			}
		}
		for _, v := range s.Volumes {
			volume, _, _ := strings.Cut(v, ":")
			if _, ok := c.Volumes[volume]; !ok {
				t.Errorf("%s: no volume %s", name, volume)
			}
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s is open to the world: %s", name, port)
			}
		}
		if len(s.Entrypoint) > 2 {
			script := strings.ReplaceAll(s.Entrypoint[2], "$$", "$")
			if out, err := exec.Command("sh", "-n", "-c", script).CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %s", name, err, out)
			}
		}
	}
}

// names are the keys of a map or the elements of a list.
func names(v any) []string {
	var list []string
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			list = append(list, name)
		}
	case []any:
		for _, name := range v {
			list = append(list, name.(string))
		}
	}
	return list
}

func TestComposeSetsWhatTheProgramKnows(t *testing.T) {
	c := readCompose(t)
	help := newRoot().Long
	for name, s := range c.Services {
		if s.Build == nil {
			continue
		}
		for variable, v := range s.Environment {
			// PGPASSWORD is of every client of Postgres.
			if variable != "PGPASSWORD" && !regexp.MustCompile(`\s`+variable+`\s`).MatchString(help) {
				t.Errorf("%s: the program knows no %s", name, variable)
			}
			if strings.HasPrefix(variable, "DATABASE_") {
				c.databases(t, name, variable, v)
			}
		}
	}
	for _, name := range c.of("scale") {
		if s := c.Services[name]; s.Build != nil && (s.Environment["DATABASE_REPLICA_URLS"] == "" || len(s.Ports) > 0) {
			t.Errorf("%s: reads from %q, open on %q", name, s.Environment["DATABASE_REPLICA_URLS"], s.Ports)
		}
	}
}

// databases holds that what a setting names is there, and takes the connections
// as they are made.
func (c composed) databases(t *testing.T, service, variable, setting string) {
	pool := readINI(t, "docs/deploy/pgbouncer.ini")
	for _, address := range regexp.MustCompile(`[\s,]+(?:postgres://)`).Split(strings.TrimPrefix(setting, "postgres://"), -1) {
		rest, query, _ := strings.Cut(address, "?")
		_, hosts, ok := strings.Cut(rest, "@")
		hosts, db, named := strings.Cut(hosts, "/")
		options, err := url.ParseQuery(query)
		if !ok || !named || err != nil || db == "" {
			t.Errorf("%s: %s: %q is no address", service, variable, address)
			continue
		}
		several := strings.Contains(hosts, ",")
		wanted := map[string]string{"DATABASE_READ_URL": "primary", "DATABASE_WRITE_URL": "read-write"}[variable]
		if several != (options.Get("target_session_attrs") == wanted && wanted != "") {
			t.Errorf("%s: %s: of several hosts one that takes writes is wanted, of one there is no choice: %s", service, variable, address)
		}
		for hostPort := range strings.SplitSeq(hosts, ",") {
			host, port, err := net.SplitHostPort(hostPort)
			if err != nil {
				t.Errorf("%s: %s: %v", service, variable, err)
			}
			switch at := c.Services[host]; {
			case strings.HasPrefix(at.Image, "postgres:") && port == "5432":
			case strings.Contains(at.Image, "pgbouncer") && port == pool["listen_port"]:
				direct := slices.Contains([]string{"exec", "cache_describe", "simple_protocol", "describe_exec"}, options.Get("default_query_exec_mode"))
				if kept := pool["max_prepared_statements"]; !direct && (kept == "" || kept == "0") {
					t.Errorf("%s: statements are prepared, which %s loses", service, host)
				}
				if pool[db] == "" {
					t.Errorf("%s: %s has no database %s", service, host, db)
				}
			default:
				t.Errorf("%s: %s: nothing answers at %s", service, variable, hostPort)
			}
		}
	}
}

func TestThePoolerLeadsToTheReplica(t *testing.T) {
	c := readCompose(t)
	pool := readINI(t, "docs/deploy/pgbouncer.ini")
	if pool["pool_mode"] != "transaction" {
		t.Errorf("pool_mode is %q", pool["pool_mode"])
	}
	for _, want := range []string{"host=replica", "port=5432", "dbname=" + c.Services["postgres"].Environment["POSTGRES_DB"]} {
		if !slices.Contains(strings.Fields(pool["scvotes"]), want) {
			t.Errorf("the database is %q, want %s", pool["scvotes"], want)
		}
	}
	script := strings.Join(c.Services["pgbouncer"].Entrypoint, "\n")
	for _, path := range []string{pool["auth_file"], c.Services["pgbouncer"].Configs[0].Target} {
		if path == "" || !strings.Contains(script, path) {
			t.Errorf("the script that starts PgBouncer does not speak of %q", path)
		}
	}
}

// readINI reads "name = value" lines of all sections.
func readINI(t *testing.T, path string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repository, path))
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if name, v, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, ";") {
			set[strings.TrimSpace(name)] = strings.TrimSpace(v)
		}
	}
	return set
}

func TestTheBalancerKnowsTheInstances(t *testing.T) {
	c := readCompose(t)
	b, err := os.ReadFile(filepath.Join(repository, "docs/deploy/haproxy.cfg"))
	if err != nil {
		t.Fatal(err)
	}
	docker, err := os.ReadFile(filepath.Join(repository, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	port := regexp.MustCompile(`(?m)^EXPOSE ([0-9]+)$`).FindStringSubmatch(string(docker))
	var instances, upstreams []string
	for _, name := range c.of("scale") {
		if c.Services[name].Build != nil && port != nil {
			instances = append(instances, name+":"+port[1])
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^ +server \S+ (\S+)$`).FindAllStringSubmatch(string(b), -1) {
		upstreams = append(upstreams, m[1])
	}
	slices.Sort(upstreams)
	if len(instances) < 2 || !slices.Equal(instances, upstreams) {
		t.Errorf("instances %q, the balancer asks %q", instances, upstreams)
	}
	for _, want := range []string{"bind :8080", "uri /healthz", "option forwardfor", "disable-l7-retry unless METH_GET"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("docs/deploy/haproxy.cfg does not say %q", want)
		}
	}
	if p := c.Services["balancer"].Ports; !slices.Equal(p, []string{"127.0.0.1:${SCVOTES_SCALE_PORT:-8090}:8080"}) {
		t.Errorf("the balancer is open on %q", p)
	}
	if _, err := exec.LookPath("haproxy"); err != nil {
		t.Log("haproxy is not installed: its configuration was not read by it")
	} else if out, err := exec.Command("haproxy", "-c", "-f", filepath.Join(repository, "docs/deploy/haproxy.cfg")).CombinedOutput(); err != nil {
		t.Errorf("haproxy -c: %v: %s", err, out)
	}
}

// What is served, to whoever comes, holds no right to change the schema, and no
// password of one who does.
func TestComposeServesWithoutTheOwner(t *testing.T) {
	served := 0
	for name, s := range readCompose(t).Services {
		if s.Build == nil || name == "roles" {
			continue
		}
		served++
		if !slices.Equal(s.Command, []string{"serve", "--migrate=false"}) || s.Environment["DATABASE_URL"] != "" || s.Environment["PGPASSWORD"] != "" {
			t.Errorf("%s: %q as the owner of the tables", name, s.Command)
		}
	}
	if served != 3 {
		t.Errorf("%d services serve", served)
	}
}

// A volume of the plain setup may be scaled as it is: the replica is let in by a
// service of its own, and nothing but the one password is asked for.
func TestComposeAsksForOnePassword(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(repository, "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\$\{([A-Z_]+)(:[?-])?`).FindAllStringSubmatch(strings.ReplaceAll(string(b), "$$", ""), -1) {
		if m[2] != ":-" && m[1] != "POSTGRES_PASSWORD" {
			t.Errorf("%s has to be set", m[1])
		}
	}
	if !slices.Contains(readCompose(t).Services["replication"].Volumes, "record:/var/lib/postgresql/data") {
		t.Error("the replica is let in by nobody")
	}
}
