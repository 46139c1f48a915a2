package votes_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"

	"scvotes/votes"
)

// The writer of JSON has to know every member that there is, and to write each
// as json.Marshal does: an account is known again by these bytes. Values of every
// kind are drawn for every field, so that a new one is not forgotten.
func TestAppendJSONIsJSON(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		var a votes.Account
		var r votes.Resolution
		draw(rnd, reflect.ValueOf(&a).Elem())
		draw(rnd, reflect.ValueOf(&r).Elem())
		same(t, a, a.AppendJSON(nil))
		same(t, r, r.AppendJSON(nil))
		same(t, struct {
			*votes.Resolution
			Provenance []votes.FieldSource `json:"provenance"`
		}{&r, r.Provenance}, r.AppendRecordJSON(nil))
		same(t, r.Links, r.Links.AppendJSON(nil))
		same(t, r.Provenance, votes.AppendProvenance(nil, r.Provenance))
		line, err := votes.LineJSON(&r)
		if err != nil {
			t.Fatal(err)
		}
		whole := r.NoNulls()
		whole.Detail = nil
		var api bytes.Buffer
		e := json.NewEncoder(&api)
		e.SetEscapeHTML(false)
		if err := e.Encode(whole); err != nil || string(line)+"\n" != api.String() {
			t.Errorf("%v, a line:\n%s\nas the API encodes it:\n%s", err, line, &api)
		}
		if r.Detail != nil {
			same(t, r.Sources, votes.AppendSources(nil, r.Sources))
		}
		if t.Failed() {
			return
		}
	}
}

func same(t *testing.T, v any, have []byte) {
	t.Helper()
	want, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != string(want) {
		t.Errorf("%T:\n%s\njson.Marshal:\n%s", v, have, want)
	}
}

// draw fills a value, half of it with nothing.
func draw(rnd *rand.Rand, v reflect.Value) {
	if rnd.IntN(2) == 0 && v.Kind() != reflect.Struct {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString([]string{"S/2024/835", `"quoted" \ <b>&`, "Côte d'Ivoire", "line\nbreak\t\x00", "bad \xff", "\u2028"}[rnd.IntN(6)])
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(rnd.IntN(2000) - 1000))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		draw(rnd, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), rnd.IntN(3), 3))
		for i := range v.Len() {
			draw(rnd, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range rnd.IntN(4) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			draw(rnd, key)
			draw(rnd, value)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			draw(rnd, v.Field(i))
		}
	default:
		panic("a field of kind " + v.Kind().String())
	}
}
