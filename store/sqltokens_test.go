package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"scvotes/migrations"
)

// sqlText is SQL as it stands in a file: one migration, or one string of the
// program with the strings that are joined to it.
type sqlText struct {
	file string
	text string
	line func(offset int) int
}

// sqlToken is a word, an operator or a sign of it. Strings, numbers and comments
// say nothing of the features and are left out, but for their place.
type sqlToken struct {
	kind sqlKind
	text string
	line int
}

type sqlKind byte

const (
	sqlWord     sqlKind = 'w'
	sqlQuoted   sqlKind = 'q' // "C"
	sqlOperator sqlKind = 'o' // = or @@
	sqlSign     sqlKind = 's' // one of ( ) [ ] , ; . and ::
	sqlValue    sqlKind = 'v' // a string, a number, a parameter, or what Go puts in
)

// goVerb is where Go puts a value in.
var goVerb = regexp.MustCompile(`^%[#+]?[0-9]*[sdvqt]\b`)

const operatorSigns = "+-*/<>=~!@#%^&|?"

// tokensOf reads SQL as Postgres does. The body of a function is read like what
// is around it, as statements of its own.
func tokensOf(s sqlText) []sqlToken {
	var list []sqlToken
	text := s.text
	for i := 0; i < len(text); {
		kind, end := nextToken(text, i)
		if kind != 0 {
			t := sqlToken{kind, text[i:end], s.line(i)}
			if strings.HasPrefix(t.text, "$") && strings.HasSuffix(t.text, "$") {
				t = sqlToken{sqlSign, ";", t.line}
			}
			list = append(list, t)
		}
		i = end
	}
	return list
}

// nextToken returns the kind of the token that begins at i, 0 for space and
// comments, and where it ends.
func nextToken(text string, i int) (sqlKind, int) {
	rest := text[i:]
	upTo := func(end string, from int) int {
		if n := strings.Index(rest[from:], end); n >= 0 {
			return i + from + n + len(end)
		}
		return len(text)
	}
	span := func(from int, in func(byte) bool) int {
		for from < len(rest) && in(rest[from]) {
			from++
		}
		return i + from
	}
	switch c := rest[0]; {
	case strings.HasPrefix(rest, "--"):
		return 0, upTo("\n", 0)
	case strings.HasPrefix(rest, "/*"):
		return 0, upTo("*/", 2)
	case c == '\'':
		return sqlValue, upTo("'", 1) // '' inside one is two that touch
	case c == '"':
		return sqlQuoted, upTo(`"`, 1)
	case c == '$' && len(rest) > 1 && digit(rest[1]), c == '@' && len(rest) > 1 && letter(rest[1]):
		return sqlValue, span(1, letterOrDigit)
	case c == '$':
		return sqlSign, upTo("$", 1) // a body begins or ends
	case goVerb.MatchString(rest):
		return sqlValue, i + len(goVerb.FindString(rest))
	case rest == "@":
		return sqlValue, i + 1 // the name of a parameter is to come
	case letter(c):
		return sqlWord, span(1, letterOrDigit)
	case digit(c):
		return sqlValue, span(1, letterOrDigit)
	case strings.HasPrefix(rest, "::"):
		return sqlSign, i + 2
	case strings.IndexByte(operatorSigns, c) >= 0:
		end := 1
		for end < len(rest) && strings.IndexByte(operatorSigns, rest[end]) >= 0 && !(rest[end] == '@' && end+1 < len(rest) && letter(rest[end+1])) {
			end++
		}
		return sqlOperator, i + end
	case strings.IndexByte(" \t\r\n", c) >= 0:
		return 0, i + 1
	}
	return sqlSign, i + 1
}

func letter(c byte) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func digit(c byte) bool  { return '0' <= c && c <= '9' }

func letterOrDigit(c byte) bool { return letter(c) || digit(c) }

// migrationTexts returns the migrations.
func migrationTexts(t *testing.T) []sqlText {
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d migrations, %v", len(names), err)
	}
	var list []sqlText
	for _, name := range names {
		b, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, plainSQL("migrations/"+name, string(b)))
	}
	return list
}

func plainSQL(file, text string) sqlText {
	return sqlText{file, text, func(offset int) int { return 1 + strings.Count(text[:offset], "\n") }}
}

// programTexts returns the strings of the Go files of package store, and what it
// asks of Postgres by functions of pgx, as SQL says it.
func programTexts(t *testing.T) []sqlText {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var list []sqlText
	for _, name := range files {
		if !strings.HasSuffix(name, "_test.go") {
			list = append(list, goTexts(t, name, nil)...)
		}
	}
	return list
}

