package main

import (
	"path"

	"github.com/spf13/afero"

	"github.com/kudobuilder/kudo/pkg/kudoctl/packages/reader"
)

type convertQuestion struct {
	Files map[string]string `json:"files,omitempty"`
	Dir   string            `json:"dir,omitempty"`
}

// convertPackage reads an operator package as KUDO's CLI does and turns it into KUDO's objects.
func convertPackage(q convertQuestion) answer {
	fs, dir := afero.NewOsFs(), q.Dir
	if q.Files != nil {
		fs, dir = afero.NewMemMapFs(), "/package"
		for name, text := range q.Files {
			if err := afero.WriteFile(fs, path.Join(dir, name), []byte(text), 0o600); err != nil {
				return failure(err)
			}
		}
	}
	resources, err := reader.ResourcesFromDir(fs, dir)
	if err != nil {
		return failure(err)
	}
	return answer{
		"operator":        resources.Operator,
		"operatorVersion": resources.OperatorVersion,
		"instance":        resources.Instance,
	}
}
