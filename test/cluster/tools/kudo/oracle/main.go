// Command kudo-oracle answers questions about KUDO v0.19.0 with KUDO's own code, as JSON lines on stdin and stdout.
//
// One question a line, one answer a line, in order. Every question has "op" and may have "id", which comes back:
//
//	{"op":"admit","object":{Instance},"oldObject":{Instance},"operatorVersions":[{OperatorVersion}]}
//	  → {"allowed":true,"patches":[JSON patch operations],"object":{Instance after the patch}}
//	  → {"allowed":false,"code":403,"message":"…"}          no oldObject: a create
//	{"op":"convert","files":{"operator.yaml":"…","params.yaml":"…","templates/a.yaml":"…"}}  or  {"op":"convert","dir":"/path"}
//	  → {"operator":{…},"operatorVersion":{…},"instance":{…}}
//	{"op":"render","template":"…","params":{…},"pipes":{…},"meta":{"InstanceName":"…","PlanName":"…",…}}
//	  → {"output":"…"}                                     params as templates see them
//	{"op":"render","template":"…","instance":{Instance},"operatorVersion":{OperatorVersion},"meta":{…}}
//	  → {"output":"…"}                                     params from the Instance and the defaults, decoded by type
//
// What KUDO refuses as an error comes back as {"error":"…"}. Randomness (plan uids) is KUDO's own.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
)

// question is the union of all questions' fields.
type question struct {
	ID json.RawMessage `json:"id,omitempty"`
	Op string          `json:"op"`
	admitQuestion
	convertQuestion
	renderQuestion
}

// answer carries the id of its question beside the result's own fields.
type answer map[string]interface{}

func main() {
	log.SetOutput(io.Discard) // KUDO logs a line for every admission
	admission, err := newAdmission()
	if err == nil {
		err = serve(os.Stdin, os.Stdout, admission)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "kudo-oracle:", err)
		os.Exit(1)
	}
}

func serve(in io.Reader, out io.Writer, admission *admissionOracle) error {
	lines := bufio.NewReaderSize(in, 1<<20)
	writer := bufio.NewWriter(out)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 1 {
			if err := encoder.Encode(reply(line, admission)); err != nil {
				return err
			}
			// Nothing is held back while the asker waits; in a stream of questions answers leave together.
			if lines.Buffered() == 0 {
				if err := writer.Flush(); err != nil {
					return err
				}
			}
		}
		if err == io.EOF {
			return writer.Flush()
		}
		if err != nil {
			return err
		}
	}
}

func reply(line []byte, admission *admissionOracle) (result answer) {
	q := question{}
	defer func() {
		if cause := recover(); cause != nil {
			result = answer{"error": fmt.Sprint(cause), "panic": true}
		}
		if q.ID != nil {
			result["id"] = q.ID
		}
	}()
	if err := json.Unmarshal(line, &q); err != nil {
		return failure(err)
	}
	switch q.Op {
	case "admit":
		return admission.admit(q.admitQuestion)
	case "convert":
		return convertPackage(q.convertQuestion)
	case "render":
		return render(q.renderQuestion)
	default:
		return failure(fmt.Errorf("unknown op %q: use admit, convert or render", q.Op))
	}
}

func failure(err error) answer {
	return answer{"error": err.Error()}
}
