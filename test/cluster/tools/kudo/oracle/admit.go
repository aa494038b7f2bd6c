package main

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"unsafe"

	jsonpatch "github.com/evanphx/json-patch"
	"k8s.io/api/admission/v1beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/kudobuilder/kudo/pkg/apis"
	kudoapi "github.com/kudobuilder/kudo/pkg/apis/kudo/v1beta1"
	kudohook "github.com/kudobuilder/kudo/pkg/webhook"
)

type admitQuestion struct {
	Object           json.RawMessage           `json:"object,omitempty"`
	OldObject        json.RawMessage           `json:"oldObject,omitempty"`
	OperatorVersions []kudoapi.OperatorVersion `json:"operatorVersions,omitempty"`
}

// admissionOracle is KUDO's InstanceAdmission; each question brings its own operator versions.
type admissionOracle struct {
	scheme  *runtime.Scheme
	handler *kudohook.InstanceAdmission
}

func newAdmission() (*admissionOracle, error) {
	scheme := runtime.NewScheme()
	if err := apis.AddToScheme(scheme); err != nil {
		return nil, err
	}
	decoder, err := admission.NewDecoder(scheme)
	if err != nil {
		return nil, err
	}
	handler := &kudohook.InstanceAdmission{}
	return &admissionOracle{scheme: scheme, handler: handler}, handler.InjectDecoder(decoder)
}

func (o *admissionOracle) admit(q admitQuestion) answer {
	created := kudoapi.Instance{}
	if err := json.Unmarshal(q.Object, &created); err != nil {
		return failure(err)
	}
	o.useClient(fake.NewFakeClientWithScheme(o.scheme, defaultNamespace(q.OperatorVersions, created.Namespace)...))
	request := admission.Request{AdmissionRequest: v1beta1.AdmissionRequest{
		Operation: v1beta1.Create,
		Namespace: created.Namespace,
		Name:      created.Name,
		Object:    runtime.RawExtension{Raw: q.Object},
	}}
	if len(q.OldObject) > 0 && string(q.OldObject) != "null" {
		request.Operation = v1beta1.Update
		request.OldObject = runtime.RawExtension{Raw: q.OldObject}
	}
	return admitted(o.handler.Handle(context.Background(), request), q.Object)
}

// useClient sets the unexported client of KUDO's handler: its constructor asks for a real API server.
func (o *admissionOracle) useClient(c client.Client) {
	field := reflect.ValueOf(o.handler).Elem().FieldByName("client")
	reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Set(reflect.ValueOf(c))
}

// defaultNamespace puts operator versions without a namespace where the Instance is.
func defaultNamespace(versions []kudoapi.OperatorVersion, namespace string) []runtime.Object {
	objects := make([]runtime.Object, 0, len(versions))
	for i := range versions {
		if versions[i].Namespace == "" {
			versions[i].Namespace = namespace
		}
		objects = append(objects, &versions[i])
	}
	return objects
}

func admitted(response admission.Response, object []byte) answer {
	if !response.Allowed {
		return refused(response.Result)
	}
	if len(response.Patches) == 0 {
		return answer{"allowed": true, "patches": []string{}, "object": json.RawMessage(object)}
	}
	operations, err := json.Marshal(response.Patches)
	if err != nil {
		return failure(err)
	}
	patch, err := jsonpatch.DecodePatch(operations)
	if err != nil {
		return failure(err)
	}
	patched, err := patch.Apply(object)
	if err != nil {
		return failure(err)
	}
	return answer{"allowed": true, "patches": json.RawMessage(operations), "object": json.RawMessage(patched)}
}

// refused keeps the reason too: Denied puts its text there, Errored into the message.
func refused(result *metav1.Status) answer {
	if result == nil {
		return answer{"allowed": false, "code": http.StatusForbidden, "message": ""}
	}
	message := result.Message
	if message == "" {
		message = string(result.Reason)
	}
	return answer{"allowed": false, "code": result.Code, "message": message}
}
