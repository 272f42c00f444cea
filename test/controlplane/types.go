package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apimachinery/pkg/runtime"
	aggregator "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
)

// typeTable is what a client cannot learn from the OpenAPI documents: the Go types of the API, as the JSON and protobuf codecs see them.
type typeTable struct {
	// Kinds tells the type of each "group/version/kind".
	Kinds map[string]string `json:"kinds"`
	// Types are keyed by package path and name.
	Types map[string]goType `json:"types"`
}

type goType struct {
	Name string `json:"name"`
	// Model is the name in the OpenAPI documents.
	Model string `json:"model,omitempty"`
	// Custom types read and write their JSON themselves; their fields mean nothing.
	Custom bool      `json:"custom,omitempty"`
	Fields []goField `json:"fields,omitempty"`
	// Of describes a named type that is no struct.
	Of *goShape `json:"of,omitempty"`
}

type goField struct {
	// Name and Options are the parts of the json tag.
	Name    string   `json:"name"`
	Options []string `json:"options,omitempty"`
	// Embedded lists the Go names of the structs through which the field is inlined.
	Embedded      []string `json:"embedded,omitempty"`
	Protobuf      string   `json:"protobuf,omitempty"`
	PatchStrategy string   `json:"patchStrategy,omitempty"`
	PatchMergeKey string   `json:"patchMergeKey,omitempty"`
	Shape         goShape  `json:"shape"`
}

// goShape is a type as it is used: pointer, slice, map, a named type or a basic one.
type goShape struct {
	Kind string `json:"kind"`
	// Type is set where the type has a name of its own.
	Type string   `json:"type,omitempty"`
	Key  *goShape `json:"key,omitempty"`
	Elem *goShape `json:"elem,omitempty"`
}

var (
	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
	marshaler   = reflect.TypeFor[json.Marshaler]()
	modelNamed  = reflect.TypeFor[interface{ OpenAPIModelName() string }]()
)

// writeTypes writes the types of all kinds that the API server knows, with all the types that they are made of.
func writeTypes(file string) error {
	table := typeTable{Kinds: map[string]string{}, Types: map[string]goType{}}
	for _, scheme := range []*runtime.Scheme{legacyscheme.Scheme, apiextensions.Scheme, aggregator.Scheme} {
		for kind, known := range scheme.AllKnownTypes() {
			if kind.Version == runtime.APIVersionInternal {
				continue
			}
			table.Kinds[kind.Group+"/"+kind.Version+"/"+kind.Kind] = table.add(known)
		}
	}
	encoded, err := json.Marshal(table)
	if err != nil {
		return err
	}
	return os.WriteFile(file, encoded, 0o600)
}

// add describes a named type, and the types that it needs, and returns its key.
func (table typeTable) add(named reflect.Type) string {
	key := named.PkgPath() + "." + named.Name()
	if _, done := table.Types[key]; done {
		return key
	}
	// A type may contain itself.
	table.Types[key] = goType{}
	described := goType{Name: named.Name()}
	pointer := reflect.PointerTo(named)
	if pointer.Implements(modelNamed) {
		described.Model = reflect.New(named).Interface().(interface{ OpenAPIModelName() string }).OpenAPIModelName()
	}
	described.Custom = pointer.Implements(unmarshaler) || pointer.Implements(marshaler)
	switch {
	case named.Kind() != reflect.Struct:
		of := table.unnamed(named)
		described.Of = &of
	case !described.Custom:
		described.Fields = table.fields(named, nil)
	}
	table.Types[key] = described
	return key
}

// fields lists the fields that JSON knows; those of inlined structs stand where the struct stands.
func (table typeTable) fields(structure reflect.Type, embedded []string) []goField {
	var fields []goField
	for i := range structure.NumField() {
		field := structure.Field(i)
		tag := strings.Split(field.Tag.Get("json"), ",")
		name, options := tag[0], tag[1:]
		if name == "-" || !field.IsExported() {
			continue
		}
		if field.Anonymous && name == "" {
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			path := append(append([]string{}, embedded...), field.Name)
			fields = append(fields, table.inlined(field, inner, path)...)
			continue
		}
		if name == "" {
			name = field.Name
		}
		fields = append(fields, goField{
			Name:          name,
			Options:       options,
			Embedded:      embedded,
			Protobuf:      field.Tag.Get("protobuf"),
			PatchStrategy: field.Tag.Get("patchStrategy"),
			PatchMergeKey: field.Tag.Get("patchMergeKey"),
			Shape:         table.shape(field.Type),
		})
	}
	return fields
}

// inlined lists the fields of an inlined struct. In protobuf such a struct is a message of its own: its number leads theirs.
func (table typeTable) inlined(field reflect.StructField, inner reflect.Type, path []string) []goField {
	fields := table.fields(inner, path)
	if number := field.Tag.Get("protobuf"); number != "" {
		for i := range fields {
			fields[i].Protobuf = number + ";" + fields[i].Protobuf
		}
	}
	return fields
}

func (table typeTable) shape(of reflect.Type) goShape {
	if of.Name() != "" && of.PkgPath() != "" {
		return goShape{Kind: "named", Type: table.add(of)}
	}
	return table.unnamed(of)
}

func (table typeTable) unnamed(of reflect.Type) goShape {
	shape := goShape{Kind: of.Kind().String()}
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		elem := table.shape(of.Elem())
		shape.Elem = &elem
	case reflect.Map:
		key, elem := table.shape(of.Key()), table.shape(of.Elem())
		shape.Key, shape.Elem = &key, &elem
	}
	return shape
}