// goTexts returns the strings of one Go file; src may be nil, for the file itself.
func goTexts(t *testing.T, name string, src any) []sqlText {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	r := &goReader{file: "store/" + name, set: set}
	ast.Inspect(file, r.visit)
	return r.list
}

type goReader struct {
	file string
	set  *token.FileSet
	list []sqlText
}

// toPeople are calls whose strings are for people; of a logger, by the method.
var toPeople = []string{"fmt.Errorf", "errors.New", "panic", "Debug", "Info", "Warn", "Error", "Log"}

func (r *goReader) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec:
		return false
	case *ast.Field:
		return n.Tag == nil // no tag is SQL, and a type holds none
	case *ast.CallExpr:
		name := nameOf(n.Fun)
		r.byFunction(name, n)
		return !slices.Contains(toPeople, name) && !slices.Contains(toPeople, name[strings.LastIndex(name, ".")+1:])
	case *ast.SelectorExpr:
		if option := pgxOptions[nameOf(n)]; option != "" {
			r.add(n.Pos(), option)
		}
	case *ast.KeyValueExpr:
		key, _ := n.Key.(*ast.Ident)
		return key == nil || key.Name != "Message"
	case *ast.BinaryExpr:
		if n.Op == token.ADD && r.join(n) {
			return false
		}
	case *ast.BasicLit:
		if n.Kind == token.STRING {
			r.join(n)
		}
	}
	return true
}

// pgxOptions are what pgx puts into the statements that it writes itself.
var pgxOptions = map[string]string{
	"pgx.RepeatableRead": "REPEATABLE READ", "pgx.Serializable": "SERIALIZABLE", "pgx.ReadCommitted": "READ COMMITTED",
	"pgx.ReadOnly": "READ ONLY", "pgx.Deferrable": "DEFERRABLE",
}

// byFunction adds the SQL that functions of pgx stand for.
func (r *goReader) byFunction(name string, call *ast.CallExpr) {
	switch method := name[strings.LastIndex(name, ".")+1:]; {
	case method == "CopyFrom":
		r.add(call.Pos(), "COPY")
	case method == "WaitForNotification":
		r.add(call.Pos(), "LISTEN")
	case method == "LargeObjects":
		r.add(call.Pos(), "lo_open(")
	case name == "pgx.BeginFunc" && len(call.Args) > 1 && slices.Contains([]string{"tx", "outer"}, nameOf(call.Args[1])):
		r.add(call.Pos(), "SAVEPOINT") // one begun in another
	}
}

func (r *goReader) add(at token.Pos, sql string) {
	line := r.set.Position(at).Line
	r.list = append(r.list, sqlText{r.file, sql, func(int) int { return line }})
}

// join adds the strings of a sum as one text, with a gap for what is no string,
// which is looked into as well. It tells whether there was a string.
func (r *goReader) join(e ast.Expr) bool {
	type part struct{ offset, line, lines int }
	var text strings.Builder
	var parts []part
	for _, operand := range operandsOf(e) {
		lit, ok := operand.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			text.WriteString(" %s ")
			if call, ok := operand.(*ast.CallExpr); ok {
				ast.Inspect(call, r.visit)
			}
			continue
		}
		s, err := strconv.Unquote(lit.Value)
		if err != nil {
			continue
		}
		p := part{offset: text.Len(), line: r.set.Position(lit.Pos()).Line}
		if lit.Value[0] == '`' {
			p.lines = 1
		}
		parts = append(parts, p)
		text.WriteString(s)
	}
	all := text.String()
	if len(parts) == 0 {
		return false
	}
	r.list = append(r.list, sqlText{r.file, all, func(offset int) int {
		last := parts[0]
		for _, p := range parts {
			if p.offset <= offset {
				last = p
			}
		}
		return last.line + last.lines*strings.Count(all[min(last.offset, offset):offset], "\n")
	}})
	return true
}

func operandsOf(e ast.Expr) []ast.Expr {
	if sum, ok := e.(*ast.BinaryExpr); ok && sum.Op == token.ADD {
		return append(operandsOf(sum.X), operandsOf(sum.Y)...)
	}
	return []ast.Expr{e}
}

// nameOf is a function or variable as it is written, as pgx.BeginFunc.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return nameOf(e.X) + "." + e.Sel.Name
	}
	return ""
}
