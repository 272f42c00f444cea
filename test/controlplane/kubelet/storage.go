package kubelet

import (
	"context"
	"log"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// The default storage class: a claim gets a directory, which stays until the claim is deleted.
const (
	storageClass = "directory"
	provisioner  = "fairlead.dev/directory"
)

// provideStorage makes the class, volumes for its claims, and removes the volumes whose claims are gone.
func (k *kubelet) provideStorage(ctx context.Context, shared informers.SharedInformerFactory) error {
	reclaim := corev1.PersistentVolumeReclaimDelete
	_, err := k.client.StorageV1().StorageClasses().Create(ctx, &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{
			Name:        storageClass,
			Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"},
		},
		Provisioner:   provisioner,
		ReclaimPolicy: &reclaim,
	}, metav1.CreateOptions{})
	if err != nil && !errors.IsAlreadyExists(err) {
		return err
	}
	provide := func(object any) {
		claim := object.(*corev1.PersistentVolumeClaim)
		class := claim.Spec.StorageClassName
		if claim.Status.Phase != corev1.ClaimPending || claim.Spec.VolumeName != "" || class == nil || *class != storageClass {
			return
		}
		if err := k.makeVolume(ctx, claim); err != nil && !errors.IsAlreadyExists(err) {
			log.Printf("making a volume for %s/%s: %v", claim.Namespace, claim.Name, err)
		}
	}
	reclaimed := func(object any) {
		volume := object.(*corev1.PersistentVolume)
		if volume.Status.Phase != corev1.VolumeReleased || volume.Spec.StorageClassName != storageClass {
			return
		}
		if volume.Spec.PersistentVolumeReclaimPolicy != corev1.PersistentVolumeReclaimDelete {
			return
		}
		if err := os.RemoveAll(volume.Spec.HostPath.Path); err != nil {
			log.Printf("removing %s: %v", volume.Name, err)
		}
		_ = k.client.CoreV1().PersistentVolumes().Delete(ctx, volume.Name, metav1.DeleteOptions{})
	}
	core := shared.Core().V1()
	if _, err := core.PersistentVolumeClaims().Informer().AddEventHandler(onChange(provide)); err != nil {
		return err
	}
	_, err = core.PersistentVolumes().Informer().AddEventHandler(onChange(reclaimed))
	return err
}

func onChange(handle func(object any)) cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{AddFunc: handle, UpdateFunc: func(_, object any) { handle(object) }}
}

// makeVolume makes a volume that is meant for the claim; the controller manager binds the two.
func (k *kubelet) makeVolume(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	name := "pvc-" + string(claim.UID)
	path := filepath.Join(k.options.Directory, "volumes", name)
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	_, err := k.client.CoreV1().PersistentVolumes().Create(ctx, &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{"pv.kubernetes.io/provisioned-by": provisioner}},
		Spec: corev1.PersistentVolumeSpec{
			AccessModes:                   claim.Spec.AccessModes,
			Capacity:                      claim.Spec.Resources.Requests,
			ClaimRef:                      &corev1.ObjectReference{Kind: "PersistentVolumeClaim", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID},
			PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimDelete,
			PersistentVolumeSource:        corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: path}},
			StorageClassName:              storageClass,
		},
	}, metav1.CreateOptions{})
	return err
}
