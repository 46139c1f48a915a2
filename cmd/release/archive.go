package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"os"
	"slices"
	"time"
)

// file is one file of an archive.
type file struct {
	name    string
	content []byte
	mode    int64
}

// archive is a folder of files, all of one moment and of nobody, so that it is
// the same whoever packs it, and when.
type archive struct {
	name   string
	moment time.Time
	files  []file
}

func (a *archive) add(name, path string, mode int64) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	a.files = append(a.files, file{name, b, mode})
	return nil
}

// sorted are the files by name: no order of a folder or a map shows.
func (a *archive) sorted() []file {
	return slices.SortedFunc(slices.Values(a.files), func(x, y file) int { return cmp.Compare(x.name, y.name) })
}

// tarGz packs for systems that have modes. A buffer takes everything, so that
// nothing of it can fail.
func (a *archive) tarGz() []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one
	t := tar.NewWriter(z)
	for _, f := range a.sorted() {
		_ = t.WriteHeader(&tar.Header{Name: a.name + "/" + f.name, Mode: f.mode, Size: int64(len(f.content)), ModTime: a.moment,
			Typeflag: tar.TypeReg, Format: tar.FormatUSTAR})
		_, _ = t.Write(f.content)
	}
	_ = t.Close()
	_ = z.Close()
	return b.Bytes()
}

// zip packs for Windows.
func (a *archive) zip() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range a.sorted() {
		h := &zip.FileHeader{Name: a.name + "/" + f.name, Method: zip.Deflate, Modified: a.moment}
		h.SetMode(os.FileMode(f.mode))
		w, _ := z.CreateHeader(h)
		_, _ = w.Write(f.content)
	}
	_ = z.Close()
	return b.Bytes()
}
