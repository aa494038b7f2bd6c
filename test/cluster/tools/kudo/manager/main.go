// Command kudo-manager is KUDO's manager v0.19.0 with free ports.
//
// It sets up the same controllers, the same admission webhook and the same schemes as KUDO's own cmd/manager. What
// KUDO fixes (webhook on 443, metrics on 8080) comes from flags here, so that several managers fit on one machine.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	apiextv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	"k8s.io/client-go/discovery/cached/memory"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"github.com/kudobuilder/kudo/pkg/apis"
	"github.com/kudobuilder/kudo/pkg/controller/instance"
	"github.com/kudobuilder/kudo/pkg/controller/operator"
	"github.com/kudobuilder/kudo/pkg/controller/operatorversion"
	"github.com/kudobuilder/kudo/pkg/kubernetes"
	kudohook "github.com/kudobuilder/kudo/pkg/webhook"
)

// admissionPath is what KUDO's cmd/manager derives from group, version and kind of an Instance.
const admissionPath = "/admit-kudo-dev-v1beta1-instance"

// settings are the manager's flags. --kubeconfig is defined by controller-runtime; KUBECONFIG works too.
type settings struct {
	webhookHost string
	webhookPort int
	metricsAddr string
	certDir     string
}

func readSettings() settings {
	s := settings{}
	flag.StringVar(&s.webhookHost, "webhook-host", "", "address that the admission webhook listens on; empty: all")
	flag.IntVar(&s.webhookPort, "webhook-port", 443, "port that the admission webhook listens on")
	flag.StringVar(&s.metricsAddr, "metrics-addr", ":8080", "address of the metrics; 0 switches them off")
	flag.StringVar(&s.certDir, "cert-dir", defaultCertDir(), "folder with tls.crt and tls.key; default $KUDO_CERT_DIR")
	flag.Parse()
	return s
}

func defaultCertDir() string {
	if dir, ok := os.LookupEnv("KUDO_CERT_DIR"); ok {
		return dir
	}
	return filepath.Join("/tmp", "cert")
}

// syncPeriod reads KUDO_SYNCPERIOD, the minimum frequency at which watched resources are reconciled.
func syncPeriod() (*time.Duration, error) {
	text, ok := os.LookupEnv("KUDO_SYNCPERIOD")
	if !ok {
		return nil, nil
	}
	period, err := time.ParseDuration(text)
	return &period, err
}

func main() {
	if err := run(readSettings()); err != nil {
		log.Printf("kudo-manager: %v", err)
		os.Exit(1)
	}
}

func run(s settings) error {
	period, err := syncPeriod()
	if err != nil {
		return fmt.Errorf("KUDO_SYNCPERIOD: %w", err)
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		CertDir:            s.certDir,
		Host:               s.webhookHost,
		Port:               s.webhookPort,
		MetricsBindAddress: s.metricsAddr,
		SyncPeriod:         period,
	})
	if err != nil {
		return err
	}
	if err := addSchemes(mgr); err != nil {
		return err
	}
	if err := addControllers(mgr); err != nil {
		return err
	}
	admission, err := kudohook.NewInstanceAdmission(mgr.GetConfig(), mgr.GetScheme())
	if err != nil {
		return fmt.Errorf("admission webhook: %w", err)
	}
	mgr.GetWebhookServer().Register(admissionPath, &webhook.Admission{Handler: admission})
	log.Printf("kudo-manager: starting, webhook on port %d", s.webhookPort)
	return mgr.Start(ctrl.SetupSignalHandler())
}

// addSchemes registers KUDO's types and both extension APIs, which KUDO's health checks want typed.
func addSchemes(mgr manager.Manager) error {
	if err := apis.AddToScheme(mgr.GetScheme()); err != nil {
		return err
	}
	if err := apiextv1.AddToScheme(mgr.GetScheme()); err != nil {
		return err
	}
	return apiextv1beta1.AddToScheme(mgr.GetScheme())
}

func addControllers(mgr manager.Manager) error {
	if err := (&operator.Reconciler{Client: mgr.GetClient()}).SetupWithManager(mgr); err != nil {
		return fmt.Errorf("operator controller: %w", err)
	}
	if err := (&operatorversion.Reconciler{Client: mgr.GetClient()}).SetupWithManager(mgr); err != nil {
		return fmt.Errorf("operator version controller: %w", err)
	}
	discovery, err := kubernetes.GetDiscoveryClient(mgr)
	if err != nil {
		return err
	}
	err = (&instance.Reconciler{
		Client:    mgr.GetClient(),
		Config:    mgr.GetConfig(),
		Discovery: memory.NewMemCacheClient(discovery),
		Recorder:  mgr.GetEventRecorderFor("instance-controller"),
		Scheme:    mgr.GetScheme(),
	}).SetupWithManager(mgr)
	if err != nil {
		return fmt.Errorf("instance controller: %w", err)
	}
	return nil
}
