package kubelet

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// image is what stands for a container image: folders with programs.
type image struct {
	// Path lists the folders, absolute, the first that has a program wins.
	Path []string `json:"path"`
	// Entrypoint and Command are the image's own: a container's command replaces both, its arguments only the second.
	Entrypoint []string `json:"entrypoint"`
	Command    []string `json:"command"`
}

// images is keyed by image name; a name without a tag stands for every tag of it.
type images map[string]image

func readImages(path string) (images, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var table images
	return table, json.Unmarshal(content, &table)
}

func (table images) find(name string) (image, bool) {
	if found, ok := table[name]; ok {
		return found, true
	}
	// The last colon separates the tag, unless it is the one of the registry's port.
	if colon := strings.LastIndex(name, ":"); colon > strings.LastIndex(name, "/") {
		name = name[:colon]
	}
	found, ok := table[name]
	return found, ok
}

// words are the command line of a container.
func (i image) words(command, arguments []string) []string {
	if len(command) == 0 {
		command = i.Entrypoint
		if len(arguments) == 0 {
			arguments = i.Command
		}
	}
	return slices.Concat(command, arguments)
}

// program gives the path of a program of the image. Where it lies in the real image does not matter, only its name.
func (i image) program(command string) (string, error) {
	for _, folder := range i.Path {
		path := filepath.Join(folder, filepath.Base(command))
		if information, err := os.Stat(path); err == nil && information.Mode()&0o111 != 0 && !information.IsDir() {
			return path, nil
		}
	}
	return "", fmt.Errorf("exec: %q: executable file not found in the image, which has %s", command, strings.Join(i.Path, ":"))
}
