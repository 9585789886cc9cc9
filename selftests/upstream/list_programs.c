// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs in BPF objects, tab-separated.  For each program
 *	program, object, name, type, attach type, helpers, fields of the context,
 *	types of the object's maps
 * and for each declaration tag of it, which is how a test says what it expects,
 *	tag, object, name, text
 *
 * usage: list_programs OBJECT...
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>

#include "scan.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void list_maps(const struct bpf_object *object)
{
	const struct bpf_map *map;
	bool first = true;

	bpf_object__for_each_map(map, object) {
		printf("%s%s", first ? "" : ",", libbpf_bpf_map_type_str(bpf_map__type(map)));
		first = false;
	}
}

static void list_tags(const struct bpf_object *object, const char *file, const char *name)
{
	const struct btf *btf = bpf_object__btf(object);
	int function = btf ? btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) : -1;

	if (function < 0)
		return;
	for (unsigned int id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (!btf_is_decl_tag(type) || (int)type->type != function ||
		    btf_decl_tag(type)->component_idx != -1)
			continue;
		printf("tag\t%s\t%s\t", file, name);
		scan_print_text(btf__str_by_offset(btf, type->name_off));
		printf("\n");
	}
}

static void list_program(const struct bpf_object *object, const char *file,
			 const struct bpf_program *program)
{
	const char *name = bpf_program__name(program);
	const char *attach =
		libbpf_bpf_attach_type_str(bpf_program__expected_attach_type(program));
	struct scan scan = {};

	scan_insns(&scan, bpf_program__insns(program), bpf_program__insn_cnt(program));
	printf("program\t%s\t%s\t%s\t%s", file, name,
	       libbpf_bpf_prog_type_str(bpf_program__type(program)) ?: "", attach ?: "");
	scan_print(&scan);
	printf("\t");
	list_maps(object);
	printf("\n");
	list_tags(object, file, name);
}

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return 0;
}

int main(int argc, char **argv)
{
	struct bpf_program *program;

	libbpf_set_print(quiet);
	for (int i = 1; i < argc; i++) {
		struct bpf_object *object = bpf_object__open_file(argv[i], NULL);

		if (!object) {
			/* Some are only parts of an object. */
			fprintf(stderr, "list_programs: cannot open %s\n", argv[i]);
			continue;
		}
		bpf_object__for_each_program(program, object)
			list_program(object, base_name(argv[i]), program);
		bpf_object__close(object);
	}
	return 0;
}
