// Finding what the kernel asks for (PROTOCOL.md, "Base protocol revisions", "Features", "Requests Delimiters").
//
// Requests lie on 8-byte boundaries in the loaded image, between the last start marker and the first end marker if
// there are any. They are answered in the order of features[], after all have been found.
#include "boot.h"

#define NEWEST_BASE_REVISION 3
#define FEATURE_LIMIT 24

uint32_t base_revision;
static struct limine_request *found[FEATURE_LIMIT];
static uint64_t *first, *last; // the words in which requests count
static bool listed;

static void delimit(void)
{
	static const uint64_t start[4] = LIMINE_REQUESTS_START, end[2] = LIMINE_REQUESTS_END;
	first = (uint64_t *)kernel.image;
	last = (uint64_t *)(kernel.image + (uint32_t)(kernel.end - kernel.base));
	for (uint64_t *at = first; at + 2 <= last; at++) {
		if (*at == start[0] && at + 4 <= last && !memcmp(at, start, sizeof start))
			first = at + 4;
		else if (*at == end[0] && at[1] == end[1]) {
			last = at;
			return;
		}
	}
}

static void answer_base_revision(void)
{
	for (uint64_t *at = first; at + 3 <= last; at++) {
		if (at[0] != LIMINE_BASE_REVISION_0 || at[1] != LIMINE_BASE_REVISION_1)
			continue;
		bool supported = at[2] <= NEWEST_BASE_REVISION;
		base_revision = supported ? (uint32_t)at[2] : NEWEST_BASE_REVISION;
		at[1] = base_revision; // which one the kernel is started with
		if (supported)
			at[2] = 0;
		return;
	}
}

static void take(struct limine_request *request)
{
	for (uint32_t i = 0; i < feature_count; i++) {
		if (request->id[2] != features[i].id[0] || request->id[3] != features[i].id[1])
			continue;
		if (found[i])
			fail("the kernel has the request %X %X twice", request->id[2], request->id[3]);
		found[i] = request;
	}
}

void requests_find(void)
{
	delimit();
	answer_base_revision();
	struct limine_request *request;
	for (uint32_t n = 0; base_revision == 0 && (request = kernel_listed_request(n)); n++, listed = true)
		take(request);
	for (uint64_t *at = first; !listed && at + 6 <= last; at++)
		if (at[0] == LIMINE_COMMON_MAGIC_0 && at[1] == LIMINE_COMMON_MAGIC_1)
			take((struct limine_request *)at);
}

void requests_answer(void)
{
	for (uint32_t i = 0; i < feature_count; i++) {
		if (!found[i])
			continue;
		void *response = features[i].respond(found[i]);
		if (response)
			found[i]->response = higher(response);
	}
}
