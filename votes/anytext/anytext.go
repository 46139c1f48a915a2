// Package anytext puts a text into every field of a record that takes one, for
// tests: whatever the texts of a record are, what is made of it has to be whole.
package anytext

import (
	"reflect"
	"slices"
)

// Fill sets every text that the value points to, in whatever depth, to text: all
// fields of the types string, Text and Symbol, and what maps of texts hold. Words
// of closed lists, which the record holds no others of, have types of their own or
// are named in leave.
func Fill(value any, text string, leave ...string) {
	fill(reflect.ValueOf(value), text, leave)
}

func fill(v reflect.Value, text string, leave []string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			fill(v.Elem(), text, leave)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !slices.Contains(leave, f.Name) {
				fill(v.Field(i), text, leave)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), text, leave)
		}
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.String && !v.IsNil() {
			v.SetMapIndex(reflect.ValueOf(text).Convert(v.Type().Key()), reflect.ValueOf(text).Convert(v.Type().Elem()))
			return
		}
		for _, key := range v.MapKeys() {
			fill(v.MapIndex(key), text, leave)
		}
	case reflect.String:
		if name := v.Type().Name(); v.CanSet() && (name == "string" || name == "Text" || name == "Symbol") {
			v.SetString(text)
		}
	}
}
