/*
 * Paths to files. There is one volume, the CD, mounted at "/". Names are compared exactly; a plain ISO 9660
 * disc, without long names, shows its identifiers in lower case.
 */
#include "disk.h"

#define PATH_MAX 512

static struct node root;
static bool mounted;
static unsigned generation; /* of the disc that is mounted */
static const char *error = "";

const char *file_error(void) { return error; }

static bool fail(const char *why) {
	error = why;
	return false;
}

/* Makes `root` that of the disc in the drive. */
static bool mount(void) {
	unsigned now;
	if (!atapi_ready(&now)) {
		mounted = false;
		return fail("no disc");
	}
	if (mounted && now == generation) return true;
	mounted = iso_mount(&root);
	generation = now;
	if (!mounted) return fail("no ISO 9660 volume on the disc");
	dprintf("iso9660: mounted at /, %s names\n", iso_names());
	return true;
}

void path_init(void) {
	if (!mount()) dprintf("iso9660: %s\n", error);
}

/* One step of a path: the search for a name in a directory. */
struct search {
	const char *name; /* not NUL-terminated */
	size_t length;
	bool found;
	struct node node;
	struct file_info *info;
};

static void fill_info(struct file_info *info, const char *name, const struct node *node, const struct date *modified) {
	strlcpy(info->name, name, sizeof info->name);
	info->size = node->size;
	info->is_directory = node->is_directory;
	info->modified = *modified;
}

static bool match(const char *name, const struct node *node, const struct date *modified, void *context) {
	struct search *search = context;
	if (strlen(name) != search->length || strncmp(name, search->name, search->length) != 0) return true;
	search->found = true;
	search->node = *node;
	fill_info(search->info, name, node, modified);
	return false;
}

/*
 * Writes `path` without empty steps and with . and .. resolved: "/a/b", or "" for the root. .. at the
 * root stays there.
 */
static bool normalise(const char *path, char to[PATH_MAX]) {
	size_t length = 0;
	while (*path) {
		while (*path == '/') path++;
		const char *end = strchr(path, '/');
		size_t step = end ? (size_t)(end - path) : strlen(path);
		if (step == 2 && path[0] == '.' && path[1] == '.') {
			while (length > 0 && to[--length] != '/') {}
		} else if (step > 0 && !(step == 1 && path[0] == '.')) {
			if (length + 1 + step >= PATH_MAX) return fail("the path is too long");
			to[length++] = '/';
			memcpy(to + length, path, step);
			length += step;
		}
		path += step;
	}
	to[length] = 0;
	return true;
}

static bool lookup(const char *path, struct node *node, struct file_info *info) {
	char clean[PATH_MAX];
	if (!mount() || !normalise(path, clean)) return false;
	*node = root;
	fill_info(info, "/", node, &(struct date){ 0 });
	for (const char *at = clean; *at;) {
		const char *name = at + 1, *end = strchr(name, '/');
		struct search search = { name, end ? (size_t)(end - name) : strlen(name), false, { 0 }, info };
		if (!node->is_directory) return fail("not a directory");
		if (!iso_list(node, match, &search)) return fail("read error");
		if (!search.found) return fail("no such file");
		*node = search.node;
		at = name + search.length;
	}
	return true;
}

bool file_stat(const char *path, struct file_info *info) {
	struct node node;
	return lookup(path, &node, info);
}

void *file_read(const char *path, size_t *size) {
	struct node node;
	struct file_info info;
	if (!lookup(path, &node, &info)) return NULL;
	if (node.is_directory) return fail("is a directory"), NULL;
	char *bytes = kmalloc((size_t)node.size + 1);
	if (!bytes) return fail("out of memory"), NULL;
	if (!iso_read(&node, bytes, node.size)) {
		kfree(bytes);
		return fail("read error"), NULL;
	}
	bytes[node.size] = 0;
	*size = node.size;
	return bytes;
}

struct listing {
	bool (*each)(const struct file_info *info, void *context);
	void *context;
};

static bool report(const char *name, const struct node *node, const struct date *modified, void *context) {
	struct listing *listing = context;
	struct file_info info;
	fill_info(&info, name, node, modified);
	return listing->each(&info, listing->context);
}

bool file_list(const char *path, bool (*each)(const struct file_info *info, void *context), void *context) {
	struct node node;
	struct file_info info;
	struct listing listing = { each, context };
	if (!lookup(path, &node, &info)) return false;
	if (!node.is_directory) return fail("not a directory");
	return iso_list(&node, report, &listing) || fail("read error");
}
