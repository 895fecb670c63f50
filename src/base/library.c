/* Libraries by dlopen: all functions of a table, or none. */
#include "base/library.h"

#include <dlfcn.h>

bool
library_find(struct library *library, struct fault *fault)
{
	void *handle = library->handle;

	if (handle != NULL)
		return true;
	handle = dlopen(library->file, RTLD_LAZY | RTLD_LOCAL);
	if (handle == NULL)
		return fault_set(fault, library->class, "%s needs %s, which "
		    "is not here: %.150s", library->use, library->name,
		    dlerror());
	for (size_t i = 0; i < library->count; i++) {
		const struct library_row *row = &library->rows[i];

		*row->real = dlsym(handle, row->name);
		if (*row->real == NULL) {
			(void)dlclose(handle);
			return fault_set(fault, library->class, "this "
			    "machine's %s has no %s: it is too old or too new",
			    library->file, row->name);
		}
	}
	library->handle = handle;
	return true;
}
