// Package kubelet is a node that runs the containers of its pods as plain processes of this machine: no root, no images, no
// isolation. It is for tests that need the real program behind a pod, such as a database that elects a leader.
//
//	node.go       the Node object, and what makes volumes for claims (storage.go)
//	pod.go        the life of a pod: volumes, containers, status, end        supported.go  what it refuses
//	container.go  the life of a container: start, restart, stop              probes.go     when it is ready or has to be restarted
//	process.go    processes, none of which outlives this program             images.go     which programs an image has
//	volumes.go    volumes as directories          environment.go  variables, and mount paths rewritten to those directories
//	address.go    pod addresses                   dns.go          names of pods and services
//	server.go     logs and exec
package kubelet

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/record"
)

// Options tell a node what it is. All paths are absolute.
type Options struct {
	// Name of the node.
	Name string
	// Kubeconfig of an administrator.
	Kubeconfig string
	// Directory for volumes, logs and what else pods leave behind.
	Directory string
	// Images is the path of a JSON file: image name → programs.
	Images string
	// Certificate and Key are shown to the API server, which has to show one of Authority.
	Certificate, Key, Authority string
}

type kubelet struct {
	options   Options
	client    kubernetes.Interface
	events    record.EventRecorder
	images    images
	addresses *addresses

	lock sync.Mutex
	pods map[types.UID]*pod
}

// Run is the node until the context ends. It prints one line, the address of its DNS server, when it is ready for pods.
func Run(ctx context.Context, options Options) error {
	config, err := clientcmd.BuildConfigFromFlags("", options.Kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 1000, 2000
	config.UserAgent = "kubelet"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	images, err := readImages(options.Images)
	if err != nil {
		return err
	}
	addresses, dnsSocket, err := claimAddresses()
	if err != nil {
		return err
	}
	broadcaster := record.NewBroadcaster()
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: client.CoreV1().Events("")})
	defer broadcaster.Shutdown()
	k := &kubelet{
		options:   options,
		client:    client,
		events:    broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "kubelet", Host: options.Name}),
		images:    images,
		addresses: addresses,
		pods:      map[types.UID]*pod{},
	}

	shared := informers.NewSharedInformerFactory(client, 0)
	go serveNames(dnsSocket, addresses, shared.Discovery().V1().EndpointSlices().Lister())
	if err := k.provideStorage(ctx, shared); err != nil {
		return err
	}
	port, err := k.serve()
	if err != nil {
		return err
	}
	shared.Start(ctx.Done())
	shared.WaitForCacheSync(ctx.Done())
	if err := k.register(ctx, port); err != nil {
		return err
	}
	k.watchPods(ctx)
	fmt.Fprintln(os.Stdout, addresses.dnsServer())
	<-ctx.Done()
	return nil
}

func (k *kubelet) watchPods(ctx context.Context) {
	own := fields.OneTermEqualSelector("spec.nodeName", k.options.Name)
	source := cache.NewListWatchFromClient(k.client.CoreV1().RESTClient(), "pods", "", own)
	_, controller := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: source,
		ObjectType:    &corev1.Pod{},
		Handler: cache.ResourceEventHandlerFuncs{
			AddFunc:    func(object any) { k.observe(ctx, object.(*corev1.Pod)) },
			UpdateFunc: func(_, object any) { k.observe(ctx, object.(*corev1.Pod)) },
			DeleteFunc: func(object any) {
				if unknown, ok := object.(cache.DeletedFinalStateUnknown); ok {
					object = unknown.Obj
				}
				k.forget(object.(*corev1.Pod))
			},
		},
	})
	go controller.RunWithContext(ctx)
}

// observe starts a pod that is new and ends one that is being deleted.
func (k *kubelet) observe(ctx context.Context, object *corev1.Pod) {
	k.lock.Lock()
	defer k.lock.Unlock()
	p := k.pods[object.UID]
	if p == nil {
		p = newPod(ctx, k, object)
		k.pods[object.UID] = p
		go p.run()
	}
	if object.DeletionTimestamp != nil {
		p.terminate(time.Duration(*object.DeletionGracePeriodSeconds) * time.Second)
	}
}

// forget ends a pod that nobody will ask for any more.
func (k *kubelet) forget(object *corev1.Pod) {
	k.lock.Lock()
	defer k.lock.Unlock()
	if p := k.pods[object.UID]; p != nil {
		delete(k.pods, object.UID)
		p.terminate(0)
		go p.cleanUp()
	}
}

// podByName finds a pod that this node runs.
func (k *kubelet) podByName(namespace, name string) *pod {
	k.lock.Lock()
	defer k.lock.Unlock()
	for _, p := range k.pods {
		if p.object.Namespace == namespace && p.object.Name == name {
			return p
		}
	}
	return nil
}
