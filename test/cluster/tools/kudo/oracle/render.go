package main

import (
	kudoapi "github.com/kudobuilder/kudo/pkg/apis/kudo/v1beta1"
	"github.com/kudobuilder/kudo/pkg/controller/instance"
	"github.com/kudobuilder/kudo/pkg/engine/renderer"
)

type renderQuestion struct {
	Name            string                   `json:"name,omitempty"`
	Template        string                   `json:"template,omitempty"`
	Params          map[string]interface{}   `json:"params,omitempty"`
	Pipes           map[string]string        `json:"pipes,omitempty"`
	Meta            renderer.Metadata        `json:"meta,omitempty"`
	Instance        *kudoapi.Instance        `json:"instance,omitempty"`
	OperatorVersion *kudoapi.OperatorVersion `json:"operatorVersion,omitempty"`
}

// render expands one template with KUDO's engine: strict about missing keys, without the functions that read the host.
func render(q renderQuestion) answer {
	params := q.Params
	if q.Instance != nil && q.OperatorVersion != nil {
		decoded, err := instance.ParamsMap(q.Instance, q.OperatorVersion)
		if err != nil {
			return failure(err)
		}
		params = decoded
	}
	name := q.Name
	if name == "" {
		name = "template"
	}
	variables := renderer.NewVariableMap().WithMetadata(q.Meta).WithParameters(params).WithPipes(q.Pipes)
	output, err := renderer.New().Render(name, q.Template, variables)
	if err != nil {
		return failure(err)
	}
	return answer{"output": output}
}
